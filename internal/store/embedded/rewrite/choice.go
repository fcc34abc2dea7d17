// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Choice selects the rows of files to keep, and what to change in them.
type Choice struct {
	// stayed rows belong to the person that they have in their file, moved rows do not.
	stayed, moved bool
	// since is the time of the first rows to keep, and before that of the first ones to omit.
	since, before int64
	// without are anchors whose rows are omitted, and strip are identities that are removed from other rows.
	without map[uint64]bool
	strip   map[event.Identity]bool
	// dropped are events of a source that are omitted; nil for none.
	dropped *Dropped
	// only is set if everything else is omitted instead.
	only bool
	// missing reports whether the row with an index is omitted; nil for none.
	missing func(index int32) bool
}

var (
	// All rows.
	All = Choice{stayed: true, moved: true, since: math.MinInt64, before: math.MaxInt64}
	// Stayed are the rows that belong to the person that they have in their file.
	Stayed = Choice{stayed: true, since: math.MinInt64, before: math.MaxInt64}
	// Moved are the others.
	Moved = Choice{moved: true, since: math.MinInt64, before: math.MaxInt64}
)

// Since keeps the events from an instant on, in microseconds.
func Since(instant int64) Choice {
	c := All
	c.since = instant
	return c
}

// Before keeps the others.
func Before(instant int64) Choice {
	c := All
	c.before = instant
	return c
}

// Without keeps the events of other anchors, and removes the identities from them.
func Without(anchors []event.Anchor, values []event.Identity) Choice {
	c := All
	c.without, c.strip = anchorSet(anchors), map[event.Identity]bool{}
	for _, v := range values {
		c.strip[v] = true
	}
	return c
}

// Dropped are events of a source.
type Dropped struct {
	Source    string
	Selection store.Selection
}

// Dropping keeps all events but these.
func Dropping(d *Dropped) Choice {
	c := All
	c.dropped = d
	return c
}

// Only keeps these events.
func Only(d *Dropped) Choice {
	c := Dropping(d)
	c.only = true
	return c
}

// Missing omits rows by their index. All rows are of one commit.
func Missing(index func(index int32) bool) Choice {
	c := All
	c.missing = index
	return c
}

func anchorSet(anchors []event.Anchor) map[uint64]bool {
	set := make(map[uint64]bool, len(anchors))
	for _, a := range anchors {
		set[uint64(a)] = true
	}
	return set
}
