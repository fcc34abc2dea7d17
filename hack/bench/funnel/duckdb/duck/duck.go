// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package duck is DuckDB as an engine over files and Arrow records: an in-memory database that keeps nothing, whose results
// come as a stream of Arrow record batches. It uses the C interface directly, because database/sql and the usual driver hold a
// whole result in memory before they give its first row.
package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Options of a database.
type Options struct {
	// MemoryLimit in bytes; more goes to TempDir.
	MemoryLimit int64
	// Threads to use.
	Threads int
	// TempDir holds what does not fit into memory, at most TempLimit bytes.
	TempDir   string
	TempLimit int64
}

// DB is a database in memory.
type DB struct {
	db bindings.Database
}

// Open a database. It cannot load extensions and reaches no network.
func Open(o Options) (*DB, error) {
	var config bindings.Config
	if bindings.CreateConfig(&config) == bindings.StateError {
		return nil, errors.New("duckdb: no configuration")
	}
	defer bindings.DestroyConfig(&config)
	settings := map[string]string{
		"memory_limit":                 fmt.Sprintf("%dB", o.MemoryLimit),
		"threads":                      fmt.Sprint(max(o.Threads, 1)),
		"temp_directory":               o.TempDir,
		"max_temp_directory_size":      fmt.Sprintf("%dB", o.TempLimit),
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"allow_community_extensions":   "false",
		"default_order":                "asc",
	}
	for name, value := range settings {
		if bindings.SetConfig(config, name, value) == bindings.StateError {
			return nil, fmt.Errorf("duckdb: setting %s refused %q", name, value)
		}
	}
	d := &DB{}
	var message string
	if bindings.OpenExt(":memory:", &d.db, config, &message) == bindings.StateError {
		return nil, fmt.Errorf("duckdb: %s", message)
	}
	return d, nil
}

// Close the database. All connections must be closed before.
func (d *DB) Close() { bindings.Close(&d.db) }

// Conn is a connection: one query at a time. Temporary tables and views belong to it.
type Conn struct {
	conn bindings.Connection
}

// Connect opens a connection.
func (d *DB) Connect() (*Conn, error) {
	c := &Conn{}
	if bindings.Connect(d.db, &c.conn) == bindings.StateError {
		return nil, errors.New("duckdb: no connection")
	}
	return c, nil
}

// Close the connection. Its rows must be closed before.
func (c *Conn) Close() { bindings.Disconnect(&c.conn) }

// Exec runs a statement without a result.
func (c *Conn) Exec(ctx context.Context, sql string) error {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		batch, err := rows.Next()
		if batch == nil {
			return ignoreEOF(err)
		}
		batch.Release()
	}
}

// Quote a text as a literal of SQL.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// QuoteAll gives a list of literals with commas between.
func QuoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = Quote(s)
	}
	return strings.Join(quoted, ", ")
}

// List gives a literal of a list of texts.
func List(texts []string) string { return "[" + QuoteAll(texts) + "]" }
