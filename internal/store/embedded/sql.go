// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// placeColumns come first in every sorted file: who, when, and where in the log.
var placeColumns = []string{"person", "anchor", "time", "seq", "index"}

// sortOrder of files and scans.
const sortOrder = `ORDER BY person, "time", seq, "index"`

// fileColumns of a sorted file, quoted: the place, then the event's columns. The person is the one at the time of writing.
func fileColumns() string {
	names := append([]string(nil), placeColumns...)
	for _, f := range event.Schema.Fields() {
		if f.Name != "time" {
			names = append(names, f.Name)
		}
	}
	return quoteNames(names)
}

func quoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + n + `"`
	}
	return strings.Join(quoted, ", ")
}

// readParquet is the table of some files.
func (s *Store) readParquet(files []part.Meta) string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = s.dataPath(f.Name)
	}
	return "read_parquet(" + duck.List(paths) + ", hive_partitioning = false)"
}

var views atomic.Int64

// tableOf makes a temporary table of Arrow records, as they are.
func tableOf(ctx context.Context, c *duck.Conn, name string, records []arrow.RecordBatch, schema *arrow.Schema) error {
	reader, err := array.NewRecordReader(schema, records)
	if err != nil {
		return err
	}
	return tableFrom(ctx, c, name, "*", reader)
}

// tableFrom makes a temporary table of what is selected of a reader's records, and releases the reader. It has no condition: the engine
// hands filters on a view of records to whoever gives the records, who here would leave them out.
func tableFrom(ctx context.Context, c *duck.Conn, name, columns string, reader array.RecordReader) error {
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

var peopleSchema = arrow.NewSchema([]arrow.Field{
	{Name: "anchor", Type: arrow.PrimitiveTypes.Uint64}, {Name: "person", Type: arrow.PrimitiveTypes.Uint64},
}, nil)

// peopleTable makes the table people: the anchors whose person is another one.
func peopleTable(ctx context.Context, c *duck.Conn, view *identity.View) error {
	anchors, persons := view.Mapping()
	a, p := array.NewUint64Builder(memory.DefaultAllocator), array.NewUint64Builder(memory.DefaultAllocator)
	a.Reserve(len(anchors))
	p.Reserve(len(anchors))
	for i := range anchors {
		a.UnsafeAppend(uint64(anchors[i]))
		p.UnsafeAppend(uint64(persons[i]))
	}
	record := array.NewRecordBatch(peopleSchema, []arrow.Array{a.NewArray(), p.NewArray()}, int64(len(anchors)))
	return tableOf(ctx, c, "people", []arrow.RecordBatch{record}, peopleSchema)
}

// withPerson selects all columns of a relation that has anchors, with the person that the table people gives.
func withPerson(relation string) string {
	return "SELECT coalesce(p.person, r.anchor) AS person, r.* FROM " + relation + " r LEFT JOIN people p ON p.anchor = r.anchor"
}

// rowOf gives the single row of a query of 64-bit numbers.
func rowOf(ctx context.Context, c *duck.Conn, sql string) ([]int64, error) {
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
