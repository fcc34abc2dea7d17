// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Commit is one append as it is in the log.
type Commit struct {
	Seq int64
	// At is the time of the commit by the store's clock, microseconds.
	At       int64
	Source   string
	Moves    []store.Move
	Counters store.Counters
	// Trust that the batch states, nil for none.
	Trust *store.Trust
	// Answer has the numbers of events that were not stored.
	Answer         store.Appended
	NewestReceived int64
	Events         []event.Event
	// Indexes of the events in the batch that was sent.
	Indexes []int32
}
