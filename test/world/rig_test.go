// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server"
)

// rig is the whole data plane in one process, with real sockets between its parts: a store behind TLS, and the ingestion of
// the five sample sources.
type rig struct {
	t         *testing.T
	samples   *samples
	url       string
	material  pki.StoreMaterial
	endpoints map[world.Source]wire.Endpoint
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newRig(t *testing.T, s store.Store) *rig {
	r := &rig{t: t, samples: readSamples(t), endpoints: map[world.Source]wire.Endpoint{}}
	r.serveStore(s)
	for i := range r.samples.sources {
		r.serveSource(i)
	}
	return r
}

func (r *rig) serveStore(s store.Store) {
	t := r.t
	material, err := pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: namespace, Name: "default", UID: "uid-store", CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	require.NoError(t, err)
	r.material = material
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		config.TLSCertFile: material.Cert, config.TLSKeyFile: material.Key, config.AppendKey: []byte(material.AppendKey),
		config.ScanKey: []byte(material.ScanKey), config.AdminKey: []byte(material.AdminKey),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	srv, err := server.New(server.Options{Store: s, Dir: dir, Registry: prometheus.NewRegistry(), Log: quiet()})
	require.NoError(t, err)
	listener := r.listen()
	r.url = "https://" + listener.Addr().String()
	httpServer := srv.HTTPServer()
	done := make(chan error, 1)
	go func() { done <- httpServer.ServeTLS(listener, "", "") }()
	t.Cleanup(func() {
		require.NoError(t, httpServer.Close())
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func (r *rig) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	return l
}

func (r *rig) client(key string) (*client.Client, error) {
	return client.New(client.Options{URL: r.url, Key: []byte(key), CA: r.material.CA, ServerName: "localhost"})
}

func (r *rig) serveSource(i int) {
	t, source := r.t, &r.samples.sources[i]
	dir := t.TempDir()
	document, err := json.Marshal(r.samples.ingest(source, r.url))
	require.NoError(t, err)
	transport := source.Spec.Transport
	var secretName string
	switch {
	case transport.Segment != nil:
		secretName = transport.Segment.SecretRef.Name
	case transport.CloudEvents != nil:
		secretName = transport.CloudEvents.SecretRef.Name
	default:
		secretName = transport.Webhook.SecretRef.Name
	}
	secret := r.samples.secrets[secretName].StringData[config.DefaultSecretKey]
	require.NotEmpty(t, secret)
	pepper := r.samples.secrets["identity-pepper"].StringData[config.DefaultPepperKey]
	files := ingest.Files{Config: filepath.Join(dir, config.File), SecretDir: dir, PepperDir: dir}
	for name, content := range map[string]string{
		config.File: string(document), config.DefaultSecretKey: secret, config.DefaultPepperKey: pepper,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	senders, admin := r.listen(), r.listen()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- ingest.Run(ctx, ingest.Options{
			Files: files, Listen: senders, AdminListen: admin, ReloadEvery: time.Hour, DrainTimeout: time.Minute, MaxConnections: 1000,
			Connect: func(config.Store) (store.Appender, error) { return r.client(r.material.AppendKey) },
			Now:     time.Now, Log: quiet(),
		})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	r.endpoints[world.Source(source.Name)] = wire.Endpoint{URL: "http://" + senders.Addr().String(), Secret: secret}
}

// send a world through the endpoints.
func (r *rig) send(w *world.World) send.Summary {
	run := send.Run{
		World: w, Workers: 6, Now: time.Now,
		Sender: send.New(send.Options{
			Endpoints: r.endpoints, Client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 6}},
			RetryFor: 5 * time.Minute, Now: time.Now,
		}),
	}
	summary, err := run.Do(context.Background())
	require.NoError(r.t, err)
	require.Zero(r.t, summary.NotYet)
	return summary
}
