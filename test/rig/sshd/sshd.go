// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sshd runs the SFTP server of OpenSSH as a process of its own, with keys of its own.
package sshd

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// Server is a running server. The user is the one of the test.
type Server struct {
	// Address is host:port, always the same. HostKey is its public key, as a line.
	Address, HostKey string
	// User and PrivateKey are those of the only user.
	User       string
	PrivateKey []byte
	config     string
	process    *rig.Process
}

const (
	program    = "/usr/sbin/sshd"
	subsystem  = "/usr/lib/openssh/sftp-server"
	separation = "/run/sshd"
)

// Start starts a server. The test is skipped if OpenSSH is not there.
func Start(t testing.TB) *Server {
	t.Helper()
	for _, path := range []string{program, subsystem} {
		if _, err := os.Stat(path); err != nil {
			t.Skip(path + " is not there: install the Debian package openssh-server")
		}
	}
	_ = os.MkdirAll(separation, 0o750) // Only root can create it, and the server says so if it lacks it.
	who, err := user.Current()
	require.NoError(t, err)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dir := t.TempDir()
	s := &Server{Address: l.Addr().String(), User: who.Username, config: filepath.Join(dir, "sshd_config")}
	require.NoError(t, l.Close())
	host, hostKey := newKey(t)
	user, userKey := newKey(t)
	s.HostKey, s.PrivateKey = hostKey, user
	for name, content := range map[string][]byte{"host": host, "authorized_keys": []byte(userKey + "\n")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	_, port, err := net.SplitHostPort(s.Address)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.config, []byte(strings.Join([]string{
		"ListenAddress 127.0.0.1:" + port, "HostKey " + filepath.Join(dir, "host"), "AuthorizedKeysFile " + filepath.Join(dir, "authorized_keys"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes", "MaxStartups 100", "Subsystem sftp " + subsystem, "",
	}, "\n")), 0o600))
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// Restart starts the server, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	var err error
	s.process, err = rig.Start(program, "-D", "-e", "-f", s.config)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c, err := new(net.Dialer).DialContext(ctx, "tcp", s.Address)
		if err != nil {
			return false
		}
		return c.Close() == nil
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the server by SIGKILL. Connections that were made last on, as with every restart of OpenSSH. It can be called again.
func (s *Server) Kill() { _ = s.process.Kill() }

// newKey returns a private key in the format of OpenSSH, and its public key as a line.
func newKey(t testing.TB) (private []byte, public string) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(key, "")
	require.NoError(t, err)
	line, err := ssh.NewPublicKey(pub)
	require.NoError(t, err)
	return pem.EncodeToMemory(block), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(line)))
}
