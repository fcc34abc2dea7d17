// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// sealRows is how many events of the tail become one run.
const sealRows = 8192

// asIsBytes of log are what sorting lets come together when it keeps pace: only what is beyond is worth compressing.
const asIsBytes = 64 << 20

// tail is what the log holds beyond the sorted files, in memory, for scans and for sorting. The state lock guards it.
type tail struct {
	runs []*rowRun
	// open rows, not in a run yet.
	events []event.Event
	places []place
	// bytes of the log that the tail stands for.
	bytes int64
	// cut is the newest commit that sorting has taken: runs on both sides of it are not made one, so that it can be dropped.
	cut int64
}

type place struct {
	seq   int64
	index int32
}

func (t *tail) add(c *wal.Commit, bytes int64, people *identity.Table) {
	t.bytes += bytes
	for i := 0; i < len(c.Events); {
		if t.events == nil {
			t.events, t.places = make([]event.Event, 0, sealRows), make([]place, 0, sealRows)
		}
		end := min(i+sealRows-len(t.events), len(c.Events))
		t.events = append(t.events, c.Events[i:end]...)
		for ; i < end; i++ {
			t.places = append(t.places, place{seq: c.Seq, index: c.Indexes[i]})
		}
		if len(t.events) >= sealRows {
			t.seal(people)
		}
	}
}

// seal makes a run of the open rows.
func (t *tail) seal(people *identity.Table) {
	if len(t.events) == 0 {
		return
	}
	t.runs = append(slices.Clip(t.runs), runOf(t.events, t.places, people, t.bytes < asIsBytes))
	clear(t.events) // The texts may go. The room is used again.
	t.events, t.places = t.events[:0], t.places[:0]
}

// upTo gives the runs that begin before or with the commit. Only commits behind a seal are cut off cleanly; the rest is the reader's filter.
func (t *tail) upTo(seq int64, people *identity.Table) []*rowRun {
	t.seal(people)
	return slices.DeleteFunc(slices.Clone(t.runs), func(r *rowRun) bool { return r.MinSeq > seq })
}

// replace some runs by one that has their rows, unless some are gone.
func (t *tail) replace(group []*rowRun, by *rowRun) {
	rest := slices.DeleteFunc(slices.Clone(t.runs), func(r *rowRun) bool { return slices.Contains(group, r) })
	if len(rest)+len(group) == len(t.runs) {
		t.runs = append(rest, by)
	}
}

// drop the runs up to the commit, which is the last one of a run, and their bytes of log.
func (t *tail) drop(seq, bytes int64) {
	t.runs = slices.DeleteFunc(slices.Clone(t.runs), func(r *rowRun) bool { return r.MaxSeq <= seq })
	t.bytes -= bytes
}

func (t *tail) rows() int64 {
	n := int64(len(t.events))
	for _, r := range t.runs {
		n += r.Rows
	}
	return n
}
