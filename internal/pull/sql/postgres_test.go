// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	db "database/sql"
	"encoding/json"
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/mariadb"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

func TestMain(m *testing.M) {
	// The tests wait for servers and rounds more than they compute. A flag of the command is stronger.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	pulltest.Main(m)
}

const waitFor, tick = time.Minute, 10 * time.Millisecond

// server is one of an engine.
type server interface {
	Open(t testing.TB, database string) *db.DB
	Kill(t testing.TB)
	Restart(t testing.TB, settings ...string)
}

// engines are those that share a test, each with a server of its own.
func engines(t *testing.T, test func(t *testing.T, start func(t *testing.T) *system)) {
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		server := postgres.Start(t)
		test(t, func(t *testing.T) *system { return on(t, server) })
	})
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		server := mariadb.Start(t)
		test(t, func(t *testing.T) *system { return onMaria(t, server) })
	})
}

// system is a table of orders in a database of its own.
type system struct {
	server
	db *db.DB
	// insert is the statement for a document.
	insert string
	// transport is changed by tests.
	transport v1alpha1.SQLTransport
}

// on creates a database on a server.
func on(t *testing.T, server *postgres.Server) *system {
	t.Helper()
	s := &system{server: server, insert: "INSERT INTO orders (n, at) VALUES ($1, $2)"}
	var name string
	name, s.db = server.Create(t)
	s.exec(t, `CREATE TABLE orders (id bigserial PRIMARY KEY, n int, at timestamptz, updated_at timestamptz DEFAULT clock_timestamp())`)
	s.exec(t, `CREATE INDEX ON orders (updated_at, id)`)
	s.transport = v1alpha1.SQLTransport{
		Engine: v1alpha1.SQLPostgres, Address: v1alpha1.BrokerAddress(server.Address), Database: name, Unencrypted: &v1alpha1.Unencrypted{},
		Auth:  v1alpha1.SQLAuth{Username: "postgres", PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "orders"}},
		Table: "orders", VersionColumn: "updated_at", KeyColumns: []v1alpha1.SQLColumn{"id"}, PollEvery: "1s",
	}
	return s
}

func (s *system) exec(t testing.TB, text string, args ...any) {
	t.Helper()
	_, err := s.db.ExecContext(t.Context(), text, args...)
	require.NoError(t, err)
}

func (s *system) Transport() v1alpha1.Transport { return v1alpha1.Transport{SQL: &s.transport} }

// Files are the Secrets of the source.
func (s *system) Files() map[string][]byte {
	return map[string][]byte{podconfig.FilePassword: []byte(postgres.Password + "\n")}
}

// Write inserts rows. The row of a document that is poison has no version.
func (s *system) Write(t testing.TB, documents ...string) {
	t.Helper()
	tx, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	for _, text := range documents {
		var d struct {
			N  int
			At time.Time
		}
		if json.Unmarshal([]byte(text), &d) != nil {
			_, err = tx.ExecContext(t.Context(), "INSERT INTO orders (updated_at) VALUES (NULL)")
		} else {
			_, err = tx.ExecContext(t.Context(), s.insert, d.N, d.At)
		}
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
}

func (s *system) ExactlyOnce() bool { return false }

func TestSuite(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, start func(t *testing.T) *system) {
		pulltest.Run(t, func(t *testing.T) pulltest.System { return start(t) })
	})
}
