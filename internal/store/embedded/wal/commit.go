// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Commit is one append in the log.
type Commit struct {
	Seq int64
	// At is the time of the commit by the store's clock, in microseconds.
	At       int64
	Source   string
	Moves    []store.Move
	Counters store.Counters
	// Trust in the batch; nil for none.
	Trust *store.Trust
	// Import that the events belong to; empty for none.
	Import string
	// Answer counts the events that were not stored.
	Answer         store.Appended
	NewestReceived int64
	Events         []event.Event
	// Indexes of the events in the batch as it was sent.
	Indexes []int32
}
