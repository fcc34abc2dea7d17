// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// faulty is an Appender that keeps its events, and that can fail or stall at times that a real store cannot.
type faulty struct {
	mu      sync.Mutex
	batches []store.Batch
	fail    func(store.Batch) error
	stall   chan struct{}
	entered chan struct{}
}

func (f *faulty) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	f.mu.Lock()
	fail, stall, entered := f.fail, f.stall, f.entered
	f.mu.Unlock()
	if entered != nil {
		entered <- struct{}{}
	}
	if stall != nil {
		select {
		case <-stall:
		case <-ctx.Done():
			return store.Appended{}, store.ErrUnavailable
		}
	}
	if fail != nil {
		if err := fail(b); err != nil {
			return store.Appended{}, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, b)
	return store.Appended{Seq: int64(len(f.batches))}, nil
}

func (f *faulty) Cursors(context.Context, string) (store.Cursors, error) { return nil, nil }

func (f *faulty) set(fail func(store.Batch) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func (f *faulty) events() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []event.Event
	for _, b := range f.batches {
		out = append(out, b.Events...)
	}
	return out
}

func (f *faulty) counters() store.Counters {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := store.Counters{Rejected: map[string]store.Rejection{}}
	for _, b := range f.batches {
		out.Add(b.Counters)
	}
	return out
}

// pod is an ingestion pod without its process: its files, server and store.
type pod struct {
	t        *testing.T
	dir      string
	config   podconfig.Ingest
	store    *faulty
	server   *ingest.Server
	reloader *ingest.Reloader
	probes   *ingest.Probes
	metrics  http.Handler
	batcher  *batch.Batcher
	clock    time.Time
}

// testNow is the time of the clock in tests.
var testNow = time.Date(2026, 11, 21, 10, 15, 10, 0, time.UTC)

func newPod(t *testing.T, spec v1alpha1.TouchpointSourceSpec, secret string, change ...func(*pod, *batch.Options)) *pod {
	t.Helper()
	if spec.Channel == "" {
		spec.Channel = "web"
	}
	p := &pod{t: t, dir: t.TempDir(), store: &faulty{}, clock: testNow, config: podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: "till", UID: "u-1", Generation: 3,
		Store: podconfig.Store{URL: "https://default-store.shop.svc:8443"}, Source: spec,
	}}
	options := batch.Options{FlushEvery: 10 * time.Millisecond}
	for _, c := range change {
		c(p, &options)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	registry := prometheus.NewRegistry()
	stats := ingest.NewStats(registry, p.now)
	options.Observe = stats.Appended
	p.batcher = batch.New(options)
	p.server = ingest.NewServer(p.batcher, budget.New(budget.DefaultTotal), stats, p.now, log)
	p.reloader = ingest.NewReloader(ingest.Files{
		Config: filepath.Join(p.dir, podconfig.File), SecretDir: p.dir, PepperDir: p.dir,
	}, p.server, func(podconfig.Store) (store.Appender, error) { return p.store, nil }, log)
	p.probes = ingest.NewProbes(p.server, p.reloader)
	p.metrics = ingest.NewMetrics(p.server, p.reloader, registry)
	p.write(v1alpha1.DefaultSecretKey, secret)
	p.writeConfig()
	p.reloader.Reload()
	t.Cleanup(p.close)
	return p
}

func (p *pod) now() time.Time { return p.clock }

func (p *pod) close() {
	if p.batcher != nil {
		p.batcher.Close()
		p.batcher = nil
	}
}

func (p *pod) write(name, content string) {
	if content == "" {
		_ = os.Remove(filepath.Join(p.dir, name))
		return
	}
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o600))
}

func (p *pod) writeConfig() {
	raw, err := json.Marshal(p.config)
	require.NoError(p.t, err)
	p.write(podconfig.File, string(raw))
}

func (p *pod) stats() ingest.StatsDocument {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/stats", nil)
	r.RemoteAddr = "127.0.0.1:1234"
	p.probes.ServeHTTP(w, r)
	require.Equal(p.t, http.StatusOK, w.Code)
	var d ingest.StatsDocument
	require.NoError(p.t, json.Unmarshal(w.Body.Bytes(), &d))
	return d
}

// reply is a response with its decoded body.
type reply struct {
	*httptest.ResponseRecorder
	Body struct {
		Success  bool   `json:"success"`
		Accepted int    `json:"accepted"`
		Dropped  int    `json:"dropped"`
		Error    string `json:"error"`
		Reason   string `json:"reason"`
		Field    string `json:"field"`
		Rejected []struct {
			Index   int    `json:"index"`
			Reason  string `json:"reason"`
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"rejected"`
	}
}

func (p *pod) send(method, target, body string, header ...string) reply {
	p.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	out := reply{ResponseRecorder: w}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		require.NoError(p.t, json.Unmarshal(w.Body.Bytes(), &out.Body), w.Body.String())
	}
	return out
}

func gzipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// segmentSpec returns a source with the Segment transport.
func segmentSpec() v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{
		Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}},
	}}
}

// openSpec returns an unauthenticated webhook.
func openSpec(rules ...v1alpha1.MappingRule) v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}},
		Mapping:   rules,
	}
}

type exprs = map[string]v1alpha1.CELExpression

func orderRule() v1alpha1.MappingRule {
	return v1alpha1.MappingRule{When: `body.type == "order.completed"`, Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, ID: `body.id`, Time: `body.at`, Amount: `body.amount`, Currency: `body.currency`,
		Identities: exprs{"customerId": `body.customer.id`, "email": `body.customer.email`},
	}}
}
