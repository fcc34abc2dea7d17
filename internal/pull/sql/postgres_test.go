// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	db "database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

func TestMain(m *testing.M) { pulltest.Main(m) }

const waitFor, tick = time.Minute, 10 * time.Millisecond

// system is a table of orders in a database of its own.
type system struct {
	*postgres.Server
	db *db.DB
	// transport is changed by tests.
	transport v1alpha1.SQLTransport
}

// on creates a database on a server.
func on(t *testing.T, server *postgres.Server) *system {
	t.Helper()
	s := &system{Server: server}
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
			_, err = tx.ExecContext(t.Context(), "INSERT INTO orders (n, at) VALUES ($1, $2)", d.N, d.At)
		}
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
}

func (s *system) ExactlyOnce() bool { return false }

func TestSuite(t *testing.T) {
	server := postgres.Start(t)
	pulltest.Run(t, func(t *testing.T) pulltest.System { return on(t, server) })
}
