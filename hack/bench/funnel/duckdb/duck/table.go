// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

var views atomic.Int64

// Table creates a temporary table from columns of a reader's records, and releases the reader. It supports no condition, because DuckDB pushes
// filters down to the reader of a view, and this reader ignores them.
func (c *Conn) Table(ctx context.Context, name, columns string, reader array.RecordReader) error {
	defer reader.Release()
	// All connections share the views of records, so each view has a unique name.
	view := fmt.Sprintf("records_%d", views.Add(1))
	release, err := c.View(view, reader)
	if err != nil {
		return err
	}
	defer release()
	if err := c.Exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS SELECT %s FROM %s", name, columns, view)); err != nil {
		return err
	}
	return c.Exec(ctx, "DROP VIEW IF EXISTS "+view)
}

// Row returns the single row of a query of 64-bit integers.
func (c *Conn) Row(ctx context.Context, sql string) ([]int64, error) {
	var row []int64
	err := c.Each(ctx, sql, func(batch arrow.RecordBatch) error {
		for i := range int(batch.NumRows()) {
			for _, column := range batch.Columns() {
				switch a := column.(type) {
				case *array.Int64:
					row = append(row, a.Value(i))
				case *array.Uint64:
					row = append(row, int64(a.Value(i)))
				}
			}
		}
		return nil
	})
	return row, err
}

// Names returns quoted names of columns, separated by commas.
func Names(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + n + `"`
	}
	return strings.Join(quoted, ", ")
}
