// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Limits of what is read and written at once.
const (
	chunkRows = 2048
	chunkText = 128 << 10
)

// Column of the rows.
type Column struct {
	Name string
	Kind block.Kind
	// From is the index of the column in the blocks that rows come from.
	From int
	// Few is set if a column has few distinct texts, which need less memory.
	Few bool
}

// Layout of the rows. Rows with the same key are ordered by three of the columns, given by their indexes.
type Layout struct {
	Columns          []Column
	Time, Seq, Index int
}

// schema returns the schema of a spilled file: runs of rows with the same key (any number for each), the columns, and the key.
func (l *Layout) schema() (*arrow.Schema, error) {
	types := map[block.Kind]arrow.DataType{
		block.Long: arrow.PrimitiveTypes.Int64, block.Int: arrow.PrimitiveTypes.Int32, block.Byte: arrow.PrimitiveTypes.Uint8,
		block.Text: arrow.BinaryTypes.String,
	}
	for place, kind := range map[int]block.Kind{l.Time: block.Long, l.Seq: block.Long, l.Index: block.Int} {
		if place < 0 || place >= len(l.Columns) || l.Columns[place].Kind != kind {
			return nil, fmt.Errorf("extsort: column %d does not order rows", place)
		}
	}
	fields := []arrow.Field{{Name: "", Type: arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint64)}}
	for _, c := range l.Columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: types[c.Kind]})
	}
	return arrow.NewSchema(append(fields, arrow.Field{Name: "key", Type: arrow.BinaryTypes.String}), nil), nil
}

// source returns sorted rows. A chunk is valid until the next call.
type source interface {
	// next returns some rows, or nil at the end.
	next() (*chunk, error)
	close() error
}

// chunk holds some sorted rows. Its block has the columns of the layout, and the keys as the last column. Its runs of persons are the rows of a key.
type chunk struct {
	block.Block
	// keys of the runs.
	keys []string
}

func (c *chunk) begin(columns int) {
	c.Rows, c.keys = 0, c.keys[:0]
	c.Persons.Reset()
	if c.Columns == nil {
		c.Columns = make([]block.Column, columns+1)
		c.Columns[columns].Kind = block.Text
	}
}

// run adds rows of the next key.
func (c *chunk) run(key string, rows int) {
	c.Persons.Add(uint64(len(c.keys)), rows)
	c.keys = append(c.keys, key)
	c.Rows += rows
}

// finish fills the column of keys.
func (c *chunk) finish() {
	of := &c.Columns[len(c.Columns)-1]
	of.Dict, of.Codes, of.Owner = c.keys, of.Codes[:0], nil
	for i, end := range c.Persons.Ends {
		for len(of.Codes) < int(end) {
			of.Codes = append(of.Codes, uint32(i))
		}
	}
}

// each gives each row of a column with one text per row the code of its position. A previous user of the rows can have changed the codes.
func each(c *block.Column, rows int) {
	c.Codes, c.Owner = c.Codes[:0], nil
	for i := range rows {
		c.Codes = append(c.Codes, uint32(i))
	}
}
