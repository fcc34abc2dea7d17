// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// gathering collects the rows of a rewrite within its memory limit: row groups, and rows to sort. Others are written to temporary files, which are
// merged like the parts.
type gathering struct {
	session *Session
	choice  Choice
	query   *rows.Query
	// moved are the rows that are not stored with their person.
	moved *rows.Sorter
	from  []input
	// temporary files.
	temporary []*part.Part
	opened    []rows.Source
}

// input is a part to merge, without the rows that are gone from it.
type input struct {
	part   *part.Part
	gone   *rows.Moved
	memory int64
}

func newGathering(s *Session, c Choice) *gathering {
	g := &gathering{session: s, choice: c, query: rows.Whole(parquet.Wants)}
	g.query.Between(c.since, c.before)
	g.moved = rows.NewSorter(g.query)
	return g
}

// sorterShare is the share of the memory for rows to sort, one in sorterShare. The rest is for row groups.
const sorterShare = 4

// add adds a part: it collects the rows that moved, and registers the part for the others.
func (g *gathering) add(ctx context.Context, p *part.Part) error {
	moved, gone, err := g.search(p)
	if err != nil {
		return err
	}
	if g.choice.moved && !moved.None() {
		err := p.CollectEach(g.query, moved, g.session.view, g.moved, func() error {
			if g.moved.Bytes() < g.session.files.options.Memory/sorterShare {
				return ctx.Err()
			}
			return errors.Join(ctx.Err(), g.spillMoved())
		})
		if err != nil {
			return err
		}
	}
	if !g.choice.stayed {
		return nil
	}
	in := input{part: p, gone: gone}
	if in.memory, err = p.Memory(); err == nil {
		g.from = append(g.from, in)
	}
	return err
}

// search finds the rows of a part that belong to another person now, and those that are omitted: these, and those that are erased.
func (g *gathering) search(p *part.Part) (moved, gone *rows.Moved, err error) {
	left, n := map[uint64]uint64{}, int64(0)
	erased, m := map[uint64]uint64{}, int64(0)
	view := g.session.view
	err = p.Each(nil, func(b *block.Block, anchors *block.Runs) error {
		before := int32(0)
		block.EachPair(&b.Persons, anchors, func(person, anchor uint64, end int32) {
			switch {
			case g.choice.without[anchor]:
				erased[anchor] = person
				m += int64(end - before)
			case view.PersonOf(event.Anchor(anchor)) != person:
				left[anchor] = person
				n += int64(end - before)
			}
			before = end
		})
		return nil
	})
	moved = rows.NewMoved(view.Version(), left, n)
	if len(erased) == 0 {
		return moved, moved, err
	}
	for anchor, person := range left {
		erased[anchor] = person
	}
	return moved, rows.NewMoved(view.Version(), erased, n+m), err
}

// spillMoved writes the rows that were collected so far to a temporary file. The sorter is empty afterwards.
func (g *gathering) spillMoved() error {
	sorted := g.moved.Sort()
	if sorted.Rows == 0 {
		return nil
	}
	return g.spill(func(f *output) error {
		return errors.Join(f.Add(sorted, 0, 0, sorted.Rows), f.Settle())
	})
}

// spill writes a temporary file, which is merged like the parts.
func (g *gathering) spill(write func(*output) error) error {
	f, err := g.session.createTemporary("")
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.abort())
	}
	meta, err := f.finish()
	if err != nil {
		return err
	}
	p := part.Temporary(g.session.files.volume, meta)
	g.temporary = append(g.temporary, p)
	in := input{part: p}
	if in.memory, err = p.Memory(); err == nil {
		g.from = append(g.from, in)
	}
	return err
}

// open returns the sources of all rows. If there are more than memory allows, it first merges some into temporary files, the smallest first.
func (g *gathering) open(ctx context.Context) ([]rows.Source, error) {
	for {
		n := g.fitting()
		if n == len(g.from) {
			break
		}
		first := slices.Clone(g.from[:n])
		g.from = slices.Delete(g.from, 0, n)
		from, err := g.sources(first)
		if err == nil {
			err = g.spill(func(f *output) error { return merge(ctx, g.query, from, fileSink{f}) })
		}
		if err := errors.Join(err, g.closeOpened()); err != nil {
			return nil, err
		}
		if err := g.remove(first); err != nil {
			return nil, err
		}
	}
	from, err := g.sources(g.from)
	if err != nil {
		return nil, err
	}
	return append(from, g.filtered(g.moved)), nil
}

// remove the temporary files among inputs that were merged: the volume has each row once more at a time, however often it is merged.
func (g *gathering) remove(merged []input) error {
	for _, in := range merged {
		i := slices.Index(g.temporary, in.part)
		if i < 0 {
			continue
		}
		if err := g.session.files.volume.RemoveIfThere(in.part.Path()); err != nil {
			return err
		}
		g.temporary = slices.Delete(g.temporary, i, i+1)
	}
	return nil
}

// fitting sorts the inputs by size, and returns how many of the first ones to merge at a time: all if they fit into the memory, otherwise as few as
// let the rest fit, and at least two.
func (g *gathering) fitting() int {
	slices.SortStableFunc(g.from, func(a, b input) int { return int(a.part.Rows - b.part.Rows) })
	room := g.session.files.options.Memory - g.session.files.options.Memory/sorterShare
	n := 0
	for ; n < len(g.from) && (n < 2 || g.from[n].memory <= room); n++ {
		room -= g.from[n].memory
	}
	if n == len(g.from) {
		return n
	}
	return min(n, len(g.from)-n+1)
}

func (g *gathering) sources(from []input) ([]rows.Source, error) {
	var list []rows.Source
	for _, in := range from {
		source, err := in.part.Open(g.query, in.gone, nil)
		if err != nil {
			return nil, err
		}
		g.opened = append(g.opened, source)
		list = append(list, g.filtered(source))
	}
	return list, nil
}

func (g *gathering) closeOpened() error {
	var err error
	for _, s := range g.opened {
		err = errors.Join(err, s.Close())
	}
	g.opened = nil
	return err
}

// close closes what the gathering has opened, and removes its temporary files.
func (g *gathering) close() error {
	err := g.closeOpened()
	for _, p := range g.temporary {
		err = errors.Join(err, g.session.files.volume.RemoveIfThere(p.Path()))
	}
	return err
}

// fileSink writes one file.
type fileSink struct{ file *output }

func (f fileSink) add(s rows.Stretch) error { return f.file.Add(s.Block, s.Run, s.First, s.End) }
func (f fileSink) settle() error            { return f.file.Settle() }
