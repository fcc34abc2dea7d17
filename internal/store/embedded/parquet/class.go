// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// maxClassBytes limits the texts of the classes of a row group in a file. A group with more has empty texts for the rest, whose classes are computed
// from the columns when it is read, so that random names are not stored twice.
const maxClassBytes = 256 << 10

// classes computes the classes of the rows of a block from the columns in classParts.
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

// classColumn reads the classes of a group. If the file does not have all of their texts, it computes them from the columns.
func (r *Reader) classColumn(group int, into *block.Column) error {
	if err := r.textColumn(group, store.ColumnClass, into, r.layout.Groups[group].Rows); err != nil {
		return err
	}
	if !slices.Contains(into.Dict, "") {
		return nil
	}
	return r.classes.read(r, group, into)
}

// read computes the classes of a group from the columns of its file.
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
