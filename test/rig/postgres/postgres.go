// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package postgres runs a PostgreSQL server as a process of its own with a folder of data. Debian's package postgresql has the programs.
package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// Password of the superuser postgres.
const Password = "super-secret"

// Server is a running server.
type Server struct {
	// Address is host:port, always the same.
	Address string
	dir     string
	process *rig.Process
	n       atomic.Int64
}

// programs returns the folder of the newest programs; empty if there are none.
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
	return filepath.Dir(found[len(found)-1])
}

// Start starts a server. The test is skipped if the programs are not there.
func Start(t testing.TB) *Server {
	t.Helper()
	if programs() == "" {
		t.Skip("PostgreSQL is not there: install the package postgresql")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{Address: l.Addr().String()}
	require.NoError(t, l.Close())
	// The folders of tests belong to this user only.
	s.dir, err = os.MkdirTemp("", "journeyman-postgres-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(s.dir)) })
	s.Write(t, "password", []byte(Password))
	s.own(t, s.dir)
	//nolint:gosec // a program of tests
	init := exec.CommandContext(t.Context(), filepath.Join(programs(), "initdb"), "--no-sync", "-D", s.data(), "-U", "postgres", "-E", "UTF8",
		"--locale=C.UTF-8", "-A", "scram-sha-256", "--pwfile", filepath.Join(s.dir, "password"))
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

// Restart starts the server with its data, and with more settings (NAME=VALUE).
func (s *Server) Restart(t testing.TB, settings ...string) {
	t.Helper()
	host, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	args := []string{"-D", s.data(), "-h", host, "-p", port, "-k", "", "-F", "-c", "max_connections=50", "-c", "shared_buffers=32MB"}
	for _, v := range settings {
		args = append(args, "-c", v)
	}
	s.process = nil
	admin := s.Open(t, "postgres")
	require.Eventually(t, func() bool {
		if s.process == nil || s.process.Alive() != nil {
			// The processes of connections of a server that was killed end a moment later, and it cannot be started before.
			if s.process, err = rig.StartUnprivileged(filepath.Join(programs(), "postgres"), args...); err != nil {
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

// Open returns connections of the superuser to a database, which the test closes.
func (s *Server) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", fmt.Sprintf("postgres://postgres:%s@%s/%s?sslmode=prefer&client_encoding=UTF8", Password, s.Address, database))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Create creates a database with a name of its own.
func (s *Server) Create(t testing.TB) (name string, db *sql.DB) {
	t.Helper()
	name = fmt.Sprintf("shop%d", s.n.Add(1))
	admin := s.Open(t, "postgres")
	_, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	return name, s.Open(t, name)
}
