// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

func TestNumbersRoundTrip(t *testing.T) {
	t.Run("int64", rapid.MakeCheck(func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Int64()).Draw(t, "values")
		// some in a narrow range, some in whole milliseconds or seconds
		unit := rapid.SampledFrom([]int64{0, 1, 1000, 1_000_000}).Draw(t, "unit")
		if base := rapid.Int64Range(-1<<50, 1<<50).Draw(t, "base"); unit > 0 {
			width := rapid.SampledFrom([]int64{1, 200, 70_000, 1 << 33}).Draw(t, "width")
			for i := range values {
				values[i] = base + values[i]%width*unit
			}
		}
		p := packNumbers(values)
		require.Equal(t, append([]int64{5}, values...), unpack([]int64{5}, &p))
	}))
	t.Run("uint32", rapid.MakeCheck(func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Uint32(), 1, 50).Draw(t, "values")
		p := packNumbers(values)
		require.Equal(t, values, unpack(values[:0:0], &p))
	}))
	t.Run("int32", rapid.MakeCheck(func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int32(), 1, 50).Draw(t, "values")
		p := packNumbers(values)
		require.Equal(t, values, unpack(values[:0:0], &p))
	}))
	t.Run("uint8", rapid.MakeCheck(func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Uint8(), 1, 50).Draw(t, "values")
		p := packNumbers(values)
		require.Equal(t, values, unpack(values[:0:0], &p))
	}))
	for _, values := range [][]int64{{math.MinInt64, math.MaxInt64, 0}, {math.MinInt64, math.MinInt64 + 1}, {7, 7, 7}} {
		p := packNumbers(values)
		require.Equal(t, values, unpack(values[:0:0], &p))
	}
}

func TestSizeOfPackedNumbers(t *testing.T) {
	for width, values := range map[uint8][]int64{
		0: {1 << 60, 1 << 60}, 1: {1000, 1255}, 2: {-1, 1 << 15}, 4: {0, 1_000_000 << 20, 1_000_000}, 8: {0, 1 << 40},
	} {
		p := packNumbers(values)
		require.Equal(t, width, p.width, "%v", values)
	}
}

func TestTextsRoundTrip(t *testing.T) {
	p := &packer{}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.OneOf(rapid.Just(""), rapid.String(), rapid.Just(strings.Repeat("long ", 300)))).Draw(t, "values")
		packed := p.pack(values, rapid.Bool().Draw(t, "as is"))
		got, err := p.unpack([]string{"before"}, &packed)
		require.NoError(t, err)
		require.Equal(t, append([]string{"before"}, values...), got)
	})
	damaged := p.pack([]string{"one", "two"}, false)
	damaged.n = 9
	_, err := p.unpack(nil, &damaged)
	require.ErrorIs(t, err, errTexts)
}

var testColumns = []Column{
	{Name: "anchor", Kind: block.Long}, {Name: "time", Kind: block.Long}, {Name: "index", Kind: block.Int}, {Name: "kind", Kind: block.Byte},
	{Name: "event", Kind: block.Text, Few: true}, {Name: "id", Kind: block.Text},
}

// drawRows draws a block with all columns, and with several rows of each person.
func drawRows(t *rapid.T) *block.Block {
	b := &block.Block{Columns: make([]block.Column, len(testColumns))}
	for i, c := range testColumns {
		b.Columns[i].Kind = c.Kind
	}
	b.Columns[4].Dict = []string{"A", "", "B", "A"}
	person := uint64(0)
	anchorsDiffer := rapid.Bool().Draw(t, "anchors")
	for range rapid.IntRange(1, 60).Draw(t, "persons") {
		person += rapid.Uint64Range(1, 1<<57).Draw(t, "person")
		for range rapid.IntRange(1, 900).Draw(t, "events") {
			i := b.Rows
			anchor := int64(person)
			if anchorsDiffer && i%3 == 0 {
				anchor++
			}
			b.Persons.Add(person, 1)
			b.Columns[0].Longs = append(b.Columns[0].Longs, anchor)
			b.Columns[1].Longs = append(b.Columns[1].Longs, int64(i)*1000)
			b.Columns[2].Ints = append(b.Columns[2].Ints, int32(i%300))
			b.Columns[3].Bytes = append(b.Columns[3].Bytes, uint8(i%2))
			b.Columns[4].Codes = append(b.Columns[4].Codes, uint32(i*i%4))
			b.Columns[5].Codes, b.Columns[5].Dict = append(b.Columns[5].Codes, uint32(i)), append(b.Columns[5].Dict, strings.Repeat("i", i%7))
			b.Rows++
		}
	}
	return b
}

type plainRow struct {
	person       uint64
	anchor, time int64
	index        int32
	kind         uint8
	event, id    string
}

func rowsOf(b *block.Block) []plainRow {
	var rows []plainRow
	run := 0
	for i := range b.Rows {
		for int(b.Persons.Ends[run]) <= i {
			run++
		}
		c := b.Columns
		rows = append(rows, plainRow{
			person: b.Persons.Values[run], anchor: c[0].Longs[i], time: c[1].Longs[i], index: c[2].Ints[i], kind: c[3].Bytes[i],
			event: c[4].Dict[c[4].Codes[i]], id: c[5].Dict[c[5].Codes[i]],
		})
	}
	return rows
}

// Adds rows in pieces, and reads them with all columns and with some.
func TestRunRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawRows(t)
		builder := NewBuilder(testColumns)
		builder.AsIs = rapid.Bool().Draw(t, "as is")
		for at := 0; at < b.Rows; {
			end := min(at+rapid.IntRange(1, 20_000).Draw(t, "piece"), b.Rows)
			run := 0
			for int(b.Persons.Ends[run]) <= at {
				run++
			}
			builder.Add(b, run, at, end)
			at = end
		}
		want := rowsOf(b)
		run := builder.Run(block.NoBounds(), 1)
		require.EqualValues(t, b.Rows, run.Rows)
		longest, last := int64(0), int32(0)
		for _, end := range b.Persons.Ends {
			longest, last = max(longest, int64(end-last)), end
		}
		require.Equal(t, longest, run.Longest)
		require.LessOrEqual(t, run.Texts(), 3)
		require.Equal(t, want, readAll(t, run))

		some, err := NewReader(run, []block.Want{{Name: "id", Kind: block.Text}})
		require.NoError(t, err)
		some.Convert = map[string]func(string) string{"id": func(s string) string { return s + "!" }}
		at := 0
		for i := range run.Blocks() {
			got, err := some.Read(i)
			require.NoError(t, err)
			low, high := run.Persons(i)
			require.Equal(t, want[at].person, low)
			require.Equal(t, want[at+got.Rows-1].person, high)
			var index block.Column
			require.NoError(t, some.Column(i, "index", &index))
			for row := range got.Rows {

				require.Equal(t, want[at].id+"!", got.Columns[0].Dict[got.Columns[0].Codes[row]])
				require.Equal(t, want[at].index, index.Ints[row])
				at++
			}
		}
		require.Len(t, want, at)
	})
}

func readAll(t *rapid.T, run *Run) []plainRow {
	var wants []block.Want
	for _, c := range testColumns {
		wants = append(wants, block.Want{Name: c.Name, Kind: c.Kind})
	}
	reader, err := NewReader(run, wants)
	require.NoError(t, err)
	var got []plainRow
	for i := range run.Blocks() {
		b, err := reader.Read(i)
		require.NoError(t, err)
		rows := rowsOf(b)
		persons, anchors := run.Anchors(i)
		for row, p, a := 0, 0, 0; row < len(rows); row++ {
			for int(persons.Ends[p]) <= row {
				p++
			}
			for int(anchors.Ends[a]) <= row {
				a++
			}
			require.Equal(t, rows[row].person, persons.Values[p])
			require.Equal(t, uint64(rows[row].anchor), anchors.Values[a])
		}
		got = append(got, rows...)
	}
	return got
}

func TestReaderRefusesUnknownColumns(t *testing.T) {
	b := NewBuilder(testColumns)
	require.Nil(t, b.Run(block.NoBounds(), 1), "no rows")
	run := &Run{columns: testColumns}
	_, err := NewReader(run, []block.Want{{Name: "nosuch", Kind: block.Long}})
	require.ErrorContains(t, err, "nosuch")
	_, err = NewReader(run, []block.Want{{Name: "time", Kind: block.Int}})
	require.ErrorContains(t, err, "time")
}
