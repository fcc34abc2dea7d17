// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memtable

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// Records gives runs as Arrow records of run.Schema, a block each. A record has memory of its own, for an engine holds more than one at a time.
func Records(runs []*run.Run) array.RecordReader { return &records{runs: runs} }

type records struct {
	runs    []*run.Run
	reader  *run.Reader
	block   int
	current arrow.RecordBatch
	err     error
}

func (r *records) Schema() *arrow.Schema          { return run.Schema }
func (r *records) RecordBatch() arrow.RecordBatch { return r.current }
func (r *records) Record() arrow.RecordBatch      { return r.current }
func (r *records) Err() error                     { return r.err }
func (r *records) Retain()                        {}
func (r *records) Release()                       {}

func (r *records) Next() bool {
	for r.err == nil && len(r.runs) > 0 {
		first := r.runs[0]
		if r.reader == nil {
			r.block = 0
			if r.reader, r.err = run.NewReader(first, run.Wants); r.err != nil {
				return false
			}
		}
		if r.block == first.Blocks() {
			r.runs, r.reader = r.runs[1:], nil
			continue
		}
		var b *block.Block
		if b, r.err = r.reader.Read(r.block); r.err != nil {
			return false
		}
		r.block++
		r.current, r.err = recordOf(b)
		return r.err == nil
	}
	return false
}

// recordOf a block that has all columns of run.Columns.
func recordOf(b *block.Block) (arrow.RecordBatch, error) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, run.Schema)
	defer builder.Release()
	builder.Reserve(b.Rows)
	for i := range run.Schema.NumFields() { // the class comes behind them
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
			if err := appendIdentities(f, c); err != nil {
				return nil, err
			}
		}
	}
	return builder.NewRecordBatch(), nil
}

// appendIdentities makes lists of packed identities.
func appendIdentities(list *array.ListBuilder, c *block.Column) error {
	pair := list.ValueBuilder().(*array.StructBuilder)
	typ, value := pair.FieldBuilder(0).(*array.StringBuilder), pair.FieldBuilder(1).(*array.StringBuilder)
	for _, code := range c.Codes {
		list.Append(true)
		err := run.EachIdentity(c.Dict[code], func(t, v string) {
			pair.Append(true)
			typ.Append(t)
			value.Append(v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
