// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rewrite writes sorted files from runs and from other sorted files, and searches them for identities to erase. It merges what is already
// sorted, and sorts the rows that belong to another person than the one they are stored with. Its memory is bounded for files of any size: what does
// not fit is written to temporary files. Its files only exist once a manifest names them.
package rewrite

import (
	"context"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// BucketRows is the approximate maximum number of rows of a file. Larger results are split by person.
const BucketRows = 4 << 20

// Options for writing files.
type Options struct {
	// GroupRows is the maximum number of rows of a row group.
	GroupRows int64
	// Memory in bytes for the row groups that are merged at a time, and for rows to sort, which get a quarter of it. Two row groups that are being
	// written come in addition.
	Memory int64
	// Behind is set if another goroutine encodes and compresses row groups in the background.
	Behind bool
}

// Files writes sorted files on a volume.
type Files struct {
	volume  *volume.Volume
	options Options
}

// New returns Files for a volume.
func New(v *volume.Volume, o Options) *Files { return &Files{volume: v, options: o} }

// Session writes files with the persons of one version of the identity table. It must not be used by several goroutines at once.
type Session struct {
	files *Files
	view  *identity.View
}

// At returns a session for a version of the identity table.
func (f *Files) At(view *identity.View) *Session { return &Session{files: f, view: view} }

// Rewrite writes the chosen rows of files of one month to new files. More than BucketRows rows are split by ranges of persons. It calls between, if
// not nil, after each new file. Damaged files are an error.
func (s *Session) Rewrite(ctx context.Context, parts []*part.Part, c Choice, between func(context.Context) error) (written []part.Meta, err error) {
	total := int64(0)
	for _, p := range parts {
		if err := p.Verify(); err != nil {
			return nil, err
		}
		total += p.Rows
	}
	g := newGathering(s, c)
	defer func() { err = errors.Join(err, g.close()) }()
	for _, p := range parts {
		if err := g.add(ctx, p); err != nil {
			return nil, err
		}
	}
	from, err := g.open(ctx)
	if err != nil {
		return nil, err
	}
	to := &byPerson{ctx: ctx, session: s, month: parts[0].Month, ranges: block.Ranges(int(total/BucketRows) + 1), between: between}
	if err = merge(ctx, g.query, from, to); err == nil {
		err = to.end()
	}
	if err != nil {
		return nil, errors.Join(err, to.abort(), s.files.remove(to.written))
	}
	return to.written, nil
}

// Task is a set of files of one month to rewrite, and the choice of their rows.
type Task struct {
	Parts  []*part.Part
	Choice Choice
}

// RewriteAll runs the tasks in order. After an error, it removes the files of previous tasks: no manifest will name them, and an erasure would not search them.
func (s *Session) RewriteAll(ctx context.Context, tasks []Task, between func(context.Context) error) (written []part.Meta, err error) {
	for _, t := range tasks {
		files, err := s.Rewrite(ctx, t.Parts, t.Choice, between)
		if err != nil {
			return nil, errors.Join(err, s.files.remove(written))
		}
		written = append(written, files...)
	}
	return written, nil
}

// sink receives rows in the order of a file.
type sink interface {
	add(rows.Stretch) error
	// settle reads the added rows, whose blocks become invalid.
	settle() error
}

// merge merges the rows of sources.
func merge(ctx context.Context, q *rows.Query, from []rows.Source, to sink) error {
	m, err := rows.NewMerger(q, from)
	if err != nil {
		return err
	}
	for {
		s, err := m.Next(blockRows)
		if err != nil {
			return err
		}
		if s.Block == nil {
			return to.settle()
		}
		if err := to.add(s); err != nil {
			return err
		}
		if !s.Last {
			continue
		}
		if err := errors.Join(ctx.Err(), to.settle()); err != nil {
			return err
		}
	}
}

// blockRows is the maximum number of rows that are merged at once.
const blockRows = 8192

// byPerson writes files for ranges of persons.
type byPerson struct {
	ctx     context.Context //nolint:containedctx // it is that of the one call that the sink serves
	session *Session
	month   string
	ranges  []block.Range
	between func(context.Context) error
	file    *output
	written []part.Meta
}

func (p *byPerson) add(s rows.Stretch) error {
	for s.First < s.End {
		end := s.End
		if persons := s.Block.Persons.Values; persons[len(persons)-1] > p.ranges[0].To {
			_, behind := s.Block.Persons.Between(0, p.ranges[0].To)
			end = min(end, behind)
		}
		if end <= s.First {
			if err := p.next(); err != nil {
				return err
			}
			continue
		}
		if p.file == nil {
			var err error
			if p.file, err = p.session.create(p.month); err != nil {
				return err
			}
		}
		if err := p.file.Add(s.Block, s.Run, s.First, end); err != nil {
			return err
		}
		s.First = end
		for s.Run < len(s.Block.Persons.Ends) && int(s.Block.Persons.Ends[s.Run]) <= end {
			s.Run++
		}
	}
	return nil
}

func (p *byPerson) settle() error {
	if p.file == nil {
		return nil
	}
	return p.file.Settle()
}

// next ends the current file, and moves on to the next range.
func (p *byPerson) next() error {
	p.ranges = p.ranges[1:]
	if p.file == nil {
		return nil
	}
	meta, err := p.file.finish()
	p.file = nil
	if err != nil {
		return err
	}
	p.written = append(p.written, meta)
	if p.between == nil {
		return nil
	}
	return p.between(p.ctx)
}

// end ends the last file.
func (p *byPerson) end() error { return p.next() }

// abort removes the open file. After a failure, it neither completes the file nor flushes the log behind it.
func (p *byPerson) abort() error {
	if p.file == nil {
		return nil
	}
	return p.file.abort()
}
