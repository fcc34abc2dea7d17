// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/batch"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// units sorts the rows of a scan by person once more, by their unit: those of its shard.
type units struct {
	ctx    context.Context
	sorts  *extsort.Pool
	layout extsort.Layout
	key    store.UnitKey
	// column is the place of the key's column in the blocks.
	column int
	shard  int
	shards int
	sorter *extsort.Sorter
	// done says that the rows are sorted, or why they cannot be.
	done bool
	err  error
	// without is the number of rows that have no unit.
	without int64

	// list are rows of a block that the sorter gets, texts their units.
	list  []int32
	texts []string
}

// prepareUnits makes a scan of all persons of it, because units may have events of any person.
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

// sorted gives all rows in their order by unit. They are read and sorted when it is first called.
func (u *units) sorted(all ordered) (ordered, error) {
	if !u.done {
		u.done, u.err = true, u.sort(all)
	}
	return u.sorter, u.err
}

func (u *units) sort(all ordered) (err error) {
	if u.sorter, err = u.sorts.Sorter(u.ctx, u.layout); err != nil {
		return err
	}
	for {
		if err := u.ctx.Err(); err != nil {
			return err
		}
		next, err := all.Next(math.MaxInt)
		if err != nil {
			return err
		}
		if next.Block == nil {
			return u.sorter.Sort()
		}
		if err := u.add(next.Block, next.First, next.End); err != nil {
			return err
		}
	}
}

func (u *units) add(from *block.Block, first, end int) error {
	u.list, u.texts = u.list[:0], u.texts[:0]
	column := &from.Columns[u.column]
	for row := first; row < end; row++ {
		switch unit := u.key.In(column.Dict[column.Codes[row]]); {
		case unit == "":
			u.without++
		case u.mine(unit):
			u.list, u.texts = append(u.list, int32(row)), append(u.texts, unit)
		}
	}
	return u.sorter.Add(from, u.list, u.texts)
}

// mine reports whether a unit is of this shard. The hash is the same in all processes, which may scan a shard each.
func (u *units) mine(unit string) bool {
	return xxh3.HashString(unit)%uint64(u.shards) == uint64(u.shard)
}

func (u *units) close() error {
	if u.sorter == nil {
		return nil
	}
	return u.sorter.Close()
}
