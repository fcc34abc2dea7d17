// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// row of a page.
type row struct {
	// place are the texts of version and key.
	place []string
	bytes int64
	// document is nil if it is too large.
	document []byte
}

// page is a part of a round.
type page struct {
	rows []row
	// last is set if the round has no further rows.
	last bool
}

// overlap of two rounds, in seconds or values.
func (r *reader) overlap() string {
	if r.table.version.kind == times {
		return strconv.FormatInt(int64(r.spec.Overlap.Or(time.Minute)/time.Second), 10)
	}
	if n := r.spec.OverlapValues; n != nil {
		return strconv.FormatInt(*n, 10)
	}
	return "10000"
}

// newest returns the highest version, and the first version of the round after one through it; empty if there are no rows.
func (r *reader) newest(ctx context.Context, tx *db.Tx) (highest, next string, err error) {
	q := &statement{}
	list, condition := r.engine.newest(q, r.table.version, r.overlap(), r.zone(), r.Now())
	text := "SELECT " + list + " FROM " + r.table.from
	if condition != "" {
		text += " WHERE " + condition
	}
	var a, b db.NullString
	err = tx.QueryRowContext(ctx, text, q.args...).Scan(&a, &b)
	return a.String, b.String, err
}

// fetch returns the next rows of a round. Before the first one it proves that rows can be read and sorted.
func (r *reader) fetch(ctx context.Context, tx *db.Tx, limit int) (page, error) {
	q := &statement{}
	order := r.table.order()
	var list, by []string
	for i, c := range order {
		list, by = append(list, fmt.Sprintf("%s AS p%d", c.as, i)), append(by, c.as)
	}
	list = append(list, r.engine.document(r.table.columns, r.zone())+" AS document")
	text := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d", strings.Join(list, ", "), r.table.from,
		strings.Join(append(r.rest(q, &r.at), r.placed()...), " AND "), strings.Join(by, ", "), limit)
	rows, err := tx.QueryContext(ctx, r.engine.page(text, order, pull.MaxBytes, r.MaxDocument), q.args...)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = rows.Close() }()
	p, found := page{}, 0
	for rows.Next() {
		one := row{place: make([]string, len(order))}
		into := make([]any, 0, len(order)+3)
		for i := range one.place {
			into = append(into, &one.place[i])
		}
		if err := rows.Scan(append(into, &one.bytes, &one.document, &found)...); err != nil {
			return page{}, err
		}
		p.rows = append(p.rows, one)
	}
	p.last = len(p.rows) == found && found < limit
	return p, rows.Err()
}

// zone of times that have none.
func (r *reader) zone() string {
	if r.spec.TimeZone == "" {
		return "UTC"
	}
	return r.spec.TimeZone
}

// rest returns the conditions for the rows of a round that come after a position. Without a round, they are those after all that was read.
func (r *reader) rest(q *statement, at *position) (out []string) {
	version := r.table.version
	if at.Floor != "" {
		out = append(out, version.as+" > "+r.engine.param(q, at.Floor, version))
	}
	if at.Through != "" {
		out = append(out, version.as+" <= "+r.engine.param(q, at.Through, version))
	}
	switch {
	case at.After != nil:
		var columns, values []string
		for i, c := range r.table.order() {
			columns, values = append(columns, c.as), append(values, r.engine.param(q, string(at.After[i]), c))
		}
		out = append(out, r.engine.after(columns, values))
	case at.From != "":
		out = append(out, version.as+" >= "+r.engine.param(q, at.From, version))
	}
	return out
}

// placed returns the conditions that a row has a place in the order, and unplaced their opposite.
func (r *reader) placed() (out []string) {
	for _, c := range r.table.order() {
		out = append(out, c.as+" IS NOT NULL")
	}
	return append(out, "NOT ("+r.engine.long(r.table.keys, mostKeyBytes)+")")
}

func (r *reader) unplaced() string {
	var out []string
	for _, c := range r.table.order() {
		out = append(out, c.as+" IS NULL")
	}
	return strings.Join(append(out, r.engine.long(r.table.keys, mostKeyBytes)), " OR ")
}

// count returns the number of rows with the conditions, at most one more than mostCounted.
func (r *reader) count(ctx context.Context, tx *db.Tx, q *statement, condition string) (n int64, err error) {
	text := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) AS counted", r.table.from, condition, mostCounted+1)
	return n, tx.QueryRowContext(ctx, text, q.args...).Scan(&n)
}
