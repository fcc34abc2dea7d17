// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// row has the numbers that rows are sorted by.
type row struct {
	person uint64
	time   int64
	seq    int64
	index  int32
}

func (r row) compare(o row) int {
	return cmp.Or(cmp.Compare(r.person, o.person), cmp.Compare(r.time, o.time), cmp.Compare(r.seq, o.seq), cmp.Compare(r.index, o.index))
}

var testWants = []block.Want{
	{Name: store.ColumnTime, Kind: block.Long}, {Name: store.ColumnSeq, Kind: block.Long}, {Name: store.ColumnIndex, Kind: block.Int},
}

func blockOf(rows []row) *block.Block {
	b := &block.Block{Rows: len(rows), Columns: make([]block.Column, 3)}
	b.Columns[1].Kind, b.Columns[2].Kind = block.Long, block.Int
	for _, r := range rows {
		b.Persons.Add(r.person, 1)
		b.Columns[0].Longs = append(b.Columns[0].Longs, r.time)
		b.Columns[1].Longs = append(b.Columns[1].Longs, r.seq)
		b.Columns[2].Ints = append(b.Columns[2].Ints, r.index)
	}
	return b
}

// listed is a source of sorted rows. A block loses its rows when the next one is requested.
type listed struct {
	rows []row
	most int
	last *block.Block
}

func (l *listed) Next() (*block.Block, error) {
	if l.last != nil {
		*l.last = block.Block{}
	}
	if len(l.rows) == 0 {
		return nil, nil
	}
	n := min(l.most, len(l.rows))
	l.last, l.rows = blockOf(l.rows[:n]), l.rows[n:]
	return l.last, nil
}

func (l *listed) Place(row int) (int64, int32) {
	return l.last.Columns[1].Longs[row], l.last.Columns[2].Ints[row]
}

func (l *listed) FirstPerson() (uint64, bool) {
	if len(l.rows) == 0 {
		return 0, false
	}
	return l.rows[0].person / 2, true // a lower bound, not the person
}

func (l *listed) Close() error { return nil }

// Distributes rows over sources and a sorter, and merges them.
func TestMergerAgreesWithSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Whole(testWants)
		sorter := NewSorter(q)
		sources := make([]*listed, rapid.IntRange(0, 5).Draw(t, "sources"))
		for i := range sources {
			sources[i] = &listed{most: rapid.IntRange(1, 4).Draw(t, "rows in a block")}
		}
		var want []row
		for i := range rapid.IntRange(0, 40).Draw(t, "rows") {
			r := row{
				person: rapid.Uint64Range(0, 5).Draw(t, "person"), time: rapid.Int64Range(-1, 1).Draw(t, "time"),
				seq: rapid.Int64Range(1, 3).Draw(t, "seq"), index: int32(i),
			}
			want = append(want, r)
			if at := rapid.IntRange(0, len(sources)).Draw(t, "source"); at < len(sources) {
				sources[at].rows = append(sources[at].rows, r)
			} else {
				require.NoError(t, sorter.Add(blockOf([]row{r}), []int32{0}, []uint64{r.person}))
			}
		}
		slices.SortFunc(want, row.compare)
		from := []Source{sorter}
		for _, l := range sources {
			slices.SortFunc(l.rows, row.compare)
			from = append(from, l)
		}
		m, err := NewMerger(q, from)
		require.NoError(t, err)
		require.Equal(t, want, merged(t, m))
	})
}

// merged reads the rows of stretches as late as possible: before a block changes, or at the end.
func merged(t *rapid.T, m *Merger) (got []row) {
	var pending []Stretch
	settle := func() {
		for _, s := range pending {
			run := s.Run
			for i := s.First; i < s.End; i++ {
				for int(s.Block.Persons.Ends[run]) <= i {
					run++
				}
				got = append(got, row{s.Block.Persons.Values[run], s.Block.Columns[0].Longs[i], s.Block.Columns[1].Longs[i], s.Block.Columns[2].Ints[i]})
			}
		}
		pending = nil
	}
	for {
		most := rapid.IntRange(1, 9).Draw(t, "most")
		s, err := m.Next(most)
		require.NoError(t, err)
		if s.Block == nil {
			settle()
			return got
		}
		require.Greater(t, s.End, s.First)
		require.LessOrEqual(t, s.End-s.First, most)
		if pending = append(pending, s); s.Last {
			settle()
		}
	}
}
