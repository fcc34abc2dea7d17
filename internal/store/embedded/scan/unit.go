// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// unitRows are the rows of a scan by person, sorted once more by their unit. The engine does that, on disk where they do not fit into memory.
type unitRows struct {
	schema  *arrow.Schema
	conn    *duck.Conn
	rows    *duck.Rows
	numbers unitNumbers
}

func (u *unitRows) close() {
	if u.rows != nil {
		u.rows.Close()
	}
	u.conn.Close()
}

func (u *unitRows) next() (arrow.RecordBatch, error) {
	batch, err := u.rows.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer batch.Release()
	return u.numbers.number(array.NewRecordBatch(u.schema, batch.Columns(), batch.NumRows())), nil
}

// prepareUnits reads all rows into a table of the engine and makes the query that sorts them. Units may have events of any person, so that a
// shard has to look at all of them.
func (s *Scan) prepareUnits(schema *arrow.Schema, r store.ScanRequest) error {
	key, err := store.ParseUnitKey(r.By)
	if err != nil {
		return err
	}
	all := r
	all.By, all.Shard, all.Shards, all.PersonsWith, all.Columns = "", 0, 0, nil, []string{key.Column}
	for _, f := range schema.Fields() {
		if f.Name != store.ColumnUnit && f.Name != store.ColumnPerson {
			all.Columns = append(all.Columns, f.Name)
		}
	}
	plain, err := all.Schema()
	if err != nil {
		return err
	}
	if err := s.prepare(plain, all); err != nil {
		return err
	}
	conn, err := s.db.Connect()
	if err != nil {
		return err
	}
	s.units = &unitRows{schema: schema, conn: conn}
	if err := conn.Table(s.ctx, "units", "*, "+unitText(key)+" AS unit", &unsorted{scan: s}); err != nil {
		return err
	}
	if r.Shard == 0 {
		// Rows without a unit belong to no shard; the first one counts them.
		missing, err := conn.Row(s.ctx, "SELECT count(*) FROM units WHERE unit IS NULL")
		if err != nil {
			return err
		}
		s.stats.WithoutUnit = missing[0]
	}
	where := "unit IS NOT NULL"
	if r.Shards > 1 {
		where += fmt.Sprintf(" AND hash(unit) %% %d = %d", r.Shards, r.Shard)
	}
	s.units.rows, err = conn.Query(s.ctx, fmt.Sprintf(`SELECT %s FROM units WHERE %s ORDER BY unit, "time", seq, "index"`,
		duck.Names(fieldNames(schema)), where))
	return err
}

func fieldNames(schema *arrow.Schema) []string {
	names := make([]string, 0, schema.NumFields())
	for _, f := range schema.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// unsorted gives the engine the rows of a scan by person. Its batches have memory of their own, for the engine holds more than one at a time.
type unsorted struct {
	scan    *Scan
	current arrow.RecordBatch
	err     error
}

func (u *unsorted) Schema() *arrow.Schema          { return u.scan.schema }
func (u *unsorted) RecordBatch() arrow.RecordBatch { return u.current }
func (u *unsorted) Record() arrow.RecordBatch      { return u.current }
func (u *unsorted) Err() error                     { return u.err }
func (u *unsorted) Retain()                        {}
func (u *unsorted) Release()                       {}

func (u *unsorted) Next() bool {
	u.scan.batch = newBatch(u.scan.schema)
	u.current, u.err = u.scan.fill()
	return u.current != nil && u.err == nil
}

// unitText is the SQL of a unit's text, null when there is none.
func unitText(k store.UnitKey) string {
	column := fmt.Sprintf(`nullif("%s", '')`, k.Column)
	if len(k.Paths) == 0 {
		return column
	}
	values := make([]string, len(k.Paths))
	for i, path := range k.Paths {
		json := duck.Quote(`$."` + strings.Join(path, `"."`) + `"`)
		values[i] = fmt.Sprintf(`CASE WHEN json_type(%[1]s, %[2]s) NOT IN ('OBJECT', 'ARRAY', 'NULL')
			THEN nullif(json_extract_string(%[1]s, %[2]s), '') END`, column, json)
	}
	return "coalesce(" + strings.Join(values, ", ") + ")"
}

// unitNumbers gives the units of a scan numbers, in their order.
type unitNumbers struct {
	last  string
	count uint64
}

// number puts the units' numbers into the place of the persons. The batch is released.
func (u *unitNumbers) number(batch arrow.RecordBatch) arrow.RecordBatch {
	defer batch.Release()
	units := batch.Column(int(batch.NumCols()) - 1).(*array.String)
	numbers := array.NewUint64Builder(memory.DefaultAllocator)
	defer numbers.Release()
	numbers.Reserve(units.Len())
	for i := range units.Len() {
		if unit := units.Value(i); u.count == 0 || unit != u.last {
			u.last = strings.Clone(unit)
			u.count++
		}
		numbers.UnsafeAppend(u.count)
	}
	column := numbers.NewArray()
	defer column.Release()
	columns := append([]arrow.Array{column}, batch.Columns()[1:]...)
	return array.NewRecordBatch(batch.Schema(), columns, batch.NumRows())
}
