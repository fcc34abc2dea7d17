// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// placedColumns are the columns that rows of events are sorted by.
var placedColumns = []Column{
	{Name: Anchor, Kind: block.Long}, {Name: store.ColumnTime, Kind: block.Long}, {Name: store.ColumnSeq, Kind: block.Long},
	{Name: store.ColumnIndex, Kind: block.Int}, {Name: store.ColumnEvent, Kind: block.Text, Few: true}, {Name: "id", Kind: block.Text},
}

type placedRow struct {
	person    uint64
	time, seq int64
	index     int32
	event, id string
}

// sortedRun creates a run from rows in any order.
func sortedRun(list []placedRow, asIs bool) *Run {
	s := rows.NewSorter(rows.Whole(WantsOf(placedColumns)))
	var order []uint64
	for _, r := range list {
		order = append(order, r.person)
	}
	s.Fill(order)
	for _, r := range list {
		s.Column(0).Longs = append(s.Column(0).Longs, int64(r.person))
		s.Column(1).Longs, s.Column(2).Longs = append(s.Column(1).Longs, r.time), append(s.Column(2).Longs, r.seq)
		s.Column(3).Ints = append(s.Column(3).Ints, r.index)
		s.AddText(4, r.event)
		s.AddText(5, r.id)
	}
	return Sorted(placedColumns, s, block.NoBounds(), 0, asIs)
}

// However many rows a run has, and however long their texts are, only a small block is unpacked at a time.
func TestBlocksAreSmall(t *testing.T) {
	for size, least := range map[int]int{0: 20_000 / blockRows, 20_000: 20_000 / settleRows} {
		var list []placedRow
		for i := range int32(20_000) {
			list = append(list, placedRow{person: uint64(i / 3), index: i, event: "seen", id: strings.Repeat("x", size)})
		}
		r := sortedRun(list, false)
		require.GreaterOrEqual(t, r.Blocks(), least)
		for i := range r.chunks {
			require.LessOrEqual(t, r.chunks[i].rows, blockRows)
			require.LessOrEqual(t, r.chunks[i].texts[5].size, blockText+settleRows*(size+binary.MaxVarintLen32))
		}
	}
}

// A merge of runs agrees with a sort of all their rows.
func TestMergeSorts(t *testing.T) {
	view, err := persons.New(identity.NewPolicy(nil)).View(0)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		var all []placedRow
		var runs []*Run
		index := int32(0)
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			var list []placedRow
			for range rapid.IntRange(1, 25).Draw(t, "rows") {
				index++
				list = append(list, placedRow{
					person: rapid.SampledFrom([]uint64{0, 1, 2, 1 << 40, 1<<64 - 1}).Draw(t, "person"), time: rapid.Int64Range(-2, 2).Draw(t, "time"),
					seq: rapid.Int64Range(1, 3).Draw(t, "seq"), index: index, event: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "event"),
					id: strings.Repeat("x", rapid.IntRange(0, 3).Draw(t, "id")),
				})
			}
			all, runs = append(all, list...), append(runs, sortedRun(list, rapid.Bool().Draw(t, "as is")))
		}
		merged, err := Merge(placedColumns, runs, view)
		require.NoError(t, err)
		slices.SortFunc(all, func(a, b placedRow) int {
			return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
		})
		require.Equal(t, all, placedRows(t, merged))
	})
}

func placedRows(t *rapid.T, r *Run) []placedRow {
	reader, err := NewReader(r, WantsOf(placedColumns))
	require.NoError(t, err)
	var out []placedRow
	for i := range r.Blocks() {
		b, err := reader.Read(i)
		require.NoError(t, err)
		person := 0
		for row := range b.Rows {
			for int(b.Persons.Ends[person]) <= row {
				person++
			}
			c := b.Columns
			out = append(out, placedRow{
				person: b.Persons.Values[person], time: c[1].Longs[row], seq: c[2].Longs[row], index: c[3].Ints[row],
				event: c[4].Dict[c[4].Codes[row]], id: c[5].Dict[c[5].Codes[row]],
			})
		}
	}
	return out
}
