// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb/duck"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

var rowSchema = arrow.NewSchema([]arrow.Field{
	{Name: "who", Type: arrow.PrimitiveTypes.Uint64}, {Name: "time", Type: arrow.PrimitiveTypes.Int64},
	{Name: "event", Type: arrow.BinaryTypes.String}, {Name: "id", Type: arrow.PrimitiveTypes.Uint64},
}, nil)

// Prepare writes the rows, sorted by person or identity and by time, unless they exist. In a world with identities, it also writes a table of their
// persons. It removes the files of other versions of the generator.
func (e *Engine) Prepare(ctx context.Context) error {
	if err := e.removeStale(); err != nil {
		return err
	}
	kind := "plain"
	if e.World.Identities {
		kind = "raw"
	}
	if _, err := os.Stat(e.file(kind)); err == nil {
		return nil
	}
	began := time.Now()
	if err := os.MkdirAll(e.Files(), 0o700); err != nil {
		return err
	}
	if e.World.Identities {
		if err := e.write(ctx, "people", e.people); err != nil {
			return err
		}
	}
	if err := e.write(ctx, kind, e.rows); err != nil {
		return err
	}
	e.Bench.Say("  made DuckDB's %s in %.0f s", e.file(kind), time.Since(began).Seconds())
	return nil
}

func (e *Engine) removeStale() error {
	folders, err := filepath.Glob(filepath.Join(e.Bench.Dir, fmt.Sprintf("duckdb-%d*", e.World.Events)))
	other := &Engine{Bench: e.Bench, World: world.New(e.World.Events, !e.World.Identities)}
	for _, f := range folders {
		if f != e.Files() && f != other.Files() {
			err = errors.Join(err, os.RemoveAll(f))
		}
	}
	return err
}

// sink receives one row.
type sink func(who uint64, s *world.Sighting)

func (e *Engine) rows(put sink) {
	for list := range e.World.ByPerson() {
		for i := range list {
			s := &list[i]
			who := world.PersonNumber(s.Person)
			if e.World.Identities {
				who = e.World.Anchor(s)
			}
			for range e.World.Copies(s) {
				put(who, s)
			}
		}
	}
}

// people passes the person of each anchor to put, in the field of the ID.
func (e *Engine) people(put sink) {
	for anchor, person := range e.World.People() {
		put(anchor, &world.Sighting{Person: person})
	}
}

// write writes the rows that fill passes to its argument to a file.
func (e *Engine) write(ctx context.Context, kind string, fill func(sink)) error {
	db, err := open(e.Files(), e.Bench.Threads)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Exec(ctx, "CREATE TABLE incoming (who UBIGINT, time BIGINT, event VARCHAR, id UBIGINT)"); err != nil {
		return err
	}
	in := &incoming{conn: conn, rows: array.NewRecordBuilder(memory.DefaultAllocator, rowSchema)}
	fill(func(who uint64, s *world.Sighting) { in.put(ctx, who, s) })
	in.flush(ctx)
	path := e.file(kind)
	sql := fmt.Sprintf("COPY (SELECT * FROM incoming ORDER BY who, time) TO %s (FORMAT parquet, COMPRESSION zstd)", duck.Quote(path+".part"))
	return errors.Join(in.failure, conn.Exec(ctx, sql), os.Rename(path+".part", path))
}

// incoming inserts rows into a table in batches. It keeps the first error.
type incoming struct {
	conn    *duck.Conn
	rows    *array.RecordBuilder
	count   int
	views   int
	failure error
}

func (in *incoming) put(ctx context.Context, who uint64, s *world.Sighting) {
	in.rows.Field(0).(*array.Uint64Builder).Append(who)
	in.rows.Field(1).(*array.Int64Builder).Append(world.Begin + s.At)
	in.rows.Field(2).(*array.StringBuilder).Append(world.Names[s.Name])
	in.rows.Field(3).(*array.Uint64Builder).Append(s.ID())
	if in.count++; in.count == 1<<18 {
		in.flush(ctx)
	}
}

func (in *incoming) flush(ctx context.Context) {
	batch := in.rows.NewRecordBatch()
	defer batch.Release()
	in.count = 0
	if in.failure != nil {
		return
	}
	in.failure = func() error {
		reader, err := array.NewRecordReader(rowSchema, []arrow.RecordBatch{batch})
		if err != nil {
			return err
		}
		defer reader.Release()
		in.views++
		view := "view_" + strconv.Itoa(in.views)
		release, err := in.conn.View(view, reader)
		if err != nil {
			return err
		}
		defer release()
		return errors.Join(in.conn.Exec(ctx, "INSERT INTO incoming SELECT * FROM "+view), in.conn.Exec(ctx, "DROP VIEW "+view))
	}()
}
