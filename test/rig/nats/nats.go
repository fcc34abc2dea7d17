// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package nats runs a NATS server with JetStream as a process of its own with a folder of data. hack/tools/build.sh nats-server builds it.
package nats

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// Server is a running server.
type Server struct {
	// Address is host:port, always the same.
	Address string
	dir     string
	opts    []client.Option
	process *rig.Process
}

// Start starts a server with more lines of configuration, which the options of its clients fit. The test is skipped if the program is not there.
func Start(t testing.TB, config string, opts ...client.Option) *Server {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{Address: l.Addr().String(), dir: t.TempDir(), opts: opts}
	require.NoError(t, l.Close())
	text := fmt.Sprintf("listen: %q\njetstream {store_dir: %q}\n%s\n", s.Address, s.dir, config)
	require.NoError(t, os.WriteFile(s.file(), []byte(text), 0o600))
	s.Restart(t)
	t.Cleanup(func() { s.Kill(t) })
	return s
}

func (s *Server) file() string { return filepath.Join(s.dir, "server.conf") }

// program is bin/nats-server of this repository.
func program() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "bin", "nats-server")
}

// Restart starts the server with its data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(program()); err != nil {
		t.Skip("bin/nats-server is not there: run hack/tools/build.sh nats-server")
	}
	var err error
	s.process, err = rig.Start(program(), "-c", s.file())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c, err := s.connect()
		if err != nil {
			return false
		}
		defer c.Close()
		js, err := jetstream.New(c)
		if err != nil {
			return false
		}
		_, err = js.AccountInfo(ctx)
		return err == nil
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the server by SIGKILL. It can be called again.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	require.NoError(t, s.process.Kill())
}

func (s *Server) connect() (*client.Conn, error) {
	return client.Connect("nats://"+s.Address, s.opts...)
}

// JetStream returns a connection of its own, which the test closes.
func (s *Server) JetStream(t testing.TB) jetstream.JetStream {
	t.Helper()
	c, err := s.connect()
	require.NoError(t, err)
	t.Cleanup(c.Close)
	js, err := jetstream.New(c)
	require.NoError(t, err)
	return js
}
