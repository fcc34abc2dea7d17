// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

var movedWants = []block.Want{
	{Name: store.ColumnTime, Kind: block.Long}, {Name: store.ColumnSeq, Kind: block.Long}, {Name: store.ColumnIndex, Kind: block.Int},
	{Name: store.ColumnEvent, Kind: block.Text}, {Name: store.ColumnProperties, Kind: block.Text},
}

// movedRow is a row in the form of the tests.
type movedRow struct {
	person    uint64
	time, seq int64
	index     int32
	event     string
	details   string
}

func drawRows(r *rand.Rand, n, persons, text int) []movedRow {
	list := make([]movedRow, n)
	for i := range list {
		list[i] = movedRow{
			person: uint64(r.IntN(persons)) << r.IntN(60), time: r.Int64N(9), seq: r.Int64N(3), index: int32(i),
			event: fmt.Sprint("e", r.IntN(5)), details: strings.Repeat("x", r.IntN(text+1)) + fmt.Sprint(i),
		}
	}
	return list
}

func movedBlock(list []movedRow) (b *block.Block, all []int32, persons []uint64) {
	b = &block.Block{Rows: len(list), Columns: make([]block.Column, len(movedWants))}
	for i, w := range movedWants {
		b.Columns[i].Kind = w.Kind
	}
	for i, r := range list {
		b.Columns[0].Longs, b.Columns[1].Longs = append(b.Columns[0].Longs, r.time), append(b.Columns[1].Longs, r.seq)
		b.Columns[2].Ints = append(b.Columns[2].Ints, r.index)
		for c, text := range map[int]string{3: r.event, 4: r.details} {
			b.Columns[c].Dict, b.Columns[c].Codes = append(b.Columns[c].Dict, text), append(b.Columns[c].Codes, uint32(i))
		}
		all, persons = append(all, int32(i)), append(persons, r.person)
	}
	return b, all, persons
}

// The rows agree with a sort of the whole list. The memory outside the pool is at most the share of one scan plus one block, for any number of rows.
// The bounds that are known before reading are correct.
func TestReattributedRowsInLittleMemory(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 0, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	spilled := 0
	rapid.Check(t, func(t *rapid.T) {
		list := drawRows(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), rapid.IntRange(0, 2000).Draw(t, "rows"),
			rapid.SampledFrom([]int{1, 3, 300}).Draw(t, "persons"), rapid.SampledFrom([]int{0, 10, 500}).Draw(t, "text"))
		sorts, err := extsort.Open(v, rapid.SampledFrom([]int64{40_000, 1 << 20, 64 << 20}).Draw(t, "memory"), 1<<30)
		require.NoError(t, err)
		q := rows.Whole(movedWants)
		m := newMoved(&Scan{ctx: context.Background(), sorts: sorts, query: q})
		largest, size := int64(0), rapid.IntRange(1, 700).Draw(t, "block")
		for some := range slices.Chunk(list, size) {
			b, all, persons := movedBlock(some)
			one := rows.NewSorter(q)
			require.NoError(t, one.Add(b, all, persons))
			largest = max(largest, one.Bytes())
			require.NoError(t, m.Add(b, all, persons))
			require.LessOrEqual(t, m.few.Bytes(), sorts.Share()/fewShare+largest)
		}
		runs, err := m.runs()
		require.NoError(t, err)
		if spilled += len(runs); m.many != nil {
			require.Zero(t, m.few.Bytes(), "the pool has all")
		}
		counts, most := map[uint64]int64{}, int64(0)
		for _, r := range list {
			counts[r.person]++
			most = max(most, counts[r.person])
		}
		require.GreaterOrEqual(t, m.longest(), most)
		require.GreaterOrEqual(t, m.texts(), min(len(list), 1))

		slices.SortFunc(list, func(a, b movedRow) int {
			return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
		})
		require.Equal(t, list, mergedRows(t, q, m.sources(runs, nil)))
		require.NoError(t, m.close())
		require.NoError(t, m.close(), "a second time")
	})
	require.Positive(t, spilled)
	left, err := v.List(v.Path(volume.Temp))
	require.NoError(t, err)
	require.Empty(t, left)
}

func mergedRows(t require.TestingT, q *rows.Query, from []rows.Source) []movedRow {
	m, err := rows.NewMerger(q, from)
	require.NoError(t, err)
	out := []movedRow{}
	for {
		s, err := m.Next(100)
		require.NoError(t, err)
		if s.Block == nil {
			return out
		}
		c := s.Block.Columns
		for row, run := s.First, s.Run; row < s.End; row++ {
			for int(s.Block.Persons.Ends[run]) <= row {
				run++
			}
			out = append(out, movedRow{
				person: s.Block.Persons.Values[run], time: c[0].Longs[row], seq: c[1].Longs[row], index: c[2].Ints[row],
				event: strings.Clone(c[3].Dict[c[3].Codes[row]]), details: strings.Clone(c[4].Dict[c[4].Codes[row]]),
			})
		}
	}
}
