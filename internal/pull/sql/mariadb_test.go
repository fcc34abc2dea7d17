// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/mariadb"
)

// onMaria creates a database on a server of MariaDB.
func onMaria(t *testing.T, server *mariadb.Server) *system {
	t.Helper()
	s := &system{server: server, insert: "INSERT INTO orders (n, at) VALUES (?, ?)"}
	var name string
	name, s.db = server.Create(t)
	s.exec(t, `CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, n int, at datetime(6), updated_at timestamp(6) NULL DEFAULT current_timestamp(6))`)
	s.exec(t, `CREATE INDEX i ON orders (updated_at, id)`)
	s.transport = v1alpha1.SQLTransport{
		Engine: v1alpha1.SQLMariaDB, Address: v1alpha1.BrokerAddress(server.Address), Database: name, Unencrypted: &v1alpha1.Unencrypted{},
		Auth:  v1alpha1.SQLAuth{Username: mariadb.User, PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "orders"}},
		Table: "orders", VersionColumn: "updated_at", KeyColumns: []v1alpha1.SQLColumn{"id"}, PollEvery: "1s",
	}
	return s
}

// What is wrong with a source is said with the field and the fix.
func TestProblemsOfMariaDB(t *testing.T) {
	t.Parallel()
	s := onMaria(t, mariadb.Start(t))
	s.exec(t, "ALTER TABLE orders ADD kind enum('b', 'a'), ADD day date")
	s.exec(t, "CREATE USER reader@'%' IDENTIFIED BY 'super-secret'")
	s.exec(t, "GRANT SELECT ON mysql.proc TO reader@'%'")
	s.exec(t, "CREATE SEQUENCE numbers")
	s.Write(t, pulltest.Documents(0, 1)...)
	s.hasProblems(t, map[string]fault{
		"password":   {nil, map[string][]byte{podconfig.FilePassword: []byte("wrong")}, pull.Unauthorized, "compare spec.transport.sql.auth"},
		"user":       {func(tr *v1alpha1.SQLTransport) { tr.Auth.Username = "nobody" }, nil, pull.Unauthorized, "compare spec.transport.sql.auth"},
		"database":   {func(tr *v1alpha1.SQLTransport) { tr.Database = "other" }, nil, pull.NotFound, "spec.transport.sql.database does not exist"},
		"table":      {func(tr *v1alpha1.SQLTransport) { tr.Table = "other" }, nil, pull.NotFound, "other' doesn't exist"},
		"permission": {func(tr *v1alpha1.SQLTransport) { tr.Auth.Username = "reader" }, nil, pull.Unauthorized, "GRANT SELECT on spec.transport.sql.table"},
		"TLS":        {func(tr *v1alpha1.SQLTransport) { tr.Unencrypted = nil }, nil, pull.Misconfigured, "set spec.transport.sql.unencrypted"},
		"its type":   {func(tr *v1alpha1.SQLTransport) { tr.VersionColumn = "day" }, nil, pull.Misconfigured, `versionColumn: column "day" has the type DATE`},
		"key":        {func(tr *v1alpha1.SQLTransport) { tr.KeyColumns[0] = "nr" }, nil, pull.Misconfigured, `keyColumns: there is no column "nr"`},
		"key's type": {func(tr *v1alpha1.SQLTransport) { tr.KeyColumns[0] = "kind" }, nil, pull.Misconfigured, `keyColumns: column "kind" has the type ENUM`},
		"columns":    {func(tr *v1alpha1.SQLTransport) { tr.Columns = []v1alpha1.SQLColumn{"id", "updated_at", "x"} }, nil, pull.Misconfigured, "spec.transport.sql.columns"},
		"syntax":     {query("SELEC 1"), nil, pull.Misconfigured, "correct spec.transport.sql.query"},
		"two":        {query("SELECT 1; DELETE FROM orders"), nil, pull.Misconfigured, "correct spec.transport.sql.query"},
		"same names": {query("SELECT *, 1 AS n FROM orders"), nil, pull.Misconfigured, "returns two columns with the same name"},
		"it writes":  {query("SELECT *, nextval(numbers) AS m FROM orders"), nil, pull.Misconfigured, "spec.transport.sql.query writes"},
		"it is slow": {query("SELECT *, sleep(3) AS p FROM orders"), nil, pull.Misconfigured, "spec.transport.sql.statementTimeout"},
		"it cannot":  {query("SELECT *, cast(n as unsigned) - 1 AS m FROM orders"), nil, pull.Failed, "correct the row or spec.transport.sql.query"},
		"nobody":     {func(tr *v1alpha1.SQLTransport) { tr.Address = "127.0.0.1:1" }, nil, pull.Unreachable, "check spec.transport.sql.address"},
	})
}

// The certificate of MariaDB is verified, with its name.
func TestCertificatesOfMariaDB(t *testing.T) {
	t.Parallel()
	material, err := pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: "shop", Name: "mariadb", UID: "u", CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	require.NoError(t, err)
	server := mariadb.Start(t)
	cert, key := server.Write(t, "server.crt", material.Cert), server.Write(t, "server.key", material.Key)
	server.Kill(t)
	server.Restart(t, "ssl-cert="+cert, "ssl-key="+key)
	s := onMaria(t, server)
	s.exec(t, "CREATE USER safe@'%' IDENTIFIED BY 'super-secret' REQUIRE SSL")
	s.exec(t, "GRANT SELECT ON orders TO safe@'%'")
	s.transport.Auth.Username = "safe"
	require.Equal(t, pull.Unauthorized, problem(t, s, nil).Reason, "the user has to use TLS")
	s.transport.Unencrypted = nil
	require.Contains(t, problem(t, s, nil).Message, "set its authority in spec.transport.sql.tls")
	s.transport.TLS = &v1alpha1.ClientTLS{CASecretRef: &v1alpha1.SecretKeyReference{Name: "ca"}}
	ca := map[string][]byte{podconfig.FileCA: material.CA}
	require.Contains(t, problem(t, s, ca).Message, "its name in tls.serverName", "the certificate is for localhost, and the address is an IP")
	s.transport.TLS.ServerName = "localhost"
	p := pulltest.NewPod(t, s)
	p.Files[podconfig.FileCA] = material.CA
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	p.Check(3, false)
}
