// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"encoding/hex"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// mariaEngine is MariaDB.
type mariaEngine struct{}

func (mariaEngine) open(r *reader) (*db.DB, error) {
	c, err := r.connection()
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = c.user, c.password, "tcp", net.JoinHostPort(c.host, c.port), r.spec.Database
	config.TLS, config.Timeout, config.Logger = c.tls, connectWithin, new(mysql.NopLogger)
	config.ConnectionAttributes = "program_name:" + c.name
	config.DialFunc = func(ctx context.Context, _, address string) (net.Conn, error) { return c.dial(ctx, address) }
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, misconfigured("the settings of spec.transport.sql do not fit together")
	}
	return db.OpenDB(connector), nil
}

// prepare sets what the meaning of a statement depends on. Without strict modes, a position can be compared although it is a date that does not exist.
func (mariaEngine) prepare(ctx context.Context, tx *db.Tx, timeout time.Duration) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("SET SESSION time_zone = '+00:00', sql_mode = '', max_statement_time = %.3f, NAMES utf8mb4", timeout.Seconds()))
	return err
}

func (mariaEngine) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// mariaIntegers are the integers, of which there are some without a sign.
var mariaIntegers = []string{"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"}

const unsigned = "UNSIGNED "

func (mariaEngine) kindOf(typ string) (kind, bool) {
	switch {
	case typ == "TIMESTAMP" || typ == "DATETIME":
		return times, true
	case slices.Contains(mariaIntegers, strings.TrimPrefix(typ, unsigned)):
		return integers, true
	}
	return "", false
}

// isKey leaves out what is not sorted as it is compared (ENUM, SET), or not exact.
func (mariaEngine) isKey(typ string) bool {
	return !slices.Contains([]string{"ENUM", "SET", "FLOAT", "DOUBLE", "GEOMETRY", "JSON", ""}, typ)
}

// newest is that of PostgreSQL. The server may not know time zones, so the present in one is that in UTC with the offset that the zone has now.
func (mariaEngine) newest(_ *statement, version column, overlap, zone string, present time.Time) (list, condition string) {
	if version.kind == integers {
		lowest := "-9223372036854775808"
		if strings.HasPrefix(version.typ, unsigned) {
			lowest = "0"
		}
		return fmt.Sprintf("CAST(max(%[1]s) AS CHAR), CAST(greatest(CAST(max(%[1]s) AS DECIMAL(30)) - %[2]s, %[3]s) AS CHAR)", version.as, overlap, lowest), ""
	}
	now := "UTC_TIMESTAMP(6)"
	if in, err := value.Zone(zone); err == nil && version.typ == "DATETIME" {
		_, offset := present.In(in).Zone()
		now += fmt.Sprintf(" + INTERVAL %d SECOND", offset)
	}
	return fmt.Sprintf("CAST(max(%[1]s) AS CHAR), CAST(least(max(%[1]s), %[2]s) - INTERVAL %[3]s SECOND AS CHAR)", version.as, now, overlap),
		fmt.Sprintf("%s <= %s + INTERVAL %s SECOND", version.as, now, overlap)
}

// isBinary reports whether a type has bytes and no text.
func isBinary(typ string) bool {
	return strings.HasSuffix(typ, "BINARY") || strings.HasSuffix(typ, "BLOB")
}

func (mariaEngine) text(expression string, c column) string {
	switch {
	case isBinary(c.typ):
		return "hex(" + expression + ")"
	case c.typ == "BIT":
		return "CAST(" + expression + " + 0 AS CHAR)"
	}
	return "CAST(" + expression + " AS CHAR CHARACTER SET utf8mb4)"
}

var (
	number  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	hexText = regexp.MustCompile(`^([0-9A-F]{2})*$`)
)

// param is a literal, so that the server sees its type: it compares numbers with texts by floating point.
func (mariaEngine) param(_ *statement, text string, c column) string {
	numeric := c.kind == integers || c.typ == "DECIMAL" || c.typ == "BIT" || c.typ == "YEAR" ||
		slices.Contains(mariaIntegers, strings.TrimPrefix(c.typ, unsigned))
	switch {
	case numeric && number.MatchString(text):
		return text
	case isBinary(c.typ) && hexText.MatchString(text):
		return "X'" + text + "'"
	}
	return "_utf8mb4 X'" + hex.EncodeToString([]byte(text)) + "'"
}

// after says it so that an index on the columns finds the place: the server does not use one for a comparison of rows.
func (mariaEngine) after(columns, values []string) string {
	last := len(columns) - 1
	condition := columns[last] + " > " + values[last]
	for i := last - 1; i >= 0; i-- {
		condition = fmt.Sprintf("%[1]s > %[2]s OR (%[1]s = %[2]s AND (%[3]s))", columns[i], values[i], condition)
	}
	return fmt.Sprintf("%s >= %s AND (%s)", columns[0], values[0], condition)
}

func (m mariaEngine) long(columns []column, most int) string {
	sizes := make([]string, len(columns))
	for i, c := range columns {
		sizes[i] = "octet_length(" + m.text(c.as, c) + ")"
	}
	return strings.Join(sizes, " + ") + " > " + strconv.Itoa(most)
}

// document lets the server write the JSON. Dates that do not exist, such as 0000-00-00, are null. A time without a zone stays one, unless that is UTC.
func (m mariaEngine) document(columns []column, zone string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		expression := c.as
		at := "replace(CAST(" + c.as + " AS CHAR), ' ', 'T')"
		if c.typ == "TIMESTAMP" || zone == "UTC" {
			at = "concat(" + at + ", '+00:00')"
		}
		absent := "IF(month(" + c.as + ") = 0 OR dayofmonth(" + c.as + ") = 0, NULL, "
		switch {
		case isBinary(c.typ):
			expression = "replace(to_base64(" + c.as + "), CHAR(10), '')"
		case c.typ == "BIT":
			expression += " + 0"
		case c.typ == "DATE":
			expression = absent + c.as + ")"
		case c.kind == times || c.typ == "TIMESTAMP" || c.typ == "DATETIME":
			expression = absent + at + ")"
		}
		list[i] = "_utf8mb4 X'" + hex.EncodeToString([]byte(c.name)) + "', " + expression
	}
	return "json_object(" + strings.Join(list, ", ") + ")"
}

// page counts a document that is larger than a packet of the server, and therefore NULL, as too large.
func (m mariaEngine) page(ordered string, columns []column, most, document int64) string {
	var texts, by []string
	for i, c := range columns {
		texts, by = append(texts, m.text(fmt.Sprintf("w.p%d", i), c)), append(by, fmt.Sprintf("p%d", i))
	}
	return fmt.Sprintf(`SELECT %[1]s, w.bytes, CASE WHEN w.bytes <= %[2]d THEN w.document END, w.count FROM (
	SELECT o.*, sum(least(o.bytes, %[2]d)) OVER (ORDER BY %[3]s ROWS UNBOUNDED PRECEDING) - least(o.bytes, %[2]d) AS ahead, count(*) OVER () AS count
	FROM (SELECT i.*, coalesce(octet_length(i.document), %[2]d + 1) AS bytes FROM (%[4]s) AS i) AS o
) AS w WHERE w.ahead < %[5]d ORDER BY %[3]s`, strings.Join(texts, ", "), document, strings.Join(by, ", "), ordered, most)
}
