// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

// cursors of the source in the store.
func (s *system) cursors(t *testing.T, p *pulltest.Pod) store.Cursors {
	t.Helper()
	c, err := p.Store.Cursors(t.Context(), p.Config.Name)
	require.NoError(t, err)
	return c
}

// problem runs a pod until it says why it cannot read.
func problem(t *testing.T, s *system, files map[string][]byte) puller.Problem {
	t.Helper()
	p := pulltest.NewPod(t, s)
	for name, content := range files {
		p.Files[name] = content
	}
	defer p.Run()()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, waitFor, tick)
	return *p.Runner.State().Problem
}

// fault is a change of a source, and what is said about it.
type fault struct {
	edit           func(tr *v1alpha1.SQLTransport)
	files          map[string][]byte
	reason, expect string
}

// hasProblems tries each of the faults. The table has one row, which they must not delete.
func (s *system) hasProblems(t *testing.T, faults map[string]fault) {
	t.Helper()
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			changed := *s
			changed.transport = *s.transport.DeepCopy()
			changed.transport.StatementTimeout = "1s"
			if f.edit != nil {
				f.edit(&changed.transport)
			}
			got := problem(t, &changed, f.files)
			require.Contains(t, got.Message, f.expect)
			require.Equal(t, f.reason, got.Reason)
		})
	}
	var rows int
	require.NoError(t, s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&rows))
	require.Equal(t, 1, rows, "nothing was deleted")
}

// What is wrong with a source is said with the field and the fix, and without values of rows.
func TestProblems(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	s := on(t, server)
	s.exec(t, "ALTER TABLE orders ADD code text, ADD doc json, ADD day date")
	s.exec(t, "CREATE ROLE reader LOGIN PASSWORD 'super-secret'")
	s.exec(t, "CREATE SEQUENCE numbers")
	s.Write(t, pulltest.Documents(0, 1)...)
	n := int64(1)
	s.hasProblems(t, map[string]fault{
		"password":    {nil, map[string][]byte{podconfig.FilePassword: []byte("wrong")}, pull.Unauthorized, "compare spec.transport.sql.auth"},
		"user":        {func(tr *v1alpha1.SQLTransport) { tr.Auth.Username = "nobody" }, nil, pull.Unauthorized, "compare spec.transport.sql.auth"},
		"database":    {func(tr *v1alpha1.SQLTransport) { tr.Database = "other" }, nil, pull.NotFound, "spec.transport.sql.database does not exist"},
		"table":       {func(tr *v1alpha1.SQLTransport) { tr.Table = "other" }, nil, pull.NotFound, `relation "other" does not exist`},
		"schema":      {func(tr *v1alpha1.SQLTransport) { tr.Table = "other.orders" }, nil, pull.NotFound, "spec.transport.sql.table"},
		"permission":  {func(tr *v1alpha1.SQLTransport) { tr.Auth.Username = "reader" }, nil, pull.Unauthorized, "GRANT SELECT on spec.transport.sql.table"},
		"TLS":         {func(tr *v1alpha1.SQLTransport) { tr.Unencrypted = nil }, nil, pull.Misconfigured, "set spec.transport.sql.unencrypted"},
		"version":     {func(tr *v1alpha1.SQLTransport) { tr.VersionColumn = "changed" }, nil, pull.Misconfigured, `versionColumn: there is no column "changed"`},
		"its type":    {func(tr *v1alpha1.SQLTransport) { tr.VersionColumn = "day" }, nil, pull.Misconfigured, `versionColumn: column "day" has the type DATE`},
		"key":         {func(tr *v1alpha1.SQLTransport) { tr.KeyColumns[0] = "nr" }, nil, pull.Misconfigured, `keyColumns: there is no column "nr"`},
		"key's type":  {func(tr *v1alpha1.SQLTransport) { tr.KeyColumns[0] = "doc" }, nil, pull.Misconfigured, "keyColumns that can be sorted"},
		"columns":     {func(tr *v1alpha1.SQLTransport) { tr.Columns = []v1alpha1.SQLColumn{"id", "updated_at", "x"} }, nil, pull.Misconfigured, "spec.transport.sql.columns"},
		"overlap":     {func(tr *v1alpha1.SQLTransport) { tr.OverlapValues = &n }, nil, pull.Misconfigured, "overlapValues: column \"updated_at\" is a time; set overlap"},
		"values":      {func(tr *v1alpha1.SQLTransport) { tr.VersionColumn, tr.Overlap = "id", "1m" }, nil, pull.Misconfigured, "set overlapValues instead"},
		"syntax":      {query("SELEC 1"), nil, pull.Misconfigured, "correct spec.transport.sql.query"},
		"two":         {query("SELECT 1; DELETE FROM orders"), nil, pull.Misconfigured, "correct spec.transport.sql.query"},
		"same names":  {query("SELECT *, 1 AS n FROM orders"), nil, pull.Misconfigured, `spec.transport.sql.query returns two columns with the name "n"`},
		"it writes":   {query("SELECT *, nextval('numbers') AS m FROM orders"), nil, pull.Misconfigured, "spec.transport.sql.query writes"},
		"it deletes":  {query("WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d"), nil, pull.Misconfigured, "correct spec.transport.sql.query"},
		"it is slow":  {query("SELECT *, pg_sleep(3)::text AS p FROM orders"), nil, pull.Misconfigured, "spec.transport.sql.statementTimeout"},
		"it computes": {query("SELECT *, 1 / (n - n) AS m FROM orders"), nil, pull.Failed, "correct the row or spec.transport.sql.query"},
		"nobody":      {func(tr *v1alpha1.SQLTransport) { tr.Address = "127.0.0.1:1" }, nil, pull.Unreachable, "check spec.transport.sql.address"},
	})
}

func query(text string) func(tr *v1alpha1.SQLTransport) {
	return func(tr *v1alpha1.SQLTransport) { tr.Table, tr.Query = "", text }
}

// The certificate of the server is verified, with its name, unless encryption is turned off. A client certificate can authenticate the pods.
func TestCertificates(t *testing.T) {
	t.Parallel()
	material, err := pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: "shop", Name: "postgres", UID: "u", CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	require.NoError(t, err)
	server := postgres.Start(t)
	cert, key := server.Write(t, "server.crt", material.Cert), server.Write(t, "server.key", material.Key)
	server.Kill(t)
	server.Restart(t, "ssl=on", "ssl_cert_file="+cert, "ssl_key_file="+key)
	s := on(t, server)
	s.transport.Unencrypted = nil
	require.Contains(t, problem(t, s, nil).Message, "set its authority in spec.transport.sql.tls")
	secret := &v1alpha1.SecretKeyReference{Name: "ca"}
	ca := map[string][]byte{podconfig.FileCA: material.CA}
	s.transport.TLS = &v1alpha1.ClientTLS{CASecretRef: secret}
	require.Contains(t, problem(t, s, ca).Message, "its name in tls.serverName", "the certificate is for localhost, and the address is an IP")
	s.transport.TLS.ServerName = "localhost"
	p := pulltest.NewPod(t, s)
	p.Files[podconfig.FileCA] = material.CA
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	var encrypted bool
	require.NoError(t, s.db.QueryRowContext(t.Context(),
		"SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'journeyman.shop.till'").Scan(&encrypted))
	require.True(t, encrypted)
}

// A user who may only read the columns of the source can be its user, whose name can be in a Secret.
func TestAUserWhoMayOnlyRead(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.exec(t, "CREATE ROLE reader LOGIN PASSWORD 'super-secret'")
	s.exec(t, "GRANT SELECT (id, n, at, updated_at) ON orders TO reader")
	s.exec(t, "ALTER TABLE orders ADD secret text")
	s.transport.Columns = []v1alpha1.SQLColumn{"id", "n", "at", "updated_at"}
	s.transport.Auth.Username, s.transport.Auth.UsernameSecretRef = "", &v1alpha1.SecretKeyReference{Name: "orders"}
	p := pulltest.NewPod(t, s)
	p.Files[podconfig.FileUsername] = []byte("reader\n")
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	p.Check(3, false)
}

// The lag has the rows that wait for the store.
func TestLag(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.exec(t, "INSERT INTO orders (n, at) SELECT i, now() FROM generate_series(1, 1700) AS i")
	p := pulltest.NewPod(t, s)
	p.Store.Fail(store.ErrFull)
	p.Run()
	require.Eventually(t, func() bool { return p.Store.Refused() > 0 }, waitFor, tick)
	require.EqualValues(t, 1700, *p.Runner.State().Lag)
	p.Store.Fail(nil)
	p.Await(1700)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, waitFor, tick)
	require.False(t, p.Runner.State().CaughtUpTime.IsZero())
	p.Check(1700, true)
}
