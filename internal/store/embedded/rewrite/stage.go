// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// Stage collects the rows of a load in temporary files of one month each, sorted by anchor, because the persons are only known once all rows are there.
// Their commit is 0. It must not be used by several goroutines at once. It sorts and writes some rows in the background while it collects the next ones.
type Stage struct {
	session *Session
	events  []event.Event
	indexes []int32
	bytes   int64
	// spilling returns the files that are being written; nil while there are none.
	spilling chan spilled
	parts    []*part.Part
	// Bytes is the size of the files.
	Bytes int64
}

type spilled struct {
	metas []part.Meta
	err   error
}

const (
	// stageShare is the share of the memory, one in stageShare, for collected rows. Rows that are being sorted use about twice as much.
	stageShare = 8
	// stagedEvent is the memory of an event without its texts.
	stagedEvent = 512
)

// Stage starts to collect rows. Close it.
func (f *Files) Stage() *Stage { return &Stage{session: f.At(identity.NewView(0, nil, nil))} }

// Add adds events with their indexes.
func (s *Stage) Add(events []event.Event, indexes []int32) error {
	for i := range events {
		e := &events[i]
		s.bytes += stagedEvent + int64(len(e.Traits)+len(e.Groups)+len(e.Items)+len(e.Properties)+len(e.ID)+len(e.SessionID)+len(e.OrderID))
		for _, id := range e.Identities {
			s.bytes += 64 + int64(len(id.Value))
		}
	}
	s.events, s.indexes = append(s.events, events...), append(s.indexes, indexes...)
	if s.bytes < s.session.files.options.Memory/stageShare {
		return nil
	}
	return s.spill()
}

// spill writes the collected rows in the background.
func (s *Stage) spill() error {
	if err := s.settle(); err != nil || len(s.events) == 0 {
		return err
	}
	done := make(chan spilled, 1)
	go func(events []event.Event, indexes []int32) {
		metas, err := s.session.stage(events, indexes)
		done <- spilled{metas, err}
	}(s.events, s.indexes)
	s.spilling, s.events, s.indexes, s.bytes = done, nil, nil, 0
	return nil
}

// settle waits until nothing is being written.
func (s *Stage) settle() error {
	if s.spilling == nil {
		return nil
	}
	out := <-s.spilling
	s.spilling = nil
	for _, m := range out.metas {
		s.parts, s.Bytes = append(s.parts, part.Temporary(s.session.files.volume, m)), s.Bytes+m.Bytes
	}
	return out.err
}

// Parts returns the files of all rows that were added.
func (s *Stage) Parts() ([]*part.Part, error) {
	err := s.spill()
	return s.parts, errors.Join(err, s.settle())
}

// Months returns the files by month, the earliest first.
func (s *Stage) Months() ([][]*part.Part, error) {
	parts, err := s.Parts()
	if err != nil {
		return nil, err
	}
	byMonth := map[string][]*part.Part{}
	var names []string
	for _, p := range parts {
		if byMonth[p.Month] == nil {
			names = append(names, p.Month)
		}
		byMonth[p.Month] = append(byMonth[p.Month], p)
	}
	slices.Sort(names)
	var months [][]*part.Part
	for _, name := range names {
		months = append(months, byMonth[name])
	}
	return months, nil
}

// Close removes the files. After an error, it can be called again.
func (s *Stage) Close() error {
	_ = s.settle() // The caller has seen the error, or no longer needs it.
	s.events, s.indexes, s.Bytes = nil, nil, 0
	var err error
	s.parts = slices.DeleteFunc(s.parts, func(p *part.Part) bool {
		removeErr := s.session.files.volume.RemoveIfThere(p.Path())
		err = errors.Join(err, removeErr)
		return removeErr == nil
	})
	return err
}

// stage sorts events, and writes a temporary file for each month. After an error, it removes them.
func (s *Session) stage(events []event.Event, indexes []int32) (written []part.Meta, err error) {
	anchors, persons := make([]event.Anchor, len(events)), make([]uint64, len(events))
	var months []month
	last := -1
	for i := range events {
		anchors[i] = events[i].Anchor()
		persons[i] = uint64(anchors[i])
		months, last = withMonth(months, last, events[i].Time)
	}
	sorted := memtable.Unsorted(parquet.Wants, events, anchors, persons, func(i int) (int64, int32) { return 0, indexes[i] }).Sort()
	for some := range slices.Chunk(months, flushMonths) {
		to := &byMonth{create: s.createTemporary, months: some}
		if err = to.add(rows.Stretch{Block: sorted, End: sorted.Rows}); err == nil {
			err = to.settle()
		}
		if err == nil {
			var files []part.Meta
			files, err = to.finish()
			written = append(written, files...)
		}
		if err != nil {
			return nil, errors.Join(err, to.abort(), s.removeTemporary(written))
		}
	}
	return written, nil
}

func (s *Session) removeTemporary(files []part.Meta) error {
	var err error
	for _, m := range files {
		err = errors.Join(err, s.files.volume.RemoveIfThere(part.Temporary(s.files.volume, m).Path()))
	}
	return err
}

// Holds reports whether the files of a load have rows of the anchors, or an identity of theirs.
func (s *Stage) Holds(ctx context.Context, anchors []event.Anchor) (bool, error) {
	parts, err := s.Parts()
	if err != nil {
		return false, err
	}
	_, holders, err := s.session.files.Find(ctx, parts, anchors)
	return len(holders) > 0, err
}
