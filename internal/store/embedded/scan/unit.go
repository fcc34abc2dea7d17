// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/batch"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// units sorts all rows of its shard by their unit. The place of a row and its current person do not matter for that. The places are read one after
// the other, so that one block at a time is unpacked, and no re-attributed rows have to be found.
type units struct {
	ctx    context.Context
	sorts  *extsort.Pool
	layout extsort.Layout
	key    store.UnitKey
	// column is the index of the key's column in the blocks.
	column int
	shard  int
	shards int
	sorter *extsort.Sorter
	// done is set once the rows are sorted, or cannot be.
	done bool
	err  error
	// without is the number of rows without a unit.
	without int64

	// list holds the rows of a block for the sorter, and texts their units.
	list  []int32
	texts []string
}

// prepareUnits makes the scan read all persons, because units can have events of any person.
func (s *Scan) prepareUnits(r store.ScanRequest) error {
	key, err := store.ParseUnitKey(r.By)
	if err != nil {
		return err
	}
	answer, err := r.Schema()
	if err != nil {
		return err
	}
	columns := answer.Fields()[1 : answer.NumFields()-1]
	all := r.Plain()
	all.By, all.Shard, all.Shards, all.PersonsWith, all.Columns = "", 0, 0, nil, []string{key.Column}
	for _, f := range columns {
		all.Columns = append(all.Columns, f.Name)
	}
	plain, err := all.Schema()
	if err != nil {
		return err
	}
	if err := s.prepare(plain, all); err != nil {
		return err
	}
	s.batch = batch.New(answer)
	u := &units{ctx: s.ctx, sorts: s.sorts, key: key, column: s.query.Place(key.Column), shard: r.Shard, shards: max(r.Shards, 1)}
	for _, f := range columns {
		from := s.query.Place(f.Name)
		u.layout.Columns = append(u.layout.Columns, extsort.Column{Name: f.Name, Kind: s.query.Wants[from].Kind, From: from, Few: rows.Few(f.Name)})
	}
	// The fixed columns of a scan are the first ones.
	u.layout.Time, u.layout.Seq, u.layout.Index = 0, 1, 2
	s.units = u
	return nil
}

// place is a place with rows: a sorted file, or a run.
type place interface {
	Open(q *rows.Query, gone *rows.Moved, c *rows.Counter) (rows.Source, error)
}

// sorted returns all rows of some places in order by unit. The first call reads and sorts them.
func (u *units) sorted(q *rows.Query, places []place) (ordered, error) {
	if !u.done {
		u.done, u.err = true, u.sort(q, places)
	}
	return u.sorter, u.err
}

func (u *units) sort(q *rows.Query, places []place) (err error) {
	if u.sorter, err = u.sorts.Sorter(u.ctx, u.layout); err != nil {
		return err
	}
	for _, p := range places {
		if err := u.read(q, p); err != nil {
			return err
		}
	}
	return u.sorter.Sort()
}

// read reads the rows of a place.
func (u *units) read(q *rows.Query, p place) error {
	from, err := p.Open(q, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	for {
		if err := u.ctx.Err(); err != nil {
			return err
		}
		b, err := from.Next()
		if b == nil || err != nil {
			return err
		}
		if err := u.add(b); err != nil {
			return err
		}
	}
}

func (u *units) add(from *block.Block) error {
	u.list, u.texts = u.list[:0], u.texts[:0]
	column := &from.Columns[u.column]
	for row := range from.Rows {
		switch unit := u.key.In(column.Dict[column.Codes[row]]); {
		case unit == "":
			u.without++
		case u.mine(unit):
			u.list, u.texts = append(u.list, int32(row)), append(u.texts, unit)
		}
	}
	return u.sorter.Add(from, u.list, u.texts)
}

// mine reports whether a unit belongs to this shard. The hash is the same in all processes, which can each scan a shard.
func (u *units) mine(unit string) bool {
	return xxh3.HashString(unit)%uint64(u.shards) == uint64(u.shard)
}

func (u *units) close() error {
	if u.sorter == nil {
		return nil
	}
	return u.sorter.Close()
}
