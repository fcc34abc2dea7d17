// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// engine is what differs between database systems.
type engine interface {
	// open returns the database, without connecting.
	open(r *reader) (*db.DB, error)
	// prepare limits the statements of a transaction.
	prepare(ctx context.Context, tx *db.Tx, timeout time.Duration) error
	// quote returns a name in SQL.
	quote(name string) string
	// kindOf returns what a version of a type of columns is; false if it cannot be one.
	kindOf(column string) (kind, bool)
	// isKey reports whether columns of a type are sorted as they are compared.
	isKey(column string) bool
	// newest returns the SELECT list for the highest version and the one by the overlap before it, and the condition on versions that are too far in the
	// future to be right; empty if there is none.
	newest(q *statement, version column, overlap, zone string, present time.Time) (list, condition string)
	// text returns an expression as text that param reads again.
	text(expression string, c column) string
	// param returns a placeholder for a text, to compare with the column.
	param(q *statement, value string, c column) string
	// after returns the condition that the columns are after the values, in the order of the columns.
	after(columns, values []string) string
	// long returns the condition that a key has more than a number of bytes as text.
	long(columns []column, most int) string
	// document returns an expression for the JSON object of the columns of a row.
	document(columns []column, zone string) string
	// page returns a SELECT of the rows of an ordered one, as many as have most bytes: the first n columns as texts, bytes, document, and the number of
	// rows of the ordered one.
	page(ordered string, columns []column, most, document int64) string
	// explain returns an error of the server in the words of users; nil if it is none.
	explain(err error) *pull.Error
}

var engines = map[v1alpha1.SQLEngine]engine{v1alpha1.SQLPostgres: postgresEngine{}, v1alpha1.SQLMariaDB: mariaEngine{}}

// kind of a version.
type kind string

const (
	times    kind = "time"
	integers kind = "integer"
)

func (k kind) text() string {
	if k == times {
		return "a time"
	}
	return "an integer"
}

// column of the table.
type column struct {
	name string
	// as is the name in SQL, and typ the name of the type.
	as, typ string
	kind    kind
}

// table is what is read.
type table struct {
	// from is the FROM clause, with the alias s.
	from    string
	columns []column
	version column
	keys    []column
}

// order returns the columns of the order: the version and the key.
func (t *table) order() []column { return append([]column{t.version}, t.keys...) }

// statement is one with placeholders.
type statement struct {
	args []any
}

// describe finds the columns and their types.
func (r *reader) describe(ctx context.Context, tx *db.Tx) error {
	t := table{from: r.from()}
	list := "s.*"
	if len(r.spec.Columns) > 0 {
		names := make([]string, len(r.spec.Columns))
		for i, c := range r.spec.Columns {
			names[i] = "s." + r.engine.quote(string(c))
		}
		list = strings.Join(names, ", ")
	}
	//nolint:gosec // names are quoted, and a query is the user's own
	rows, err := tx.QueryContext(ctx, "SELECT "+list+" FROM "+t.from+" WHERE 1 = 0")
	if err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if closed := rows.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return err
	}
	for _, c := range types {
		if slices.ContainsFunc(t.columns, func(o column) bool { return o.name == c.Name() }) {
			return misconfigured("spec.transport.sql.query returns two columns with the name %q: give one of them another name with AS", c.Name())
		}
		t.columns = append(t.columns, column{name: c.Name(), as: "s." + r.engine.quote(c.Name()), typ: c.DatabaseTypeName()})
	}
	if err := r.place(&t); err != nil {
		return err
	}
	r.table = t
	return nil
}

// place finds the version and the key among the columns.
func (r *reader) place(t *table) error {
	var err error
	if t.version, err = t.find("versionColumn", r.spec.VersionColumn); err != nil {
		return err
	}
	var ok bool
	if t.version.kind, ok = r.engine.kindOf(t.version.typ); !ok {
		return misconfigured("spec.transport.sql.versionColumn: column %q has the type %s; a version is a time with a clock or an integer", t.version.name,
			t.version.typ)
	}
	if t.version.kind == times && r.spec.OverlapValues != nil {
		return misconfigured("spec.transport.sql.overlapValues: column %q is a time; set overlap instead", t.version.name)
	}
	if t.version.kind == integers && r.spec.Overlap != "" {
		return misconfigured("spec.transport.sql.overlap: column %q is an integer; set overlapValues instead", t.version.name)
	}
	for _, name := range r.spec.KeyColumns {
		c, err := t.find("keyColumns", name)
		if err != nil {
			return err
		}
		if !r.engine.isKey(c.typ) {
			return misconfigured("spec.transport.sql.keyColumns: column %q has the type %s, which has no exact order; use other columns", c.name, c.typ)
		}
		t.keys = append(t.keys, c)
	}
	return nil
}

// find returns a column by its name.
func (t *table) find(field string, name v1alpha1.SQLColumn) (column, error) {
	var names []string
	for _, c := range t.columns {
		if c.name == string(name) {
			return c, nil
		}
		names = append(names, c.name)
	}
	const most = 20
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return column{}, misconfigured("spec.transport.sql.%s: there is no column %q; correct the name, or add it: there are %s", field, name,
		strings.Join(names, ", "))
}

// from returns the FROM clause.
func (r *reader) from() string {
	if r.spec.Query != "" {
		return "(" + r.spec.Query + "\n) AS s"
	}
	parts := strings.Split(r.spec.Table, ".")
	for i, p := range parts {
		parts[i] = r.engine.quote(p)
	}
	return strings.Join(parts, ".") + " AS s"
}

func misconfigured(format string, args ...any) error {
	return &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf(format, args...)}
}
