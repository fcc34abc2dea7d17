// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// table returns the name of a table of this world and this version of the generator.
func (e *Engine) table(kind string) string {
	return fmt.Sprintf("%s_%d_%s", kind, e.World.Events, e.World.Stamp())
}

// source returns the name of the table that the row reads.
func (e *Engine) source() string {
	kind := "plain"
	switch {
	case e.World.Identities:
		kind = "raw"
	case e.Packed:
		kind = "packed"
	}
	if e.Fresh > 0 {
		kind += fmt.Sprintf("_fresh%d", e.Fresh)
	}
	return e.table(kind)
}

// Prepare loads the rows, unless they exist. It starts and stops the server.
func (e *Engine) Prepare(ctx context.Context) error {
	if err := e.Start(ctx); err != nil {
		return err
	}
	err := e.load(ctx)
	return errors.Join(err, e.Stop())
}

func (e *Engine) load(ctx context.Context) error {
	if err := e.dropStale(ctx); err != nil {
		return err
	}
	// Check for the table that is created last, so that an interrupted load starts from the beginning.
	if have, err := e.query(ctx, "EXISTS TABLE "+e.source(), nil); err != nil || strings.TrimSpace(have) == "1" {
		return err
	}
	began := time.Now()
	var err error
	switch {
	case e.World.Identities:
		err = e.loadRaw(ctx)
	case e.Fresh > 0:
		err = e.loadFresh(ctx)
	case e.Packed:
		err = e.loadSorted(ctx, "LowCardinality(String)", func(into string) step {
			return step{sql: "INSERT INTO " + into + " SELECT person, time, event FROM " + e.table("plain")}
		})
	default:
		err = e.loadSorted(ctx, "String", func(into string) step {
			return step{sql: "INSERT INTO " + into + " FORMAT RowBinary", body: e.plainRows}
		})
	}
	if err != nil {
		return err
	}
	parts, err := e.query(ctx, fmt.Sprintf("SELECT count() FROM system.parts WHERE active AND database = currentDatabase() AND table = '%s'", e.source()), nil)
	e.Bench.Say("  made ClickHouse's table %s, parts: %s, in %.0f s", e.source(), strings.TrimSpace(parts), time.Since(began).Seconds())
	return err
}

// dropStale drops the tables of other versions of the generator on the local server.
func (e *Engine) dropStale(ctx context.Context) error {
	if e.server == nil {
		return nil
	}
	tables, err := e.query(ctx, "SHOW TABLES", nil)
	for name := range strings.FieldsSeq(tables) {
		if err == nil && !strings.HasSuffix(name, "_"+e.World.Stamp()) && !strings.HasSuffix(name, "_"+world.New(e.World.Events, !e.World.Identities).Stamp()) {
			_, err = e.query(ctx, "DROP TABLE "+name, nil)
		}
	}
	return err
}

// Remove drops the tables of this world on a given server, because they are not in the data folder.
func (e *Engine) Remove(ctx context.Context) error {
	tables, err := e.query(ctx, "SHOW TABLES", nil)
	for name := range strings.FieldsSeq(tables) {
		if err == nil && strings.HasSuffix(name, fmt.Sprintf("_%d_%s", e.World.Events, e.World.Stamp())) {
			_, err = e.query(ctx, "DROP TABLE "+name, nil)
		}
	}
	return err
}

// loadSorted creates a table of person, second and name, ordered by person and time and merged into one part.
func (e *Engine) loadSorted(ctx context.Context, event string, fill func(into string) step) error {
	part := e.source() + "_part"
	return e.each(ctx,
		step{sql: "DROP TABLE IF EXISTS " + part},
		step{sql: "CREATE TABLE " + part + " (person UInt64, time DateTime, event " + event + ") ENGINE = MergeTree ORDER BY (person, time)"},
		fill(part), step{sql: "OPTIMIZE TABLE " + part + " FINAL"}, step{sql: "RENAME TABLE " + part + " TO " + e.source()})
}

// Number of parts of the fresh share: as many inserts as a steady stream leaves unmerged, but fewer than the limit at which the server refuses
// inserts.
const (
	freshRows  = 100_000
	freshParts = 100
)

// loadFresh creates a table whose old share is in one part, and whose newest share is in unmerged parts.
func (e *Engine) loadFresh(ctx context.Context) error {
	sorted := *e
	sorted.Fresh = 0
	event := "String"
	if e.Packed {
		event = "LowCardinality(String)"
	}
	part, cut := e.source()+"_part", world.Share(100-e.Fresh)
	// OPTIMIZE also works with background merges disabled.
	list := []step{
		{sql: "DROP TABLE IF EXISTS " + part},
		{sql: fmt.Sprintf(`CREATE TABLE %s (person UInt64, time DateTime, event %s) ENGINE = MergeTree ORDER BY (person, time)
			SETTINGS index_granularity = 8192, max_bytes_to_merge_at_max_space_in_pool = 1`, part, event)},
		{sql: between(part, sorted.source(), 0, cut)}, {sql: "OPTIMIZE TABLE " + part + " FINAL"},
	}
	n := int64(min(freshParts, 1+e.World.Events/100*e.Fresh/freshRows))
	for i := range n {
		list = append(list, step{sql: between(part, sorted.source(), cut+(world.End-cut)*i/n, cut+(world.End-cut)*(i+1)/n)})
	}
	return e.each(ctx, append(list, step{sql: "RENAME TABLE " + part + " TO " + e.source()})...)
}

func between(into, from string, begin, end int64) string {
	return fmt.Sprintf("INSERT INTO %s SELECT person, time, event FROM %s WHERE toUInt32(time) >= %d AND toUInt32(time) < %d", into, from,
		world.Begin+begin, world.Begin+end)
}

// loadRaw creates a table of identity, second, name and ID that includes redelivered events, and a table of the persons of the identities.
func (e *Engine) loadRaw(ctx context.Context) error {
	raw, people := e.table("raw")+"_part", e.table("people")
	return e.each(ctx,
		step{sql: "DROP TABLE IF EXISTS " + raw}, step{sql: "DROP TABLE IF EXISTS " + people},
		step{sql: "CREATE TABLE " + raw + " (anchor UInt64, time DateTime, event String, id UInt64) ENGINE = MergeTree ORDER BY (anchor, time)"},
		step{sql: "CREATE TABLE " + people + " (anchor UInt64, person UInt64) ENGINE = MergeTree ORDER BY anchor"},
		step{sql: "INSERT INTO " + raw + " FORMAT RowBinary", body: e.rawRows}, step{sql: "INSERT INTO " + people + " FORMAT RowBinary", body: e.peopleRows},
		step{sql: "OPTIMIZE TABLE " + raw + " FINAL"}, step{sql: "OPTIMIZE TABLE " + people + " FINAL"},
		step{sql: "RENAME TABLE " + raw + " TO " + e.table("raw")})
}

func (e *Engine) plainRows(w *bufio.Writer) {
	for list := range e.World.ByPerson() {
		for i := range list {
			putRow(w, world.PersonNumber(list[i].Person), &list[i])
		}
	}
}

func (e *Engine) rawRows(w *bufio.Writer) {
	for list := range e.World.ByPerson() {
		for i := range list {
			s := &list[i]
			for range e.World.Copies(s) {
				putRow(w, e.World.Anchor(s), s)
				putLong(w, s.ID())
			}
		}
	}
}

func (e *Engine) peopleRows(w *bufio.Writer) {
	for anchor, person := range e.World.People() {
		putLong(w, anchor)
		putLong(w, world.PersonNumber(person))
	}
}

// step is a statement, with the data of an INSERT.
type step struct {
	sql  string
	body func(*bufio.Writer)
}

func (e *Engine) each(ctx context.Context, list ...step) error {
	for _, s := range list {
		var body io.Reader
		if s.body != nil {
			r, w := io.Pipe()
			go func() {
				out := bufio.NewWriterSize(w, 1<<20)
				s.body(out)
				w.CloseWithError(out.Flush())
			}()
			body = r
		}
		if _, err := e.query(ctx, s.sql, body); err != nil {
			return fmt.Errorf("%s: %w", s.sql, err)
		}
	}
	return nil
}

// putRow writes a row in RowBinary. Flush returns the errors of the writer.
func putRow(w *bufio.Writer, who uint64, s *world.Sighting) {
	putLong(w, who)
	var b [5]byte
	binary.LittleEndian.PutUint32(b[:], uint32(world.Begin+s.At))
	b[4] = byte(len(world.Names[s.Name]))
	_, _ = w.Write(b[:])
	_, _ = w.WriteString(world.Names[s.Name])
}

func putLong(w *bufio.Writer, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = w.Write(b[:])
}
