// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// maxClassBytes bounds the texts of the classes of a row group in a file. A group that has more has empty texts for the rest, and its classes
// are made of the columns when it is read: names that somebody draws at random must not be written twice.
const maxClassBytes = 256 << 10

// classRows reads the columns of a record that make up the classes of its rows.
type classRows struct {
	source, channel, name  *array.String
	kind, initiator, flags *array.Uint8
	time, received         *array.Int64
}

func newClassRows(record arrow.RecordBatch) *classRows {
	column := func(name string) arrow.Array { return record.Column(record.Schema().FieldIndices(name)[0]) }
	return &classRows{
		source: column(store.ColumnSource).(*array.String), channel: column(store.ColumnChannel).(*array.String),
		name: column(store.ColumnEvent).(*array.String), kind: column(store.ColumnKind).(*array.Uint8),
		initiator: column(store.ColumnInitiator).(*array.Uint8), flags: column(store.ColumnFlags).(*array.Uint8),
		time: column(store.ColumnTime).(*array.Int64), received: column(store.ColumnReceivedAt).(*array.Int64),
	}
}

func (r *classRows) at(i int) event.Class {
	return event.Class{
		Source: r.source.Value(i), Channel: r.channel.Value(i), Name: r.name.Value(i), Kind: event.Kind(r.kind.Value(i)),
		Initiator: event.Initiator(r.initiator.Value(i)), Flags: event.Flags(r.flags.Value(i)),
		Late: r.received.Value(i)-r.time.Value(i) > event.LateAfter,
	}
}

// classWriter makes the column of classes of rows that are written to a file.
type classWriter struct {
	texts     *event.ClassTexts
	groupRows int64
	rows      int64
}

// of gives the classes of a batch. Whoever gets them releases them.
func (w *classWriter) of(batch arrow.RecordBatch) arrow.Array {
	rows := newClassRows(batch)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	n := int(batch.NumRows())
	b.Reserve(n)
	for i := range n {
		if w.rows++; w.rows%w.groupRows == 1 {
			w.texts = event.NewClassTexts()
		}
		if w.texts.Bytes > maxClassBytes {
			b.Append("")
			continue
		}
		class := rows.at(i)
		b.Append(w.texts.Text(&class))
	}
	return b.NewArray()
}

// classes of the rows of a block, of the columns that make them up, in the order of classParts.
type classes struct {
	columns [8]block.Column
	numbers map[[4]uint32]uint32
	texts   *event.ClassTexts
}

var classParts = [8]block.Want{
	{Name: store.ColumnSource, Kind: block.Text}, {Name: store.ColumnChannel, Kind: block.Text}, {Name: store.ColumnEvent, Kind: block.Text},
	{Name: store.ColumnKind, Kind: block.Byte}, {Name: store.ColumnInitiator, Kind: block.Byte}, {Name: store.ColumnFlags, Kind: block.Byte},
	{Name: store.ColumnReceivedAt, Kind: block.Long}, {Name: store.ColumnTime, Kind: block.Long},
}

// classColumn reads the classes of a group. They are made of the columns that make them up where the file does not have all of their texts.
func (r *Reader) classColumn(group int, into *block.Column) error {
	if err := r.textColumn(group, store.ColumnClass, into, r.layout.Groups[group].Rows); err != nil {
		return err
	}
	if !slices.Contains(into.Dict, "") {
		return nil
	}
	return r.classes.read(r, group, into)
}

// read makes the classes of a group of the columns of its file.
func (c *classes) read(r *Reader, group int, into *block.Column) error {
	for i, w := range classParts {
		if err := r.Column(group, w, &c.columns[i]); err != nil {
			return err
		}
	}
	if c.texts == nil || c.texts.Bytes > maxClassBytes {
		c.texts = event.NewClassTexts()
	}
	if c.numbers == nil {
		c.numbers = map[[4]uint32]uint32{}
	}
	clear(c.numbers)
	into.Codes, into.Dict, into.Owner = into.Codes[:0], into.Dict[:0], nil
	sources, channels, events := &c.columns[0], &c.columns[1], &c.columns[2]
	for row := range sources.Codes {
		late := c.columns[6].Longs[row]-c.columns[7].Longs[row] > event.LateAfter
		small := uint32(c.columns[3].Bytes[row])<<24 | uint32(c.columns[4].Bytes[row])<<16 | uint32(c.columns[5].Bytes[row])<<8
		if late {
			small++
		}
		key := [4]uint32{sources.Codes[row], channels.Codes[row], events.Codes[row], small}
		code, known := c.numbers[key]
		if !known {
			code = uint32(len(into.Dict))
			into.Dict = append(into.Dict, c.text(row, late))
			c.numbers[key] = code
		}
		into.Codes = append(into.Codes, code)
	}
	return nil
}

func (c *classes) text(row int, late bool) string {
	text := func(i int) string { return c.columns[i].Dict[c.columns[i].Codes[row]] }
	return c.texts.Text(&event.Class{
		Source: text(0), Channel: text(1), Name: text(2), Kind: event.Kind(c.columns[3].Bytes[row]),
		Initiator: event.Initiator(c.columns[4].Bytes[row]), Flags: event.Flags(c.columns[5].Bytes[row]), Late: late,
	})
}
