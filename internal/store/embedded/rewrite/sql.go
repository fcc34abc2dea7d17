// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"fmt"
	"strconv"
	"strings"

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

// table of some files.
func table(paths ...string) string {
	return "read_parquet(" + duck.List(paths) + ", hive_partitioning = false)"
}

func paths(parts []*part.Part) []string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.Path()
	}
	return list
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

func anchorList(anchors []event.Anchor) string {
	texts := make([]string, len(anchors))
	for i, a := range anchors {
		texts[i] = strconv.FormatUint(uint64(a), 10)
	}
	return strings.Join(texts, ", ")
}

// identityList is a literal of a list of identities.
func identityList(values []event.Identity) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf("{'type': %s, 'value': %s}", duck.Quote(v.Type), duck.Quote(v.Value))
	}
	return "[" + strings.Join(texts, ", ") + "]::STRUCT(\"type\" VARCHAR, \"value\" VARCHAR)[]"
}
