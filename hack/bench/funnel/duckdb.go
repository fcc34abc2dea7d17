// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// duckdb is DuckDB over Parquet files of the same rows, in a process of its own: this program again, with -duckdb.
type duckdb struct {
	bench *bench
	world world
}

func (d *duckdb) name() string { return "DuckDB, window functions" }

func (d *duckdb) files() string { return d.dir() }
func (d *duckdb) dir() string {
	return filepath.Join(d.bench.dir, fmt.Sprintf("duckdb-%d", d.world.events))
}
func (d *duckdb) file(kind string) string {
	return filepath.Join(d.dir(), kind+".parquet")
}

func (d *duckdb) start(context.Context) error { return nil }
func (d *duckdb) stop() error                 { return nil }

var rowSchema = arrow.NewSchema([]arrow.Field{
	{Name: "who", Type: arrow.PrimitiveTypes.Uint64}, {Name: "time", Type: arrow.PrimitiveTypes.Int64},
	{Name: "event", Type: arrow.BinaryTypes.String}, {Name: "id", Type: arrow.PrimitiveTypes.Uint64},
}, nil)

func (d *duckdb) kind() string {
	if d.world.identities {
		return "raw"
	}
	return "plain"
}

// prepare writes the rows, sorted by person or identity and time, and for a world with identities the table of their persons.
func (d *duckdb) prepare(ctx context.Context) error {
	if _, err := os.Stat(d.file(d.kind())); err == nil {
		return nil
	}
	if err := os.MkdirAll(d.dir(), 0o700); err != nil {
		return err
	}
	if d.world.identities {
		err := d.write(ctx, "people", func(put func(uint64, *sighting)) error {
			for p := range d.world.persons {
				for _, s := range []sighting{{person: p, known: true}, {person: p}, {person: p, device: 1}} {
					put(d.world.anchor(&s), &sighting{person: p, at: int64(p)})
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return d.write(ctx, d.kind(), func(put func(uint64, *sighting)) error {
		return d.world.byPerson(func(list []sighting) error {
			for i := range list {
				s := &list[i]
				who := personNumber(s.person)
				if d.world.identities {
					who = d.world.anchor(s)
				}
				for range copies(d.world, s) {
					put(who, s)
				}
			}
			return nil
		})
	})
}

// write makes a file of what fill puts.
func (d *duckdb) write(ctx context.Context, kind string, fill func(put func(uint64, *sighting)) error) error {
	db, err := d.open()
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
	b := array.NewRecordBuilder(memory.DefaultAllocator, rowSchema)
	views, count := 0, 0
	flush := func() error {
		batch := b.NewRecordBatch()
		defer batch.Release()
		count = 0
		reader, err := array.NewRecordReader(rowSchema, []arrow.RecordBatch{batch})
		if err != nil {
			return err
		}
		defer reader.Release()
		views++
		view := "view_" + strconv.Itoa(views)
		release, err := conn.View(view, reader)
		if err != nil {
			return err
		}
		defer release()
		return errors.Join(conn.Exec(ctx, "INSERT INTO incoming SELECT * FROM "+view), conn.Exec(ctx, "DROP VIEW "+view))
	}
	var failure error
	err = fill(func(who uint64, s *sighting) {
		b.Field(0).(*array.Uint64Builder).Append(who)
		b.Field(1).(*array.Int64Builder).Append(begin + s.at)
		b.Field(2).(*array.StringBuilder).Append(names[s.name])
		b.Field(3).(*array.Uint64Builder).Append(idOf(s))
		if count++; count == 1<<18 {
			failure = errors.Join(failure, flush())
		}
	})
	if err := errors.Join(err, failure, flush()); err != nil {
		return err
	}
	path := d.file(kind)
	sql := fmt.Sprintf("COPY (SELECT * FROM incoming ORDER BY who, time) TO %s (FORMAT parquet, COMPRESSION zstd)", duck.Quote(path+".part"))
	return errors.Join(conn.Exec(ctx, sql), os.Rename(path+".part", path))
}

func (d *duckdb) open() (*duck.DB, error) {
	return duck.Open(duck.Options{MemoryLimit: 8 << 30, Threads: d.bench.threads, TempDir: d.dir(), TempLimit: 20 << 30})
}

// sql finds, for each entry, the earliest time at which each further stage can be reached: the next event of the second stage, the next of
// the third after that, and so on. "x_y" is the earliest y after the next x, and so on; each level of it is one pass of window functions.
func (d *duckdb) sql() string {
	from := fmt.Sprintf("SELECT who AS person, time, event FROM read_parquet(%s)", duck.Quote(d.file(d.kind())))
	if d.world.identities {
		from = fmt.Sprintf(`SELECT p.id >> 10 AS person, r.time, r.event FROM (SELECT any_value(who) AS who, any_value(time) AS time, any_value(event) AS event
			FROM read_parquet(%s) GROUP BY id) r JOIN read_parquet(%s) p ON p.who = r.who`, duck.Quote(d.file("raw")), duck.Quote(d.file("people")))
	}
	var quoted []string
	for _, name := range names[:stages] {
		quoted = append(quoted, duck.Quote(name))
	}
	next := func(stage int, of string) string {
		return fmt.Sprintf("min(CASE WHEN s = %d THEN %s END) OVER later", stage, of)
	}
	const later = "WINDOW later AS (PARTITION BY person ORDER BY time ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
	level := func(name, from string, columns ...string) string {
		return fmt.Sprintf("%s AS (SELECT *, %s FROM %s %s)", name, strings.Join(columns, ", "), from, later)
	}
	list := strings.Join(quoted, ", ")
	return strings.Join([]string{
		fmt.Sprintf("WITH base AS (SELECT person, time, list_position([%s], event) AS s FROM (%s) WHERE event IN (%s))", list, from, list),
		level("one", "base", next(2, "time")+" AS b", next(3, "time")+" AS c", next(4, "time")+" AS d", next(5, "time")+" AS e"),
		level("two", "one", next(2, "c")+" AS bc", next(3, "d")+" AS cd", next(4, "e")+" AS de"),
		level("three", "two", next(2, "cd")+" AS bcd", next(3, "de")+" AS cde"),
		level("four", "three", next(2, "cde")+" AS bcde"),
		fmt.Sprintf(`level AS (SELECT person, max(1 + coalesce(b <= time + %[1]d, false)::INT + coalesce(bc <= time + %[1]d, false)::INT
			+ coalesce(bcd <= time + %[1]d, false)::INT + coalesce(bcde <= time + %[1]d, false)::INT) AS l FROM four WHERE s = 1 GROUP BY person)
			SELECT l::BIGINT, count(*)::BIGINT FROM level GROUP BY l`, window),
	}, ",\n")
}

// run starts the other process and reads its answer.
func (d *duckdb) run(ctx context.Context) (out sample, err error) {
	self, err := os.Executable()
	if err != nil {
		return out, err
	}
	//nolint:gosec // this program itself
	cmd := exec.CommandContext(ctx, self, "-duckdb", d.sql(), "-dir", d.bench.dir, "-threads", strconv.Itoa(d.bench.threads))
	cmd.Stderr = os.Stderr
	began := time.Now()
	text, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("DuckDB: %w", err)
	}
	out.wall = time.Since(began)
	out.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		out.memory = usage.Maxrss << 10
	}
	return out, out.levels(string(text))
}

// runDuckDB is the other process: it prints the rows of a query of two numbers.
func runDuckDB(ctx context.Context, b *bench, sql string, w io.Writer) error {
	db, err := (&duckdb{bench: b}).open()
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range int(batch.NumRows()) {
			fmt.Fprintf(w, "%d\t%d\n", batch.Column(0).(*array.Int64).Value(i), batch.Column(1).(*array.Int64).Value(i))
		}
		batch.Release()
	}
}
