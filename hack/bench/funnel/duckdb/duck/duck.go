// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package duck runs queries on an in-memory DuckDB over files and Arrow records, and streams the results as Arrow record batches. It uses the C API
// directly, because the usual driver for database/sql buffers the whole result before it returns the first row.
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
	// MemoryLimit in bytes. Above it, queries spill to TempDir.
	MemoryLimit int64
	// Threads to use.
	Threads int
	// TempDir is for spilled data, at most TempLimit bytes.
	TempDir   string
	TempLimit int64
}

// DB is an in-memory database.
type DB struct {
	db bindings.Database
}

// Open opens a database that cannot load extensions or access the network.
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

// Close closes the database. Close all connections first.
func (d *DB) Close() { bindings.Close(&d.db) }

// Conn is a connection, which runs one query at a time. It owns temporary tables and views.
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

// Close closes the connection. Close its rows first.
func (c *Conn) Close() { bindings.Disconnect(&c.conn) }

// Exec runs a statement that returns no result.
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

// Quote returns a text as an SQL literal.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// QuoteAll returns texts as SQL literals, separated by commas.
func QuoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = Quote(s)
	}
	return strings.Join(quoted, ", ")
}

// List returns texts as an SQL list literal.
func List(texts []string) string { return "[" + QuoteAll(texts) + "]" }
