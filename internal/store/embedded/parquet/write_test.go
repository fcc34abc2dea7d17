// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// wild returns a block that is the worst case for the writer: all numbers and texts of dictionary columns are different, the class texts are too many
// to be stored, and other texts are too long for one row group.
func wild(rows int) *block.Block {
	b := &block.Block{Rows: rows, Columns: make([]block.Column, len(Wants))}
	long := strings.Repeat("long ", 4000)
	for i := range rows {
		b.Persons.Add(uint64(i/3)<<40, 1)
		class := event.Class{Source: fmt.Sprint("source ", i), Channel: fmt.Sprint("channel ", i), Name: fmt.Sprint(i, " ", long[:200]), Kind: 1}
		for place, w := range Wants {
			c := &b.Columns[place]
			text := func(s string) { c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, s) }
			switch {
			case w.Kind == block.Long && (w.Name == "time" || w.Name == "receivedAt"):
				c.Longs = append(c.Longs, int64(i)) // never late
			case w.Kind == block.Long:
				c.Longs = append(c.Longs, int64(i)<<33-int64(place))
			case w.Kind == block.Int:
				c.Ints = append(c.Ints, int32(i)<<8)
			case w.Name == "kind":
				c.Bytes = append(c.Bytes, 1)
			case w.Kind == block.Byte:
				c.Bytes = append(c.Bytes, 0)
			case w.Name == "class":
				text(class.String())
			case w.Name == "source":
				text(class.Source)
			case w.Name == "channel":
				text(class.Channel)
			case w.Name == "event":
				text(class.Name)
			case w.Name == "properties":
				text(fmt.Sprint(i, long))
			case w.Name == "identities":
				var list []event.Identity
				for n := range i % 3 {
					list = append(list, event.Identity{Type: fmt.Sprint("type", n), Value: fmt.Sprint(i)})
				}
				text(event.PackIdentities(list))
			default:
				text(fmt.Sprint(w.Name, i))
			}
		}
	}
	return b
}

// Rows that fit into no dictionary can be read with the store's own reader and with arrow-go.
func TestRowsWithoutDictionaries(t *testing.T) {
	const rows = 2500
	b := wild(rows)
	for _, behind := range []bool{false, true} {
		for _, begin := range []func(io.Writer, int64, bool) (*Writer, error){NewWriter, NewTemporaryWriter} {
			var out bytes.Buffer
			w, err := begin(&out, 64<<10, behind)
			require.NoError(t, err)
			require.NoError(t, w.Add(b, 0, 0, rows))
			require.NoError(t, w.Close())
			require.EqualValues(t, rows, w.Rows)
			require.EqualValues(t, 3, w.Longest)
			requireRows(t, b, out.Bytes())
		}
	}
}

// requireRows requires that both readers return the rows of the block from a file.
func requireRows(t *testing.T, b *block.Block, raw []byte) {
	t.Helper()
	file := bytes.NewReader(raw)
	layout, err := ReadLayout(file)
	require.NoError(t, err)
	require.Greater(t, len(layout.Groups), 1, "a row group ends before its texts are too many")
	reader, err := NewReader(file, layout, Wants)
	require.NoError(t, err)
	reader.Packed = true
	at := 0
	for i, g := range layout.Groups {
		found, err := reader.Read(i)
		require.NoError(t, err)
		require.Equal(t, g.Rows, found.Rows)
		for place, w := range Wants {
			requireColumn(t, w, &b.Columns[place], &found.Columns[place], at, g.Rows)
		}
		require.Equal(t, b.Persons.Values[at/3], found.Persons.Values[0])
		at += g.Rows
	}
	require.EqualValues(t, b.Persons.Ends[len(b.Persons.Ends)-1], at)
	requireArrow(t, b, raw)
}

func requireColumn(t *testing.T, w block.Want, want, found *block.Column, at, rows int) {
	t.Helper()
	switch w.Kind {
	case block.Long:
		require.Equal(t, want.Longs[at:at+rows], found.Longs, w.Name)
	case block.Int:
		require.Equal(t, want.Ints[at:at+rows], found.Ints, w.Name)
	case block.Byte:
		require.Equal(t, want.Bytes[at:at+rows], found.Bytes, w.Name)
	default:
		for i := range rows {
			require.Equal(t, want.Dict[want.Codes[at+i]], found.Dict[found.Codes[i]], w.Name)
		}
	}
}

// requireArrow compares the file with arrow-go, which does not have classes that are not stored.
func requireArrow(t *testing.T, b *block.Block, file []byte) {
	t.Helper()
	table, err := pqarrow.ReadTable(t.Context(), bytes.NewReader(file), nil, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	require.EqualValues(t, len(Wants)+1, table.NumCols())
	for place, w := range Wants {
		if w.Name == "class" {
			continue
		}
		column, at := table.Column(place+1), 0
		require.Equal(t, w.Name, column.Name())
		for _, chunk := range column.Data().Chunks() {
			for i := range chunk.Len() {
				require.Equal(t, valueOf(&b.Columns[place], w.Kind, at), arrowValue(t, chunk, i), w.Name)
				at++
			}
		}
		require.Equal(t, b.Rows, at)
	}
}

func valueOf(c *block.Column, kind block.Kind, i int) any {
	switch kind {
	case block.Long:
		return c.Longs[i]
	case block.Int:
		return c.Ints[i]
	case block.Byte:
		return c.Bytes[i]
	}
	return c.Dict[c.Codes[i]]
}

func arrowValue(t *testing.T, a arrow.Array, i int) any {
	switch a := a.(type) {
	case *array.Uint64:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Int32:
		return a.Value(i)
	case *array.Uint8:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.List:
		from, to := a.ValueOffsets(i)
		pairs := a.ListValues().(*array.Struct)
		var list []event.Identity
		for n := int(from); n < int(to); n++ {
			list = append(list, event.Identity{Type: pairs.Field(0).(*array.String).Value(n), Value: pairs.Field(1).(*array.String).Value(n)})
		}
		return event.PackIdentities(list)
	}
	t.Fatalf("a column of %s", a.DataType())
	return nil
}
