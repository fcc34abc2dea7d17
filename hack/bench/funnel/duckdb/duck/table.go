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

// Table makes a temporary table of what is selected of a reader's records, and releases the reader. It has no condition: the engine
// hands filters on a view of records to whoever gives the records, who here would leave them out.
func (c *Conn) Table(ctx context.Context, name, columns string, reader array.RecordReader) error {
	defer reader.Release()
	// Views of records are seen by all connections, so each has a name of its own.
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

// Row gives the single row of a query of 64-bit numbers.
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

// Names of columns, quoted, as a list.
func Names(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + n + `"`
	}
	return strings.Join(quoted, ", ")
}
