// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// postgresEngine is PostgreSQL.
type postgresEngine struct{}

func (postgresEngine) open(r *reader) (*db.DB, error) {
	c, err := r.connection()
	if err != nil {
		return nil, err
	}
	// A configuration has to come from the parser, which also reads variables of the environment and files of the home folder: all of that is replaced.
	config, err := pgx.ParseConfig("host=replaced sslmode=disable")
	if err != nil {
		return nil, misconfigured("the settings of spec.transport.sql do not fit together")
	}
	port, err := strconv.ParseUint(c.port, 10, 16)
	if err != nil {
		return nil, misconfigured("spec.transport.sql.address: %q is not a port", c.port)
	}
	config.Host, config.Port, config.Database, config.User, config.Password = c.host, uint16(port), r.spec.Database, c.user, c.password
	config.TLSConfig, config.Fallbacks = c.tls, nil
	config.RuntimeParams = map[string]string{"application_name": c.name}
	config.KerberosSrvName, config.KerberosSpn, config.ValidateConnect, config.AfterConnect = "", "", nil, nil
	// The certificate is verified. With one of Ed25519, for which channel binding is not defined, the client and the server would not agree about it.
	config.ChannelBinding = "disable"
	config.ConnectTimeout = connectWithin
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // Dial finds the address.
	config.DialFunc = func(ctx context.Context, _, address string) (net.Conn, error) { return c.dial(ctx, address) }
	// Statements without a name work through poolers, too.
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return stdlib.OpenDB(*config), nil
}

func (postgresEngine) prepare(ctx context.Context, tx *db.Tx, timeout time.Duration) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`SELECT set_config('statement_timeout', '%d', true), set_config('TimeZone', 'UTC', true),
	set_config('client_encoding', 'UTF8', true), set_config('DateStyle', 'ISO', true),
	set_config('IntervalStyle', 'iso_8601', true), set_config('extra_float_digits', '1', true)`, timeout.Milliseconds()))
	return err
}

func (postgresEngine) quote(name string) string { return pgx.Identifier{name}.Sanitize() } //nolint:misspell // as pgx writes it

// lowest are the integers that a version can be, with the lowest value.
var lowest = map[string]string{"INT2": "-32768", "INT4": "-2147483648", "INT8": "-9223372036854775808"}

func (postgresEngine) kindOf(typ string) (kind, bool) {
	switch {
	case typ == "TIMESTAMPTZ" || typ == "TIMESTAMP":
		return times, true
	case lowest[typ] != "":
		return integers, true
	}
	return "", false
}

func (postgresEngine) isKey(string) bool { return true } // The server refuses what it cannot sort.

// newest leaves out versions that are further in the future than clocks can differ: they would hide all others. They are read when their time has come.
func (postgresEngine) newest(q *statement, version column, overlap, zone string, _ time.Time) (list, condition string) {
	before := placeholder(q, overlap)
	if version.kind == integers {
		return fmt.Sprintf("max(%[1]s)::text, greatest(max(%[1]s)::numeric - %[2]s, %[3]s)::bigint::text", version.as, before, lowest[version.typ]), ""
	}
	now := "statement_timestamp()"
	if version.typ == "TIMESTAMP" {
		now += " AT TIME ZONE " + literal(zone)
	}
	// The next round begins by the overlap before the present at the latest: a version of a clock that is ahead does not shorten the overlap of others.
	return fmt.Sprintf("max(%[1]s)::text, CASE WHEN max(%[1]s) IS NOT NULL THEN (least(max(%[1]s), %[3]s) - make_interval(secs => %[2]s))::text END",
			version.as, before, now),
		fmt.Sprintf("%s <= %s + make_interval(secs => %s)", version.as, now, before)
}

func placeholder(q *statement, value string) string {
	q.args = append(q.args, value)
	return "$" + strconv.Itoa(len(q.args))
}

// literal returns a text in SQL, whose backslashes mean themselves.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func (postgresEngine) text(expression string, _ column) string { return expression + "::text" }

// param has no type, so that the server takes that of the column.
func (postgresEngine) param(q *statement, value string, _ column) string {
	return placeholder(q, value)
}

func (postgresEngine) after(columns, values []string) string {
	return "(" + strings.Join(columns, ", ") + ") > (" + strings.Join(values, ", ") + ")"
}

func (postgresEngine) long(columns []column, most int) string {
	sizes := make([]string, len(columns))
	for i, c := range columns {
		sizes[i] = "octet_length(" + c.as + "::text)"
	}
	return strings.Join(sizes, " + ") + " > " + strconv.Itoa(most)
}

// document lets the server write the JSON: it knows all types, and numbers keep their digits.
func (postgresEngine) document(columns []column, zone string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		expression := c.as
		switch c.typ {
		case "BYTEA":
			expression = "translate(encode(" + c.as + ", 'base64'), E'\\n', '')"
		case "TIMESTAMP":
			expression = "(" + c.as + " AT TIME ZONE " + literal(zone) + ")"
		}
		list[i] = expression + " AS " + postgresEngine{}.quote(c.name)
	}
	return "(SELECT row_to_json(d)::text FROM (SELECT " + strings.Join(list, ", ") + ") AS d)"
}

func (p postgresEngine) page(ordered string, columns []column, most, document int64) string {
	var texts, by []string
	for i, c := range columns {
		texts, by = append(texts, p.text(fmt.Sprintf("w.p%d", i), c)), append(by, fmt.Sprintf("p%d", i))
	}
	return fmt.Sprintf(`SELECT %[1]s, w.bytes, CASE WHEN w.bytes <= %[2]d THEN w.document END, w.found FROM (
	SELECT o.*, octet_length(o.document) AS bytes, count(*) OVER () AS found,
		sum(least(octet_length(o.document), %[2]d)) OVER (ORDER BY %[3]s ROWS UNBOUNDED PRECEDING) - least(octet_length(o.document), %[2]d) AS before
	FROM (%[4]s) AS o
) AS w WHERE w.before < %[5]d ORDER BY %[3]s`, strings.Join(texts, ", "), document, strings.Join(by, ", "), ordered, most)
}

// postgresErrors are what users can do about errors of the server, by code or by class. Texts of class 42 name tables and columns, and no values.
var postgresErrors = map[string]struct {
	reason, message string
	repeat          bool
}{
	"28":    {pull.Unauthorized, "the server refuses the user: compare spec.transport.sql.auth, its Secrets and tls with the users of the server", false},
	"3D000": {pull.NotFound, "the database of spec.transport.sql.database does not exist: create it, or correct its name", false},
	"3F000": {pull.NotFound, "the schema of spec.transport.sql.table does not exist: correct its name", false},
	"42P01": {pull.NotFound, "a table does not exist: correct spec.transport.sql.table or query, or create it", true},
	"42703": {pull.Misconfigured, "a column does not exist: correct spec.transport.sql.columns or query", true},
	"42501": {pull.Unauthorized, "the user may not read: GRANT SELECT on spec.transport.sql.table, or on the tables of query, to the user of auth", true},
	"42883": {pull.Misconfigured, "a type does not fit: choose columns of spec.transport.sql.versionColumn and keyColumns that can be sorted", true},
	"42":    {pull.Misconfigured, "the server does not understand the statement: correct spec.transport.sql.query, which is one SELECT", true},
	"25006": {pull.Misconfigured, "spec.transport.sql.query writes: it runs in a read-only transaction", false},
	"22":    {pull.Failed, "the database cannot compute a value of a row, or of the position: correct the row or spec.transport.sql.query", false},
	"0A":    {pull.Misconfigured, "the server does not support the statement: correct spec.transport.sql.query, which is one SELECT", true},
	"53":    {pull.Unreachable, "the server has no resources for another connection: raise max_connections there, or close some", false},
	"57":    {pull.Unreachable, "the server is stopping or starting", false},
	"08":    {pull.Unreachable, "the connection to the server was lost", false},
}

func (postgresEngine) explain(err error) *pull.Error {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		const cancelled = "57014"
		if server.Code == cancelled {
			return tooSlow()
		}
		known, ok := postgresErrors[server.Code]
		if !ok {
			known, ok = postgresErrors[server.Code[:min(2, len(server.Code))]]
		}
		if !ok {
			known.reason, known.message = pull.Failed, "the server answers with an error: look it up in its log"
		}
		if known.repeat {
			known.message += ". The server says: " + server.Message
		}
		return &pull.Error{Reason: known.reason, Message: known.message, Cause: fmt.Errorf("SQLSTATE %s", server.Code)}
	}
	if err != nil && strings.Contains(err.Error(), "server refused TLS connection") {
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err,
			Message: "the server does not offer TLS: configure it there, or set spec.transport.sql.unencrypted",
		}
	}
	return nil
}
