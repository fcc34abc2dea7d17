// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/mariadb"
)

// readingMaria opens a reader of a table on a server of MariaDB.
func readingMaria(t require.TestingT, server *mariadb.Server, database string, spec v1alpha1.SQLTransport) *reader {
	spec.Engine = v1alpha1.SQLMariaDB
	return readingAs(t, mariadb.User, mariadb.Password, server.Address, database, spec)
}

// Pages of any size are the rows of MariaDB in their order, each once, without those that have no place in it.
func TestPagesOfMariaDB(t *testing.T) {
	t.Parallel()
	server := mariadb.Start(t)
	name, shop := server.Create(t)
	exec := func(t require.TestingT, text string, args ...any) {
		_, err := shop.ExecContext(context.Background(), text, args...)
		require.NoError(t, err)
	}
	exec(t, `CREATE TABLE places (version int, a int, b varchar(20) COLLATE utf8mb4_nopad_bin)`)
	r := readingMaria(t, server, name, v1alpha1.SQLTransport{Table: "places", VersionColumn: "version", KeyColumns: []v1alpha1.SQLColumn{"a", "b"}})
	defer func() { _ = r.Close() }()
	rapid.Check(t, func(t *rapid.T) {
		exec(t, "DELETE FROM places")
		seen := map[string]bool{}
		for _, p := range places.Draw(t, "rows") {
			if id := fmt.Sprint(text(p.version), text(p.a), text(p.b)); !seen[id] {
				seen[id] = true
				exec(t, "INSERT INTO places VALUES (?, ?, ?)", p.version, p.a, p.b)
			}
		}
		want := listed(t, shop, `SELECT version, a, b FROM places WHERE version IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL ORDER BY version, a, b`)
		require.Equal(t, want, r.all(t, rapid.IntRange(1, 7).Draw(t, "limit")))
	})
}

// all reads pages with a limit until the last one.
func (r *reader) all(t require.TestingT, limit int) (got [][]string) {
	r.at = position{Kind: integers, Through: "3"}
	for last := false; !last; {
		var p page
		require.NoError(t, r.transaction(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
			p, err = r.fetch(ctx, tx, limit)
			return err
		}))
		for _, one := range p.rows {
			got = append(got, one.place)
		}
		if last = p.last; !last {
			r.at = r.at.past(got[len(got)-1])
		}
	}
	return got
}

// Values of MariaDB keep their types.
func TestTypesOfMariaDB(t *testing.T) {
	t.Parallel()
	server := mariadb.Start(t)
	name, shop := server.Create(t)
	columns := []struct{ name, typ, value, want string }{
		{"id", "bigint unsigned", "18446744073709551615", "18446744073709551615"},
		{"amount", "decimal(40, 10)", "12345678901234567890.1234567890", "12345678901234567890.1234567890"},
		{"ratio", "double", "0.1", "0.1"},
		{"share", "float", "0.1", "0.1"},
		{"paid", "boolean", "true", "1"},
		{"bits", "bit(10)", "b'1000000001'", "513"},
		{"note", "text CHARACTER SET utf8mb4", `'a "b" \\ 😀'`, `"a \"b\" \\ 😀"`},
		{"old", "varchar(20) CHARACTER SET latin1", `'ä'`, `"ä"`},
		{"nothing", "text", "NULL", "null"},
		{"raw", "varbinary(100)", `unhex(repeat('00ff', 40))`, `"` + strings.Repeat("AP8A/wD/", 13) + `AP8="`},
		{"doc", "json", `'{"a": [1, {"b": null}, 1.50]}'`, `{"a": [1, {"b": null}, 1.50]}`},
		{"at", "timestamp(6)", `'2026-03-29 01:30:00.123456'`, `"2026-03-29T01:30:00.123456+00:00"`},
		{"local", "datetime", `'2026-07-01 12:00:00'`, `"2026-07-01T10:00:00+00:00"`},
		{"zero", "datetime", `'0000-00-00 00:00:00'`, `null`},
		{"day", "date", `'2026-07-01'`, `"2026-07-01"`},
		{"noday", "date", `'2026-00-00'`, `null`},
		{"season", "year", `2026`, `2026`},
		{"clock", "time", `'12:00:01'`, `"12:00:01"`},
		{"kind", "enum('b', 'a')", `'a'`, `"a"`},
		{"uid", "uuid", `'00000000-0000-0000-0000-00000000000a'`, `"00000000-0000-0000-0000-00000000000a"`},
		{"it`s \"q\"", "int", `1`, `1`},
	}
	var types, values, want []string
	for _, c := range columns {
		types, values = append(types, mariaEngine{}.quote(c.name)+" "+c.typ+" NULL"), append(values, c.value)
		want = append(want, fmt.Sprintf("%q:%s", c.name, c.want))
	}
	conn, err := shop.Conn(t.Context())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	for _, text := range []string{
		"SET SESSION sql_mode = '', NAMES utf8mb4", "CREATE TABLE types (" + strings.Join(types, ", ") + ")", "INSERT INTO types VALUES (" + strings.Join(values, ", ") + ")",
	} {
		_, err := conn.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	for _, keys := range [][]v1alpha1.SQLColumn{{"id", "amount", "raw", "bits"}, {"uid", "note", "zero", "at"}, {"old", "day", "noday", "clock"}, {"season", "local"}} {
		for version, through := range map[v1alpha1.SQLColumn]string{"at": "2027-01-01 00:00:00", "local": "2027-01-01 00:00:00", "id": "18446744073709551615"} {
			r := readingMaria(t, server, name, v1alpha1.SQLTransport{Table: name + ".types", VersionColumn: version, KeyColumns: keys, TimeZone: "Europe/Berlin"})
			r.at.Through = through
			require.NoError(t, r.transaction(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				p, err := r.fetch(ctx, tx, 10)
				require.NoError(t, err)
				require.Len(t, p.rows, 1)
				require.Equal(t, "{"+strings.Join(want, ",")+"}", string(r.located(p.rows[0].document)))
				r.at = r.at.past(p.rows[0].place)
				p, err = r.fetch(ctx, tx, 10)
				require.NoError(t, err)
				require.Empty(t, p.rows, "the key %v is compared as it was read", keys)
				highest, next, err := r.newest(ctx, tx)
				require.NoError(t, err)
				require.NotEmpty(t, highest)
				require.NotEmpty(t, next)
				return nil
			}))
			require.NoError(t, r.Close())
		}
	}
}
