// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	db "database/sql"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

// reading opens a reader of a table on a server.
func reading(t require.TestingT, address, database string, spec v1alpha1.SQLTransport) *reader {
	spec.Engine = v1alpha1.SQLPostgres
	return readingAs(t, "postgres", postgres.Password, address, database, spec)
}

func readingAs(t require.TestingT, user, password, address, database string, spec v1alpha1.SQLTransport) *reader {
	spec.Address, spec.Database, spec.Unencrypted = v1alpha1.BrokerAddress(address), database, &v1alpha1.Unencrypted{}
	spec.Auth = v1alpha1.SQLAuth{Username: user}
	r, err := open(context.Background(), pull.Settings{
		Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{SQL: &spec}}, Namespace: "shop", Name: "till", MaxDocument: 1 << 20,
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Files: map[string][]byte{podconfig.FilePassword: []byte(password)},
		Dial:    new(net.Dialer).DialContext,
		Cursors: func(context.Context) (store.Cursors, error) { return nil, nil },
	})
	require.NoError(t, err)
	return r.(*reader)
}

// place is a version and a key of two columns, some of which have no value.
type place struct {
	version *int
	a       *int
	b       *string
}

var places = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) place {
	return place{
		version: rapid.Ptr(rapid.IntRange(0, 3), true).Draw(t, "version"), a: rapid.Ptr(rapid.IntRange(-1, 2), true).Draw(t, "a"),
		b: rapid.Ptr(rapid.SampledFrom([]string{"", "a", "A", "a'b", "ä", "\\", "10", "9"}), true).Draw(t, "b"),
	}
}), 0, 40)

// Pages of any size are the rows in their order, each once, without those that have no place in it. Continuing after any row is the rest.
func TestPages(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	name, shop := server.Create(t)
	exec := func(t require.TestingT, text string, args ...any) {
		_, err := shop.ExecContext(context.Background(), text, args...)
		require.NoError(t, err)
	}
	exec(t, `CREATE TABLE places (version int, a int, b text)`)
	r := reading(t, server.Address, name, v1alpha1.SQLTransport{Table: "places", VersionColumn: "version", KeyColumns: []v1alpha1.SQLColumn{"a", "b"}})
	defer func() { _ = r.Close() }()
	rapid.Check(t, func(t *rapid.T) {
		exec(t, "TRUNCATE places")
		seen := map[string]bool{}
		for _, p := range places.Draw(t, "rows") {
			// No two rows have the same key in the same version.
			if id := fmt.Sprint(text(p.version), text(p.a), text(p.b)); !seen[id] {
				seen[id] = true
				exec(t, "INSERT INTO places VALUES ($1, $2, $3)", p.version, p.a, p.b)
			}
		}
		want := listed(t, shop, `SELECT version, a, b FROM places WHERE version IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL ORDER BY version, a, b`)
		require.Equal(t, want, r.all(t, rapid.IntRange(1, 7).Draw(t, "limit")))
	})
}

func text[T any](p *T) string {
	if p == nil {
		return "NULL"
	}
	return fmt.Sprint(*p)
}

func listed(t require.TestingT, shop *db.DB, query string) (out [][]string) {
	rows, err := shop.QueryContext(context.Background(), query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		one := make([]string, 3)
		require.NoError(t, rows.Scan(&one[0], &one[1], &one[2]))
		out = append(out, one)
	}
	require.NoError(t, rows.Err())
	return out
}

// A page has about the bytes of a batch, whatever the size of rows; one that is too large has no document.
func TestLargeRows(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	name, shop := server.Create(t)
	for _, text := range []string{
		`CREATE TABLE large (version int, id int, body text)`, `INSERT INTO large SELECT 1, i, repeat('x', 900000) FROM generate_series(1, 30) AS i`,
		`INSERT INTO large VALUES (1, 31, repeat('x', 3000000)), (2, 32, '')`,
	} {
		_, err := shop.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	r := reading(t, server.Address, name, v1alpha1.SQLTransport{Table: "large", VersionColumn: "version", KeyColumns: []v1alpha1.SQLColumn{"id"}})
	defer func() { _ = r.Close() }()
	documents, tooLarge := 0, 0
	for documents+tooLarge < 32 {
		b, err := r.Read(t.Context())
		require.NoError(t, err)
		require.LessOrEqual(t, b.Bytes, int64(pull.MaxBytes+1<<20))
		for _, c := range b.Candidates {
			if c.Rejection != nil {
				tooLarge++
				continue
			}
			documents++
		}
		require.NoError(t, b.Settle(t.Context(), nil))
	}
	require.Equal(t, 1, tooLarge)
}

// Values keep their types.
func TestTypes(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	name, shop := server.Create(t)
	columns := []struct{ name, typ, value, want string }{
		{"id", "bigint", "9223372036854775807", "9223372036854775807"},
		{"amount", "numeric", "12345678901234567890.1234567890", "12345678901234567890.1234567890"},
		{"ratio", "float8", "0.1", "0.1"},
		{"paid", "boolean", "true", "true"},
		{"note", "text", `'a "b" \ ä'`, `"a \"b\" \\ ä"`},
		{"nothing", "text", "NULL", "null"},
		{"raw", "bytea", `decode(repeat('00ff', 40), 'hex')`, `"` + strings.Repeat("AP8A/wD/", 13) + `AP8="`},
		{"doc", "jsonb", `'{"a": [1, {"b": null}]}'`, `{"a": [1, {"b": null}]}`},
		{"plain", "json", `'{"a":1.50}'`, `{"a":1.50}`},
		{"tags", "text[]", `'{a,NULL,"b c"}'`, `["a",null,"b c"]`},
		{"at", "timestamptz", `'2026-03-29 03:30:00.123456+02'`, `"2026-03-29T01:30:00.123456+00:00"`},
		{"local", "timestamp", `'2026-07-01 12:00:00'`, `"2026-07-01T10:00:00+00:00"`},
		{"day", "date", `'2026-07-01'`, `"2026-07-01"`},
		{"uid", "uuid", `'00000000-0000-0000-0000-00000000000a'`, `"00000000-0000-0000-0000-00000000000a"`},
	}
	var types, values, want []string
	for _, c := range columns {
		types, values = append(types, fmt.Sprintf("%q %s", c.name, c.typ)), append(values, c.value)
		want = append(want, fmt.Sprintf("%q:%s", c.name, c.want))
	}
	for _, text := range []string{"CREATE TABLE types (" + strings.Join(types, ", ") + ")", "INSERT INTO types VALUES (" + strings.Join(values, ", ") + ")"} {
		_, err := shop.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	for _, version := range []v1alpha1.SQLColumn{"at", "local", "id"} {
		r := reading(t, server.Address, name, v1alpha1.SQLTransport{
			Table: "public.types", VersionColumn: version, KeyColumns: []v1alpha1.SQLColumn{"uid", "amount", "day"}, TimeZone: "Europe/Berlin",
		})
		r.at.Through = "infinity"
		if version == "id" {
			r.at.Through = "9223372036854775807"
		}
		require.NoError(t, r.transaction(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			p, err := r.fetch(ctx, tx, 10)
			require.NoError(t, err)
			require.Len(t, p.rows, 1)
			require.Equal(t, "{"+strings.Join(want, ",")+"}", string(p.rows[0].document))
			r.at = r.at.past(p.rows[0].place)
			p, err = r.fetch(ctx, tx, 10)
			require.NoError(t, err)
			require.Empty(t, p.rows, "the key is compared as it was read")
			return nil
		}))
		require.NoError(t, r.Close())
	}
	r := reading(t, server.Address, name, v1alpha1.SQLTransport{Table: "types", VersionColumn: "local", KeyColumns: []v1alpha1.SQLColumn{"uid"}, TimeZone: "Europe/Berlin"})
	defer func() { _ = r.Close() }()
	require.Equal(t, time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC), r.timeOf("2026-07-01 12:00:00").UTC())
	require.True(t, r.timeOf("infinity").IsZero())
}
