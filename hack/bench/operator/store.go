// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
)

const namespace = "scale"

// restless is a store whose counters change all the time: every second, each source accepts some events and rejects one.
type restless struct {
	store.Store
	sources int
	since   time.Time
}

// State returns the counters at this time.
func (r *restless) State(ctx context.Context) (store.State, error) {
	state, err := r.Store.State(ctx)
	seconds := int64(time.Since(r.since).Seconds()) + 1
	state.Health.Events, state.Health.Seq = 50*seconds*int64(r.sources), seconds
	state.Health.UsedBytes, state.Health.FreeBytes = seconds<<20, 100<<30
	for i := range r.sources {
		state.Sources = append(state.Sources, store.SourceState{
			Name: sourceName(i), NewestEventTime: time.Now().UnixMicro(), NewestReceivedAt: time.Now().UnixMicro(),
			Counters: store.Counters{
				Accepted: 50 * seconds,
				Rejected: map[string]store.Rejection{"missing-identity": {Count: seconds, Example: fmt.Sprintf("event %d", seconds)}},
			},
		})
	}
	return state, err
}

func sourceName(i int) string { return fmt.Sprintf("source-%d", i) }

// makeStore creates the EventStore and serves it like its pod, with the secrets that are derived from the operator key.
func (w *world) makeStore(ctx context.Context) error {
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "main"}}
	es.Spec.Backend.Embedded = &v1alpha1.EmbeddedBackend{Storage: v1alpha1.StoreStorage{Size: resource.MustParse("100Gi")}}
	if err := w.api.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return err
	}
	if err := w.api.Create(ctx, es); err != nil {
		return err
	}
	key := pki.NewOperatorKey()
	material, err := key.Material(resources.StoreIdentity(es), 0)
	if err != nil {
		return err
	}
	w.keyFile = filepath.Join(w.dir, "operator.key")
	for file, content := range map[string][]byte{
		w.keyFile: key[:],
		filepath.Join(w.dir, podconfig.TLSCertFile): material.Cert,
		filepath.Join(w.dir, podconfig.TLSKeyFile):  material.Key,
		filepath.Join(w.dir, podconfig.AppendKey):   []byte(material.AppendKey),
		filepath.Join(w.dir, podconfig.ScanKey):     []byte(material.ScanKey),
		filepath.Join(w.dir, podconfig.AdminKey):    []byte(material.AdminKey),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
	}
	srv, err := server.New(server.Options{
		Store: &restless{Store: memory.New(identity.NewPolicy(nil)), sources: w.sources, since: time.Now()},
		Dir:   w.dir, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.storeAddress = listener.Addr().String()
	web, callers := srv.Listen(listener)
	go func() { _ = web.ServeTLS(callers, "", "") }() // ends with the process
	return nil
}
