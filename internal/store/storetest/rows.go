// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Row of a scan: values by column.
type Row map[string]any

// Person returns the person of the row.
func (r Row) Person() uint64 { return r[store.ColumnPerson].(uint64) }

// ID returns the id that the events of this package have in their properties.
func (r Row) ID() string {
	var p struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(r[store.ColumnProperties].(string)), &p); err != nil {
		panic(err)
	}
	return p.ID
}

// Collect reads a whole scan, and checks its schema, order and count.
func Collect(ctx context.Context, s store.Scanner, r store.ScanRequest) ([]Row, store.Snapshot, error) {
	scan, err := s.Scan(ctx, r)
	if err != nil {
		return nil, store.Snapshot{}, err
	}
	rows, err := readRows(scan, r)
	return rows, scan.Snapshot(), errors.Join(err, scan.Close())
}

func readRows(scan store.Scan, r store.ScanRequest) ([]Row, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !batch.Schema().Equal(schema) {
			return nil, fmt.Errorf("schema of the scan is %s, want %s", batch.Schema(), schema)
		}
		rows = append(rows, rowsOf(batch)...)
	}
	if got := scan.Stats().Rows; got != int64(len(rows)) {
		return nil, fmt.Errorf("stats say %d rows, there were %d", got, len(rows))
	}
	if !slices.IsSortedFunc(rows, compareRows) {
		return nil, errors.New("rows are not in the order of person, time, seq, index")
	}
	return rows, nil
}

func compareRows(a, b Row) int {
	return cmp.Or(
		cmp.Compare(a.Person(), b.Person()),
		cmp.Compare(a[store.ColumnTime].(int64), b[store.ColumnTime].(int64)),
		cmp.Compare(a[store.ColumnSeq].(int64), b[store.ColumnSeq].(int64)),
		cmp.Compare(a[store.ColumnIndex].(int32), b[store.ColumnIndex].(int32)),
	)
}

func rowsOf(batch arrow.RecordBatch) []Row {
	rows := make([]Row, batch.NumRows())
	for i := range rows {
		rows[i] = Row{}
		for j, f := range batch.Schema().Fields() {
			rows[i][f.Name] = valueOf(batch.Column(j), i)
		}
	}
	return rows
}

func valueOf(column arrow.Array, i int) any {
	switch c := column.(type) {
	case *array.String:
		return strings.Clone(c.Value(i))
	case *array.Int64:
		return c.Value(i)
	case *array.Int32:
		return c.Value(i)
	case *array.Uint64:
		return c.Value(i)
	case *array.Uint8:
		return c.Value(i)
	case *array.Dictionary:
		return valueOf(c.Dictionary(), c.GetValueIndex(i))
	case *array.RunEndEncoded:
		return valueOf(c.Values(), c.GetPhysicalIndex(i))
	default:
		return fmt.Errorf("column of type %s", column.DataType())
	}
}

func (s *suite) scan(r store.ScanRequest) []Row {
	s.Helper()
	rows, _, err := Collect(s.Context(), s.store, r)
	require.NoError(s, err)
	return rows
}

// persons returns the ids of the events of each person in order, and the persons by their first id, because the numbers of persons have no meaning.
func persons(rows []Row) [][]string {
	var groups [][]string
	for i, r := range rows {
		if i == 0 || rows[i-1].Person() != r.Person() {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], r.ID())
	}
	slices.SortFunc(groups, slices.Compare[[]string])
	return groups
}

func (s *suite) wantPersons(want ...[]string) {
	s.Helper()
	require.Equal(s, want, persons(s.scan(store.ScanRequest{})))
}
