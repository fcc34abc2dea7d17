// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// proofRows is the number of rows that are decoded at a time.
const proofRows = 8192

// Holders returns the files that have rows of the anchors, or an identity of theirs. It only uses arrow-go's reader, which is independent of the
// reader that rewrote the files, so that it finds what that one could overlook.
func (f *Files) Holders(ctx context.Context, parts []*part.Part, anchors []event.Anchor) ([]*part.Part, error) {
	wanted := anchorSet(anchors)
	var holders []*part.Part
	for _, p := range parts {
		// arrow-go's reader panics on some damage, in its own goroutines.
		if err := p.Verify(); err != nil {
			return nil, err
		}
		holds, err := f.holds(ctx, p, wanted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		if holds {
			holders = append(holders, p)
		}
	}
	return holders, nil
}

func (f *Files) holds(ctx context.Context, p *part.Part, wanted map[uint64]bool) (found bool, err error) {
	return f.decode(ctx, p, []string{"person", "anchor", store.ColumnIdentities}, func(r arrow.RecordBatch) (bool, error) { return hasAny(r, wanted) })
}

// decode decodes some columns of a file with arrow-go's reader, until has reports true for a record.
func (f *Files) decode(ctx context.Context, p *part.Part, columns []string, has func(arrow.RecordBatch) (bool, error)) (found bool, err error) {
	open, err := f.volume.Open(p.Path())
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, open.Close()) }()
	reader, err := file.NewParquetReader(io.NewSectionReader(open, 0, p.Bytes))
	if err != nil {
		return false, err
	}
	arrows, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: proofRows}, memory.DefaultAllocator)
	if err != nil {
		return false, err
	}
	var leaves []int
	for i := range reader.MetaData().Schema.NumColumns() {
		if name, _, _ := strings.Cut(reader.MetaData().Schema.Column(i).Path(), "."); slices.Contains(columns, name) {
			leaves = append(leaves, i)
		}
	}
	records, err := arrows.GetRecordReader(ctx, leaves, nil)
	if err != nil {
		return false, err
	}
	defer records.Release()
	for records.Next() {
		found, err := has(records.RecordBatch())
		if found || err != nil {
			return found, err
		}
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return false, ctx.Err()
}

// hasAny searches a record with a person, an anchor and identities for anchors.
func hasAny(record arrow.RecordBatch, wanted map[uint64]bool) (bool, error) {
	const persons, anchors, identities = 0, 1, 2
	if record.NumCols() != identities+1 {
		return false, fmt.Errorf("it has %d of the columns person, anchor and identities", record.NumCols())
	}
	for _, i := range []int{persons, anchors} {
		numbers, ok := record.Column(i).(*array.Uint64)
		if !ok {
			return false, fmt.Errorf("column %s is %s", record.ColumnName(i), record.Column(i).DataType())
		}
		for _, v := range numbers.Uint64Values() {
			if wanted[v] {
				return true, nil
			}
		}
	}
	list, ok := record.Column(identities).(*array.List)
	if !ok {
		return false, fmt.Errorf("column %s is %s", record.ColumnName(identities), record.Column(identities).DataType())
	}
	pairs := list.ListValues().(*array.Struct)
	types, values := pairs.Field(0).(*array.String), pairs.Field(1).(*array.String)
	for i := range types.Len() {
		id := event.Identity{Type: types.Value(i), Value: values.Value(i)}
		if wanted[uint64(id.Anchor())] {
			return true, nil
		}
	}
	return false, nil
}
