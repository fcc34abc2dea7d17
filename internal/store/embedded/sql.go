// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"

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
	return duck.Names(names)
}

// readParquet is the table of some files.
func (s *Store) readParquet(files []part.Meta) string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = s.dataPath(f.Name)
	}
	return "read_parquet(" + duck.List(paths) + ", hive_partitioning = false)"
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
	reader, err := array.NewRecordReader(peopleSchema, []arrow.RecordBatch{record})
	if err != nil {
		return err
	}
	return c.Table(ctx, "people", "*", reader)
}

// withPerson selects all columns of a relation that has anchors, with the person that the table people gives.
func withPerson(relation string) string {
	return "SELECT coalesce(p.person, r.anchor) AS person, r.* FROM " + relation + " r LEFT JOIN people p ON p.anchor = r.anchor"
}
