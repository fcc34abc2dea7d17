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

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// local is the data plane in one process, with real connections: a store with TLS, and the ingestion of the five sample sources.
type local struct {
	t         *testing.T
	samples   *rig.Samples
	url       string
	material  pki.StoreMaterial
	endpoints map[world.Source]wire.Endpoint
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newLocal(t *testing.T, s store.Store) *local {
	samples, err := rig.ReadSamples("../../config/samples")
	require.NoError(t, err)
	r := &local{t: t, samples: samples, endpoints: map[world.Source]wire.Endpoint{}}
	r.serveStore(s)
	for i := range r.samples.Sources {
		r.serveSource(i)
	}
	return r
}

func (r *local) serveStore(s store.Store) {
	t := r.t
	material, err := pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: rig.Namespace, Name: "default", UID: "uid-store", CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	require.NoError(t, err)
	r.material = material
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		podconfig.TLSCertFile: material.Cert, podconfig.TLSKeyFile: material.Key, podconfig.AppendKey: []byte(material.AppendKey),
		podconfig.ScanKey: []byte(material.ScanKey), podconfig.AdminKey: []byte(material.AdminKey),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	srv, err := server.New(server.Options{Store: s, Dir: dir, Registry: prometheus.NewRegistry(), Log: quiet()})
	require.NoError(t, err)
	listener := r.listen()
	r.url = "https://" + listener.Addr().String()
	httpServer, callers := srv.Listen(listener)
	done := make(chan error, 1)
	go func() { done <- httpServer.ServeTLS(callers, "", "") }()
	t.Cleanup(func() {
		require.NoError(t, httpServer.Close())
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func (r *local) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	return l
}

func (r *local) client(key string) (*client.Client, error) {
	return client.New(client.Options{URL: r.url, Key: []byte(key), CA: r.material.CA, ServerName: "localhost"})
}

func (r *local) serveSource(i int) {
	t, source := r.t, &r.samples.Sources[i]
	dir := t.TempDir()
	document, err := json.Marshal(r.samples.Ingest(source, r.url))
	require.NoError(t, err)
	secret, pepper := r.samples.Secret(source), r.samples.Pepper()
	require.NotEmpty(t, secret)
	require.NotEmpty(t, pepper)
	files := ingest.Files{Config: filepath.Join(dir, podconfig.File), SecretDir: dir, PepperDir: dir}
	for name, content := range map[string]string{
		podconfig.File: string(document), v1alpha1.DefaultSecretKey: secret, v1alpha1.DefaultPepperKey: pepper,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	senders, probes, metrics := r.listen(), r.listen(), r.listen()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- ingest.Run(ctx, ingest.Options{
			Files: files, Listen: senders, ProbeListen: probes, MetricsListen: metrics, ReloadEvery: time.Hour, DrainTimeout: time.Minute,
			MaxConnections: 1000,
			Connect:        func(podconfig.Store) (store.Appender, error) { return r.client(r.material.AppendKey) },
			Now:            time.Now, Log: quiet(),
		})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	r.endpoints[world.Source(source.Name)] = wire.Endpoint{URL: "http://" + senders.Addr().String(), Secret: secret}
}

// sendWorld sends a world to endpoints.
func sendWorld(t *testing.T, endpoints map[world.Source]wire.Endpoint, w *world.World, delivery uint64) send.Summary {
	t.Helper()
	run := send.Run{
		World: w, Delivery: delivery, Workers: 6, Now: time.Now,
		Sender: send.New(send.Options{
			Endpoints: endpoints, Client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 6}},
			RetryFor: 5 * time.Minute, Now: time.Now,
		}),
	}
	summary, err := run.Do(context.Background())
	require.NoError(t, err)
	require.Zero(t, summary.NotYet)
	return summary
}
