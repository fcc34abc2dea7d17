// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package servertest runs a store server inside a test: real TLS, real keys, any store behind it.
package servertest

import (
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server"
)

// Host in the certificate of the server.
const Host = "store.test"

// Server under test.
type Server struct {
	*server.Server
	// URL of it, that of its calls of an administrator, and the folder with its keys.
	URL, AdminURL, Dir string
	pki.StoreMaterial
}

// Start serves with the options until the test ends. The store of the options is not closed.
func Start(t *testing.T, o server.Options) *Server {
	t.Helper()
	s := &Server{Dir: t.TempDir()}
	s.StoreMaterial = WriteMaterial(t, s.Dir, pki.NewOperatorKey())
	o.Dir = s.Dir
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	srv, err := server.New(o)
	require.NoError(t, err)
	s.Server = srv
	s.URL, s.AdminURL = serve(t, srv.Listen), serve(t, srv.ListenAdmin)
	return s
}

// serve returns the URL at which a listener of the server answers until the test ends.
func serve(t *testing.T, listen func(net.Listener) (*http.Server, net.Listener)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	web, callers := listen(listener)
	done := make(chan error, 1)
	go func() { done <- web.ServeTLS(callers, "", "") }()
	t.Cleanup(func() {
		require.NoError(t, web.Close())
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return "https://" + listener.Addr().String()
}

// WriteMaterial derives certificate and keys of a store from the operator's key and puts them into the folder, as they are mounted.
func WriteMaterial(t *testing.T, dir string, key pki.OperatorKey) pki.StoreMaterial {
	t.Helper()
	m, err := key.Material(pki.StoreIdentity{
		Namespace: "shop", Name: "default", UID: "7c1f6a3e", CreatedAt: time.Now().Add(-time.Minute), Hosts: []string{Host},
	}, 0)
	require.NoError(t, err)
	for name, content := range map[string]string{
		podconfig.TLSCertFile: string(m.Cert), podconfig.TLSKeyFile: string(m.Key), podconfig.AppendKey: m.AppendKey,
		podconfig.ScanKey: m.ScanKey, podconfig.AdminKey: m.AdminKey,
	} {
		WriteFile(t, filepath.Join(dir, name), content)
	}
	return m
}

// WriteFile replaces the file at once.
func WriteFile(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

// Client of the server with the key, at the listener that the key is for.
func (s *Server) Client(t *testing.T, key string) *client.Client {
	t.Helper()
	url := s.URL
	if key == s.AdminKey {
		url = s.AdminURL
	}
	return s.ClientAt(t, url, key)
}

// ClientAt is a client of one of the server's listeners with the key.
func (s *Server) ClientAt(t *testing.T, url, key string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: url, Key: []byte(key), CA: s.CA, ServerName: Host, Timeout: time.Minute})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}
