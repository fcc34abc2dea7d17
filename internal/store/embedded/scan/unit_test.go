// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// blocks is a source with several blocks. It counts how many sources are open.
type blocks struct {
	list       []*block.Block
	open, most *int
}

func (b blocks) Open(*rows.Query, *rows.Moved, *rows.Counter) (rows.Source, error) {
	*b.open++
	*b.most = max(*b.most, *b.open)
	return &source{of: b}, nil
}

type source struct {
	rows.Source
	of blocks
}

func (s *source) Next() (*block.Block, error) {
	if len(s.of.list) == 0 {
		return nil, nil
	}
	next := s.of.list[0]
	s.of.list = s.of.list[1:]
	return next, nil
}

func (s *source) Close() error {
	*s.of.open--
	return nil
}

// Rows of one block share texts, as in files of other writers. Each row keeps its own unit. Only one source is open at a time.
func TestSharedTextsOfUnits(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 0, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	sorts, err := extsort.Open(v, 1<<20, 1<<20)
	require.NoError(t, err)
	key, err := store.ParseUnitKey(store.ColumnSessionID)
	require.NoError(t, err)

	const n = 6
	var places []place
	open, most := 0, 0
	for i := range 2 {
		b := &block.Block{Rows: n, Columns: []block.Column{{Kind: block.Long}, {Kind: block.Long}, {Kind: block.Int}, {Kind: block.Text}}}
		for row := range n {
			b.Columns[0].Longs = append(b.Columns[0].Longs, int64(row))
			b.Columns[1].Longs = append(b.Columns[1].Longs, int64(i))
			b.Columns[2].Ints = append(b.Columns[2].Ints, 0)
			b.Columns[3].Codes = append(b.Columns[3].Codes, uint32(row%2))
		}
		b.Columns[3].Dict = []string{fmt.Sprint("first of ", i), fmt.Sprint("second of ", i)}
		b.Persons.Add(1, n)
		places = append(places, blocks{list: []*block.Block{b}, open: &open, most: &most})
	}
	u := &units{ctx: t.Context(), sorts: sorts, key: key, column: 3, shards: 1, layout: extsort.Layout{Columns: []extsort.Column{
		{Name: "time", Kind: block.Long, From: 0}, {Name: "seq", Kind: block.Long, From: 1}, {Name: "index", Kind: block.Int, From: 2},
	}, Time: 0, Seq: 1, Index: 2}}
	sorted, err := u.sorted(nil, places)
	require.NoError(t, err)
	defer func() { require.NoError(t, u.close()) }()
	require.Zero(t, open)
	require.Equal(t, 1, most)
	units := map[string]int{}
	for {
		s, err := sorted.Next(1)
		require.NoError(t, err)
		if s.Block == nil {
			break
		}
		c := &s.Block.Columns[3]
		unit := c.Dict[c.Codes[s.First]]
		require.Contains(t, unit, fmt.Sprint(" of ", s.Block.Columns[1].Longs[s.First]))
		units[unit]++
	}
	require.Equal(t, map[string]int{"first of 0": 3, "second of 0": 3, "first of 1": 3, "second of 1": 3}, units)
}
