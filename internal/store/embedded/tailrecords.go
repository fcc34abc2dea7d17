// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
)

// tailRecords gives runs of the tail as Arrow records of tailSchema, a block each. A record has memory of its own, for the engine holds more
// than one at a time.
type tailRecords struct {
	runs    []*rowRun
	reader  *packed.Reader
	block   int
	current arrow.RecordBatch
	err     error
}

func (t *tailRecords) Schema() *arrow.Schema          { return tailSchema }
func (t *tailRecords) RecordBatch() arrow.RecordBatch { return t.current }
func (t *tailRecords) Record() arrow.RecordBatch      { return t.current }
func (t *tailRecords) Err() error                     { return t.err }
func (t *tailRecords) Retain()                        {}
func (t *tailRecords) Release()                       {}

func (t *tailRecords) Next() bool {
	for t.err == nil && len(t.runs) > 0 {
		run := t.runs[0]
		if t.reader == nil {
			t.block = 0
			if t.reader, t.err = packed.NewReader(run.Run, tailWants); t.err != nil {
				return false
			}
		}
		if t.block == run.Blocks() {
			t.runs, t.reader = t.runs[1:], nil
			continue
		}
		var b *block.Block
		if b, t.err = t.reader.Read(t.block); t.err != nil {
			return false
		}
		t.block++
		t.current, t.err = recordOf(b)
		return t.err == nil
	}
	return false
}

// recordOf a block that has all columns of the tail.
func recordOf(b *block.Block) (arrow.RecordBatch, error) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, tailSchema)
	defer builder.Release()
	builder.Reserve(b.Rows)
	for i := range tailSchema.NumFields() { // the class comes behind them
		c := &b.Columns[i]
		switch f := builder.Field(i).(type) {
		case *array.Uint64Builder:
			for _, v := range c.Longs {
				f.UnsafeAppend(uint64(v))
			}
		case *array.Int64Builder:
			f.AppendValues(c.Longs, nil)
		case *array.Int32Builder:
			f.AppendValues(c.Ints, nil)
		case *array.Uint8Builder:
			f.AppendValues(c.Bytes, nil)
		case *array.StringBuilder:
			for _, code := range c.Codes {
				f.Append(c.Dict[code])
			}
		case *array.ListBuilder:
			if err := appendPairs(f, c); err != nil {
				return nil, err
			}
		}
	}
	return builder.NewRecordBatch(), nil
}

// appendPairs makes lists of identities of what pairsOf wrote.
func appendPairs(list *array.ListBuilder, c *block.Column) error {
	pair := list.ValueBuilder().(*array.StructBuilder)
	typ, value := pair.FieldBuilder(0).(*array.StringBuilder), pair.FieldBuilder(1).(*array.StringBuilder)
	for _, code := range c.Codes {
		list.Append(true)
		for rest := c.Dict[code]; rest != ""; {
			var id event.Identity
			var err error
			if id, rest, err = firstIdentity(rest); err != nil {
				return err
			}
			pair.Append(true)
			typ.Append(id.Type)
			value.Append(id.Value)
		}
	}
	return nil
}
