// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mosquitto runs Mosquitto as a process of its own with a folder of data. It is that of the machine: on Debian, the package mosquitto.
package mosquitto

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig/authority"
)

const (
	// Admin may do everything.
	Admin = "admin"
	// Reader may only read.
	Reader = "reader"
	// Certified may only read, too. Its name is the subject of a certificate.
	Certified = "certified"
	// Password of all users.
	Password = "right"
)

// program and passwords are those of the Debian package.
const program, passwords = "/usr/sbin/mosquitto", "mosquitto_passwd"

// Server is a running server.
type Server struct {
	// Address, TLSAddress and CertifiedAddress are host:port, always the same. The last one expects a certificate of the client, with its name.
	Address, TLSAddress, CertifiedAddress string
	// Authority signs the certificate of the server, and those of clients.
	Authority *authority.Authority
	dir       string
	cmd       *exec.Cmd
	log       *os.File
}

// Start starts a server. The test is skipped if the program is not there.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Skip("Mosquitto is not there: install the package mosquitto")
	}
	s := &Server{dir: t.TempDir(), Authority: authority.New(t)}
	for _, a := range []*string{&s.Address, &s.TLSAddress, &s.CertifiedAddress} {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		*a = l.Addr().String()
		require.NoError(t, l.Close())
	}
	cert, key := s.Authority.Issue(t, "localhost")
	users := ""
	for _, u := range []string{Admin, Reader, "stranger"} {
		users += u + ":" + Password + "\n"
	}
	for name, content := range map[string]string{
		"ca.crt": string(s.Authority.PEM), "tls.crt": string(cert), "tls.key": string(key), "users": users, "mosquitto.conf": s.config(),
		"acl": "user admin\ntopic readwrite #\nuser reader\ntopic read #\nuser certified\ntopic read #\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600))
	}
	//nolint:gosec // the program is a constant, and the folder that of the test
	out, err := exec.CommandContext(t.Context(), passwords, "-U", filepath.Join(s.dir, "users")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	s.log, err = os.Create(filepath.Join(s.dir, "log"))
	require.NoError(t, err)
	t.Cleanup(func() {
		s.end()
		if t.Failed() {
			text, _ := os.ReadFile(s.log.Name())
			t.Logf("%s", text[max(0, len(text)-20000):])
		}
		_ = s.log.Close()
	})
	s.Restart(t)
	return s
}

func (s *Server) config() string {
	listener := func(address string) string {
		host, port, _ := net.SplitHostPort(address)
		return "listener " + port + " " + host + "\n"
	}
	tls := fmt.Sprintf("cafile %[1]s/ca.crt\ncertfile %[1]s/tls.crt\nkeyfile %[1]s/tls.key\n", s.dir)
	return "per_listener_settings false\nallow_anonymous false\nuser root\npersistence true\nautosave_interval 1800\nmax_inflight_messages 0\n" +
		"max_queued_messages 0\nlog_type error\nlog_type warning\nlog_type notice\n" +
		fmt.Sprintf("persistence_location %[1]s/\npassword_file %[1]s/users\nacl_file %[1]s/acl\n", s.dir) +
		listener(s.Address) + listener(s.TLSAddress) + tls + listener(s.CertifiedAddress) + tls + "require_certificate true\nuse_identity_as_username true\n"
}

// Restart starts the server with its data, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	//nolint:gosec // the program is a constant
	s.cmd = exec.CommandContext(context.Background(), program, "-c", filepath.Join(s.dir, "mosquitto.conf"))
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, s.cmd.Start())
	require.Eventually(t, func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, time.Minute, 10*time.Millisecond)
}

// Kill ends the server by SIGKILL, after it has written its data: it does so at intervals only, whatever it has acknowledged.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	before := s.saved()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGUSR1))
	require.Eventually(t, func() bool {
		now := s.saved()
		return now != nil && (before == nil || !os.SameFile(now, before))
	}, time.Minute, time.Millisecond)
	s.end()
}

// saved describes the file of data, which is a new one each time; nil if there is none.
func (s *Server) saved() os.FileInfo {
	info, err := os.Stat(filepath.Join(s.dir, "mosquitto.db"))
	if err != nil {
		return nil
	}
	return info
}

func (s *Server) end() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
