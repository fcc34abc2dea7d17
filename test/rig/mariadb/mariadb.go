// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mariadb runs a MariaDB server as a process of its own with a folder of data. Debian's package mariadb-server has the programs.
package mariadb

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// User with all permissions, and its password.
const (
	User     = "admin"
	Password = "super-secret"
)

const program, install = "/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db"

// Server is a running server.
type Server struct {
	// Address is host:port, always the same.
	Address string
	dir     string
	process *rig.Process
	n       atomic.Int64
}

// Start starts a server. The test is skipped if the programs are not there.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Skip("MariaDB is not there: install the package mariadb-server")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{Address: l.Addr().String()}
	require.NoError(t, l.Close())
	// The folders of tests belong to this user only. Temporary tables are there, too: servers remove those of others in a folder that they share.
	s.dir, err = os.MkdirTemp("", "journeyman-mariadb-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(s.dir)) })
	s.own(t, s.dir)
	s.Write(t, "users.sql", fmt.Appendf(nil, "CREATE USER IF NOT EXISTS %[1]s@'%%' IDENTIFIED BY '%[2]s';\nGRANT ALL ON *.* TO %[1]s@'%%' WITH GRANT OPTION;\n",
		User, Password))
	//nolint:gosec // a program of tests
	init := exec.CommandContext(t.Context(), install, "--no-defaults", "--datadir="+s.data(), "--skip-test-db", "--skip-name-resolve",
		"--auth-root-authentication-method=normal", "--tmpdir="+s.dir)
	init.SysProcAttr, init.Dir = &syscall.SysProcAttr{Credential: rig.Unprivileged()}, s.dir
	out, err := init.CombinedOutput()
	require.NoError(t, err, string(out))
	s.Restart(t)
	t.Cleanup(func() { s.Kill(t) })
	return s
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Write writes a file that only the server can read, and returns its path.
func (s *Server) Write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(s.dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s.own(t, path)
	return path
}

func (s *Server) own(t testing.TB, path string) {
	t.Helper()
	if u := rig.Unprivileged(); u != nil {
		require.NoError(t, os.Chown(path, int(u.Uid), int(u.Gid)))
	}
}

// Restart starts the server with its data, and with more settings (NAME=VALUE). What it writes is safe when it is killed, and not when the machine fails.
func (s *Server) Restart(t testing.TB, settings ...string) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	args := []string{
		"--no-defaults", "--datadir=" + s.data(), "--bind-address=" + host, "--port=" + port, "--socket=" + filepath.Join(s.dir, "socket"),
		"--pid-file=" + filepath.Join(s.dir, "pid"), "--init-file=" + filepath.Join(s.dir, "users.sql"), "--skip-name-resolve",
		"--tmpdir=" + s.dir, "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
	}
	for _, v := range settings {
		args = append(args, "--"+v)
	}
	s.process = nil
	admin := s.Open(t, "mysql")
	require.Eventually(t, func() bool {
		if s.process == nil || s.process.Alive() != nil {
			if s.process, err = rig.StartUnprivileged(program, args...); err != nil {
				return false
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return admin.PingContext(ctx) == nil
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the server by SIGKILL. It can be called again.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process != nil {
		require.NoError(t, s.process.Kill())
	}
}

// Open returns connections of User to a database, which the test closes.
func (s *Server) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s)/%s?tls=preferred&time_zone=%%27%%2B00:00%%27", User, Password, s.Address, database))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Create creates a database with a name of its own.
func (s *Server) Create(t testing.TB) (name string, db *sql.DB) {
	t.Helper()
	name = fmt.Sprintf("shop%d", s.n.Add(1))
	admin := s.Open(t, "mysql")
	_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	return name, s.Open(t, name)
}
