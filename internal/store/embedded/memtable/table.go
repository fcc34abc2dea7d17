// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package memtable keeps in memory the events of the log that are not in sorted files yet, as sorted runs, for scans and for the next flush.
package memtable

import (
	"slices"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// sealRows is the number of events of a run.
const sealRows = 8192

// asIsBytes is how much log accumulates if flushes keep up. Only what is beyond it is worth compressing.
const asIsBytes = 64 << 20

// Table holds the events that are in no sorted file. It is safe for concurrent use.
type Table struct {
	people *persons.Table
	// tidying is held while runs are merged.
	tidying sync.Mutex

	mu   sync.Mutex
	runs []*run.Run
	// events that are not in a run yet.
	events []event.Event
	places []place
	// bytes is the size of the table's events in the log.
	bytes int64
	// cut is the latest commit that a flush has taken. Runs on both sides of it are not merged, so that those before it can be dropped.
	cut int64
}

type place struct {
	seq   int64
	index int32
}

// New returns a table of events whose persons are in the identity table.
func New(people *persons.Table) *Table { return &Table{people: people} }

// Add adds the events of a commit, each with its index in its batch, and their size in the log.
func (t *Table) Add(seq int64, events []event.Event, indexes []int32, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += bytes
	for i := 0; i < len(events); {
		if t.events == nil {
			t.events, t.places = make([]event.Event, 0, sealRows), make([]place, 0, sealRows)
		}
		end := min(i+sealRows-len(t.events), len(events))
		t.events = append(t.events, events[i:end]...)
		for ; i < end; i++ {
			t.places = append(t.places, place{seq: seq, index: indexes[i]})
		}
		if len(t.events) >= sealRows {
			t.seal()
		}
	}
}

// seal makes a run of the collected events.
func (t *Table) seal() {
	if len(t.events) == 0 {
		return
	}
	t.runs = append(slices.Clip(t.runs), runOf(t.events, t.places, t.people, t.bytes < asIsBytes))
	clear(t.events) // The texts can be freed. The memory is reused.
	t.events, t.places = t.events[:0], t.places[:0]
}

// Runs returns the runs that start at or before a commit. They can also have later rows.
func (t *Table) Runs(upTo int64) []*run.Run {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seal()
	return slices.DeleteFunc(slices.Clone(t.runs), func(r *run.Run) bool { return r.MinSeq > upTo })
}

// Cut returns the runs of all events, up to the latest commit seq, and their size in the log. They stay until they are dropped.
func (t *Table) Cut(seq int64) (runs []*run.Run, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seal()
	t.cut = seq
	return t.runs, t.bytes
}

// Drop removes the runs up to a commit at which the table was cut, and their size in the log.
func (t *Table) Drop(seq, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs = slices.DeleteFunc(slices.Clone(t.runs), func(r *run.Run) bool { return r.MaxSeq <= seq })
	t.bytes -= bytes
}

// Bytes returns the size of the table's events in the log.
func (t *Table) Bytes() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes
}

// Rows returns the number of rows in the table.
func (t *Table) Rows() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := int64(len(t.events))
	for _, r := range t.runs {
		n += r.Rows
	}
	return n
}
