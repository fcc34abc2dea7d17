// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// maxClassBytes bounds the texts of the classes of a row group in a file. A group that has more has empty texts for the rest, and its classes
// are made of the columns when it is read: names that somebody draws at random must not be written twice.
const maxClassBytes = 256 << 10

// classTexts has the texts of classes that were seen.
type classTexts struct {
	texts map[store.Class]string
	bytes int
}

func newClassTexts() *classTexts { return &classTexts{texts: map[store.Class]string{}} }

// text of a class whose texts need to be valid during the call only.
func (t *classTexts) text(c *store.Class) string {
	if text, ok := t.texts[*c]; ok {
		return text
	}
	text := c.String()
	kept := *c
	kept.Source, kept.Channel, kept.Event = strings.Clone(c.Source), strings.Clone(c.Channel), strings.Clone(c.Event)
	t.texts[kept], t.bytes = text, t.bytes+len(text)
	return text
}

// classRows reads the columns of a record that make up the classes of its rows.
type classRows struct {
	source, channel, event *array.String
	kind, initiator, flags *array.Uint8
	time, received         *array.Int64
}

func newClassRows(record arrow.RecordBatch) *classRows {
	column := func(name string) arrow.Array { return record.Column(record.Schema().FieldIndices(name)[0]) }
	return &classRows{
		source: column(store.ColumnSource).(*array.String), channel: column(store.ColumnChannel).(*array.String),
		event: column(store.ColumnEvent).(*array.String), kind: column(store.ColumnKind).(*array.Uint8),
		initiator: column(store.ColumnInitiator).(*array.Uint8), flags: column(store.ColumnFlags).(*array.Uint8),
		time: column(store.ColumnTime).(*array.Int64), received: column(store.ColumnReceivedAt).(*array.Int64),
	}
}

func (r *classRows) at(i int) store.Class {
	return store.Class{
		Source: r.source.Value(i), Channel: r.channel.Value(i), Event: r.event.Value(i), Kind: event.Kind(r.kind.Value(i)),
		Initiator: event.Initiator(r.initiator.Value(i)), Flags: event.Flags(r.flags.Value(i)),
		Late: r.received.Value(i)-r.time.Value(i) > store.LateAfter,
	}
}

// classWriter adds the class to rows that are written to a file.
type classWriter struct {
	schema    *arrow.Schema
	texts     *classTexts
	groupRows int64
	rows      int64
}

func newClassWriter(schema *arrow.Schema, groupRows int64) *classWriter {
	fields := append(slices.Clone(schema.Fields()), arrow.Field{Name: store.ColumnClass, Type: arrow.BinaryTypes.String})
	return &classWriter{schema: arrow.NewSchema(fields, nil), texts: newClassTexts(), groupRows: groupRows}
}

// with gives the batch with one column more. Whoever gets it releases it.
func (w *classWriter) with(batch arrow.RecordBatch) arrow.RecordBatch {
	rows := newClassRows(batch)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	n := int(batch.NumRows())
	b.Reserve(n)
	for i := range n {
		if w.rows++; w.rows%w.groupRows == 1 {
			w.texts = newClassTexts()
		}
		if w.texts.bytes > maxClassBytes {
			b.Append("")
			continue
		}
		class := rows.at(i)
		b.Append(w.texts.text(&class))
	}
	texts := b.NewArray()
	defer texts.Release()
	return array.NewRecordBatch(w.schema, append(slices.Clone(batch.Columns()), texts), batch.NumRows())
}

// classes of the rows of a block, of the columns that make them up, in the order of classWants.
type classes struct {
	columns [8]sorted.Column
	numbers map[[4]uint32]uint32
	texts   *classTexts
}

var classWants = [8]sorted.Want{
	{Name: store.ColumnSource, Kind: sorted.Text}, {Name: store.ColumnChannel, Kind: sorted.Text}, {Name: store.ColumnEvent, Kind: sorted.Text},
	{Name: store.ColumnKind, Kind: sorted.Byte}, {Name: store.ColumnInitiator, Kind: sorted.Byte}, {Name: store.ColumnFlags, Kind: sorted.Byte},
	{Name: store.ColumnReceivedAt, Kind: sorted.Long}, {Name: store.ColumnTime, Kind: sorted.Long},
}

// read makes the classes of a group of the columns of its file.
func (c *classes) read(r *sorted.Reader, group int, into *sorted.Column) error {
	for i, w := range classWants {
		if err := r.Column(group, w, &c.columns[i]); err != nil {
			return err
		}
	}
	if c.texts == nil || c.texts.bytes > maxClassBytes {
		c.texts = newClassTexts()
	}
	if c.numbers == nil {
		c.numbers = map[[4]uint32]uint32{}
	}
	clear(c.numbers)
	into.Codes, into.Dict, into.Owner = into.Codes[:0], into.Dict[:0], nil
	sources, channels, events := &c.columns[0], &c.columns[1], &c.columns[2]
	for row := range sources.Codes {
		late := c.columns[6].Longs[row]-c.columns[7].Longs[row] > store.LateAfter
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
	return c.texts.text(&store.Class{
		Source: text(0), Channel: text(1), Event: text(2), Kind: event.Kind(c.columns[3].Bytes[row]),
		Initiator: event.Initiator(c.columns[4].Bytes[row]), Flags: event.Flags(c.columns[5].Bytes[row]), Late: late,
	})
}
