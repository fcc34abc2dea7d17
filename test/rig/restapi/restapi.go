// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package restapi runs an HTTP API as a process of its own with a file of data. It follows the published rules of three vendors (lists of Stripe,
// incremental exports of Zendesk, lists of GitHub with their header Link), of NDJSON exports in windows of time, and of token endpoints (RFC 6749). A package
// that uses it calls Main in its TestMain.
package restapi

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Variables of the process.
const fileVariable, addressVariable = "JOURNEYMAN_RESTAPI_FILE", "JOURNEYMAN_RESTAPI_ADDRESS"

// Secrets of the API: a key, and that of the OAuth client "journeyman".
const (
	Key          = "k3y"
	ClientSecret = "cl1ent-s3cret"
)

// Main runs the API in a process that Start has started, and does not return then.
func Main() {
	file := os.Getenv(fileVariable)
	if file == "" {
		return
	}
	fmt.Fprintln(os.Stderr, serve(file, os.Getenv(addressVariable)))
	os.Exit(1)
}

func serve(file, address string) error {
	a := &api{file: file, tokens: map[string]time.Time{}}
	if err := a.load(); err != nil {
		return err
	}
	s := &http.Server{Addr: address, Handler: a.routes(), ReadHeaderTimeout: time.Minute}
	return s.ListenAndServe()
}

// Server is the process.
type Server struct {
	// Address is host:port, always the same.
	Address string
	file    string
	cmd     *exec.Cmd
}

// Start starts an API without records, which ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{Address: l.Addr().String(), file: filepath.Join(t.TempDir(), "records")}
	require.NoError(t, l.Close())
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// URL of a path.
func (s *Server) URL(path string) string { return "http://" + s.Address + path }

// Restart starts the process with its records.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	s.cmd = exec.CommandContext(context.Background(), program) //nolint:gosec // this program
	s.cmd.Env = append(os.Environ(), fileVariable+"="+s.file, addressVariable+"="+s.Address)
	s.cmd.Stdout, s.cmd.Stderr = t.Output(), t.Output()
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, s.cmd.Start())
	require.Eventually(t, func() bool {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "tcp", s.Address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)
}

// Kill ends the process by SIGKILL. It can be called again.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// Write adds documents, durably.
func (s *Server) Write(t testing.TB, documents ...string) {
	t.Helper()
	s.post(t, "/rig/records", strings.Join(documents, "\n"))
}

// Revoke makes all tokens invalid.
func (s *Server) Revoke(t testing.TB) {
	t.Helper()
	s.post(t, "/rig/revoke", "")
}

func (s *Server) post(t testing.TB, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.URL(path), bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusNoContent, response.StatusCode)
}
