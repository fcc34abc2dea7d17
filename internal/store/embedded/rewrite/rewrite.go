// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rewrite makes sorted files of runs and of other sorted files, and looks into them for who is to be erased. It merges what is sorted already,
// and sorts the rows that belong to another person than where they are. Its memory is bounded, however large the files: what does not fit goes to
// temporary files. Files that it made exist only when a manifest names them.
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

// BucketRows is about how many rows a file has at most: larger results are split by person.
const BucketRows = 4 << 20

// Options of how files are made.
type Options struct {
	// GroupRows are in a row group at most.
	GroupRows int64
	// Memory for the row groups that are merged at a time, in bytes, and for rows that are sorted: a quarter each of what else there is. Two row
	// groups that are written come on top.
	Memory int64
	// Behind says that row groups are encoded and compressed by another goroutine than the one that merges.
	Behind bool
}

// Files makes sorted files on a volume.
type Files struct {
	volume  *volume.Volume
	options Options
}

// New files on a volume.
func New(v *volume.Volume, o Options) *Files { return &Files{volume: v, options: o} }

// Session makes files with the persons of one version of the identity table. It serves one goroutine.
type Session struct {
	files *Files
	view  *identity.View
}

// At a version of the identity table.
func (f *Files) At(view *identity.View) *Session { return &Session{files: f, view: view} }

// Rewrite writes the chosen rows of files of one month into new files. More than BucketRows rows are split by ranges of persons. After each new
// file it calls between, if that is not nil. Damaged files are an error.
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

// Task is files of one month that are written again, and what is chosen of their rows.
type Task struct {
	Parts  []*part.Part
	Choice Choice
}

// RewriteAll does one task after the other. After an error nothing is left of the tasks before it: no manifest will name their files, and an erasure
// would not look into them.
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

// sink takes rows in the order of a file.
type sink interface {
	add(rows.Stretch) error
	// settle reads what was added, of which blocks are not valid any more.
	settle() error
}

// merge the rows of sources.
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

// blockRows are merged at once at most.
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

// next continues to the next range.
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

// abort removes the file that is open: what failed neither completes it nor flushes the log behind it.
func (p *byPerson) abort() error {
	if p.file == nil {
		return nil
	}
	return p.file.abort()
}
