// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// wantsOf returns the columns of a schema except the person, which is stored as runs.
func wantsOf(s *arrow.Schema) []block.Want {
	kinds := map[arrow.Type]block.Kind{
		arrow.UINT64: block.Long, arrow.INT64: block.Long, arrow.INT32: block.Int, arrow.UINT8: block.Byte, arrow.STRING: block.Text,
	}
	var list []block.Want
	for _, f := range s.Fields()[1:] {
		list = append(list, block.Want{Name: f.Name, Kind: kinds[f.Type.ID()]})
	}
	return list
}

// ours reads all row groups in place, and returns each row as texts.
func ours(content []byte, wants []block.Want) ([][]string, error) {
	l, err := ReadLayout(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	r, err := NewReader(bytes.NewReader(content), l, wants)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range l.Groups {
		b, err := r.Read(i)
		if err != nil {
			return nil, err
		}
		run := 0
		for row := range b.Rows {
			for int(b.Persons.Ends[run]) <= row {
				run++
			}
			texts := []string{fmt.Sprint(b.Persons.Values[run])}
			for c := range b.Columns {
				texts = append(texts, textAt(&b.Columns[c], row))
			}
			rows = append(rows, texts)
		}
	}
	return rows, nil
}

func textAt(c *block.Column, row int) string {
	switch c.Kind {
	case block.Long:
		return fmt.Sprint(c.Longs[row])
	case block.Int:
		return fmt.Sprint(c.Ints[row])
	case block.Byte:
		return fmt.Sprint(c.Bytes[row])
	}
	return c.Dict[c.Codes[row]]
}

// theirs reads a file with arrow-go, in the same form.
func theirs(t require.TestingT, content []byte, wants []block.Want) [][]string {
	f, err := file.NewParquetReader(bytes.NewReader(content))
	require.NoError(t, err)
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	table, err := reader.ReadTable(context.Background())
	require.NoError(t, err)
	defer table.Release()
	rows := make([][]string, table.NumRows())
	for _, name := range append([]string{"person"}, namesOf(wants)...) {
		at := 0
		for _, chunk := range table.Column(table.Schema().FieldIndices(name)[0]).Data().Chunks() {
			for i := range chunk.Len() {
				rows[at] = append(rows[at], arrowText(t, chunk, i))
				at++
			}
		}
	}
	return rows
}

func namesOf(wants []block.Want) []string {
	var names []string
	for _, w := range wants {
		names = append(names, w.Name)
	}
	return names
}

func arrowText(t require.TestingT, a arrow.Array, i int) string {
	switch a := a.(type) {
	case *array.Uint64:
		if a.Data().DataType().ID() == arrow.UINT64 {
			return fmt.Sprint(a.Value(i))
		}
	case *array.String:
		return strings.Clone(a.Value(i))
	case *array.List:
		first, end := a.ValueOffsets(i)
		entries := a.ListValues().(*array.Struct)
		list := []event.Identity{}
		for j := int(first); j < int(end); j++ {
			list = append(list, event.Identity{
				Type: entries.Field(0).(*array.String).Value(j), Value: entries.Field(1).(*array.String).Value(j),
			})
		}
		text, err := json.Marshal(list)
		require.NoError(t, err)
		return string(text)
	}
	return a.ValueStr(i)
}

// drawn draws events in the order of a file, in the columns of a Writer.
func drawn(t *rapid.T) *block.Block {
	word := rapid.SampledFrom([]string{"", "a", "shop", "Order Completed", "é😀", strings.Repeat("long ", 100)})
	name := rapid.OneOf(word, rapid.StringN(1, 20, 40))
	few := rapid.Int64Range(-3, 3)
	number := rapid.OneOf(few, rapid.Int64())
	var events []event.Event
	var persons []uint64
	person := uint64(0)
	for i := range rapid.IntRange(1, 100).Draw(t, "rows") {
		if rapid.IntRange(0, 3).Draw(t, "next person") == 0 {
			person += rapid.Uint64Range(1, 1<<60).Draw(t, "person")
		}
		e := event.Event{
			ID: fmt.Sprint(i), Source: word.Draw(t, "source"), Channel: word.Draw(t, "channel"), Name: name.Draw(t, "name"),
			Kind: event.Kind(rapid.IntRange(0, 3).Draw(t, "kind")), Initiator: event.Initiator(rapid.IntRange(0, 2).Draw(t, "initiator")),
			Flags: event.Flags(rapid.IntRange(0, 7).Draw(t, "flags")), Time: number.Draw(t, "time"), SessionID: word.Draw(t, "session"),
			Amount: number.Draw(t, "amount"), Currency: word.Draw(t, "currency"), MappingGeneration: few.Draw(t, "generation"),
		}
		e.ReceivedAt = e.Time + rapid.SampledFrom([]int64{0, 1, event.LateAfter, event.LateAfter + 1}).Draw(t, "late")
		for range rapid.IntRange(0, 3).Draw(t, "identities") {
			e.Identities = append(e.Identities, event.Identity{Type: word.Draw(t, "type"), Value: name.Draw(t, "value")})
		}
		if rapid.Bool().Draw(t, "properties") {
			e.Properties = fmt.Appendf(nil, `{"n":%q}`, name.Draw(t, "property"))
		}
		events, persons = append(events, e), append(persons, person)
	}
	return blockOf(events, persons)
}

// blockOf returns events in the columns of Wants.
func blockOf(events []event.Event, persons []uint64) *block.Block {
	record := event.ToRecord(memory.DefaultAllocator, events)
	defer record.Release()
	b := &block.Block{Rows: len(events), Columns: make([]block.Column, len(Wants))}
	classes := event.NewClassTexts()
	for row := range events {
		e := &events[row]
		b.Persons.Add(persons[row], 1)
		class := event.Class{
			Source: e.Source, Channel: e.Channel, Name: e.Name, Kind: e.Kind, Initiator: e.Initiator, Flags: e.Flags,
			Late: e.ReceivedAt-e.Time > event.LateAfter,
		}
		for i, w := range Wants {
			c := &b.Columns[i]
			c.Kind = w.Kind
			switch w.Name {
			case anchorColumn:
				c.Longs = append(c.Longs, int64(persons[row])+int64(row%2))
			case store.ColumnSeq:
				c.Longs = append(c.Longs, int64(row/7))
			case store.ColumnIndex:
				c.Ints = append(c.Ints, int32(row%7))
			case store.ColumnClass:
				addText(c, classes.Text(&class))
			case store.ColumnIdentities:
				addText(c, event.PackIdentities(e.Identities))
			default:
				addValue(c, record.Column(record.Schema().FieldIndices(w.Name)[0]), row)
			}
		}
	}
	return b
}

func addValue(c *block.Column, from arrow.Array, row int) {
	switch a := from.(type) {
	case *array.Int64:
		c.Longs = append(c.Longs, a.Value(row))
	case *array.Uint8:
		c.Bytes = append(c.Bytes, a.Value(row))
	case *array.String:
		addText(c, strings.Clone(a.Value(row)))
	}
}

func addText(c *block.Column, text string) {
	c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, text)
}

// sortedFile writes the rows in several pieces, in row groups of groupRows.
func sortedFile(t require.TestingT, rows *block.Block, groupRows int64, piece int) []byte {
	var out bytes.Buffer
	w, err := NewWriter(&out, groupRows, piece%2 == 0)
	require.NoError(t, err)
	run := 0
	for at := 0; at < rows.Rows; at += piece {
		for int(rows.Persons.Ends[run]) <= at {
			run++
		}
		require.NoError(t, w.Add(rows, run, at, min(at+piece, rows.Rows)))
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// All columns of sorted files agree with arrow-go, and with what was written.
func TestSortedFilesAgreeWithArrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawn(t)
		content := sortedFile(t, rows, rapid.Int64Range(1, 150).Draw(t, "group"), rapid.IntRange(1, 150).Draw(t, "piece"))
		got, err := ours(content, Wants)
		require.NoError(t, err)
		require.Equal(t, theirs(t, content, Wants), got)
		for i, w := range Wants {
			if w.Name == store.ColumnIdentities {
				continue // they are read in another form
			}
			for row := range got {
				require.Equal(t, textAt(&rows.Columns[i], row), got[row][i+1], w.Name)
			}
		}
	})
}

// If a file has too many different names, it has no classes, and they are computed from the columns.
func TestFileWithTooManyClasses(t *testing.T) {
	var events []event.Event
	var persons []uint64
	for i := range 3000 {
		events, persons = append(events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Channel: "web", Name: fmt.Sprint(strings.Repeat("n", 200), i), Time: int64(i), ReceivedAt: int64(i),
		}), append(persons, uint64(i))
	}
	rows := blockOf(events, persons)
	content, wants := sortedFile(t, rows, 2500, 700), []block.Want{{Name: store.ColumnClass, Kind: block.Text}}
	require.Contains(t, theirs(t, content, wants), []string{"2499", ""}, "the file does not have all of them")
	got, err := ours(content, wants)
	require.NoError(t, err)
	for row := range got {
		require.Equal(t, textAt(&rows.Columns[len(Wants)-1], row), got[row][1])
	}
}

// Files as other writers write them: with and without dictionaries, compression and levels, with both page versions and with small pages. They are
// read like with arrow-go. Nulls, which sorted files do not have, are an error.
func TestForeignFilesAgreeWithArrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nulls := rapid.IntRange(0, 3).Draw(t, "nulls") == 0
		rows := drawColumns(t, nulls)
		options := []parquet.WriterProperty{
			parquet.WithDictionaryDefault(rapid.Bool().Draw(t, "dictionary")),
			parquet.WithCompression(rapid.SampledFrom([]compress.Compression{
				compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Zstd, compress.Codecs.Gzip,
			}).Draw(t, "codec")),
			parquet.WithDataPageVersion(rapid.SampledFrom([]parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2}).Draw(t, "version")),
			parquet.WithDataPageSize(rapid.Int64Range(1, 2000).Draw(t, "page")), parquet.WithBatchSize(rapid.Int64Range(1, 100).Draw(t, "batch")),
			parquet.WithDictionaryPageSizeLimit(rapid.Int64Range(1, 2000).Draw(t, "dictionary page")),
			parquet.WithMaxRowGroupLength(rapid.Int64Range(1, 200).Draw(t, "group")), parquet.WithStats(rapid.Bool().Draw(t, "statistics")),
		}
		var out bytes.Buffer
		w, err := pqarrow.NewFileWriter(rows.Schema(), keepOpen{&out}, parquet.NewWriterProperties(options...), pqarrow.DefaultWriterProps())
		require.NoError(t, err)
		require.NoError(t, w.WriteBuffered(rows))
		require.NoError(t, w.Close())
		wants := wantsOf(rows.Schema())
		got, err := ours(out.Bytes(), wants)
		for _, c := range rows.Columns() {
			if c.NullN() > 0 {
				require.Error(t, err)
				return
			}
		}
		require.NoError(t, err)
		require.Equal(t, theirs(t, out.Bytes(), wants), got)
	})
}

// drawColumns draws a column of each supported type, optionally with nulls.
func drawColumns(t *rapid.T, nulls bool) arrow.RecordBatch {
	nullable := func(name string) bool { return rapid.Bool().Draw(t, name+" may be null") }
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "person", Type: arrow.PrimitiveTypes.Uint64, Nullable: nullable("person")},
		{Name: "long", Type: arrow.PrimitiveTypes.Int64, Nullable: nullable("long")},
		{Name: "int", Type: arrow.PrimitiveTypes.Int32, Nullable: nullable("int")},
		{Name: "byte", Type: arrow.PrimitiveTypes.Uint8, Nullable: nullable("byte")},
		{Name: "text", Type: arrow.BinaryTypes.String, Nullable: nullable("text")},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for range rapid.IntRange(1, 300).Draw(t, "rows") {
		for i, f := range schema.Fields() {
			if nulls && f.Nullable && rapid.IntRange(0, 20).Draw(t, "null") == 0 {
				b.Field(i).AppendNull()
				continue
			}
			switch to := b.Field(i).(type) {
			case *array.Uint64Builder:
				to.Append(rapid.OneOf(rapid.Uint64Max(2), rapid.Uint64()).Draw(t, "person"))
			case *array.Int64Builder:
				to.Append(rapid.OneOf(rapid.Int64Range(-1, 1), rapid.Int64()).Draw(t, "long"))
			case *array.Int32Builder:
				to.Append(rapid.OneOf(rapid.Int32Range(-1, 1), rapid.Int32()).Draw(t, "int"))
			case *array.Uint8Builder:
				to.Append(rapid.OneOf(rapid.Uint8Max(1), rapid.Uint8()).Draw(t, "byte"))
			case *array.StringBuilder:
				to.Append(rapid.OneOf(rapid.SampledFrom([]string{"", "a", "bb"}), rapid.String()).Draw(t, "text"))
			}
		}
	}
	return b.NewRecordBatch()
}
