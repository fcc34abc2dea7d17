// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"encoding/json"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// sink accepts everything at once, so that a benchmark measures only ingestion.
type sink struct{ events int }

func (s *sink) Append(_ context.Context, b store.Batch) (store.Appended, error) {
	s.events += len(b.Events)
	return store.Appended{}, nil
}

func (s *sink) Cursors(context.Context, string) (store.Cursors, error) { return nil, nil }

func benchServer(b *testing.B, spec v1alpha1.TouchpointSourceSpec, hash ...v1alpha1.IdentityType) http.Handler {
	b.Helper()
	dir := b.TempDir()
	rate := int32(1_000_000)
	spec.Channel, spec.Limits = "web", &v1alpha1.SourceLimits{MaxEventsPerSecond: &rate}
	c := podconfig.Ingest{Version: 1, Namespace: "shop", Name: "till", Generation: 1, Store: podconfig.Store{URL: "https://x"}, Source: spec}
	if len(hash) > 0 {
		c.Privacy = &v1alpha1.PrivacyPolicy{Hash: hash, PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "p"}}
	}
	raw, err := json.Marshal(c)
	require.NoError(b, err)
	for name, content := range map[string]string{podconfig.File: string(raw), v1alpha1.DefaultSecretKey: "test-write-key", v1alpha1.DefaultPepperKey: "pepper"} {
		require.NoError(b, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	batcher := batch.New(batch.Options{})
	b.Cleanup(batcher.Close)
	server := ingest.NewServer(batcher, budget.New(budget.DefaultTotal), ingest.NewStats(prometheus.NewRegistry(), time.Now), time.Now, log)
	r := ingest.NewReloader(ingest.Files{Config: filepath.Join(dir, podconfig.File), SecretDir: dir, PepperDir: dir}, server,
		func(podconfig.Store) (store.Appender, error) { return &sink{}, nil }, log)
	r.Reload()
	require.Empty(b, r.Problem())
	return server
}

// benchMessage returns an event of typical size: 700 bytes, an order of two products.
func benchMessage(i int) string {
	return fmt.Sprintf(`{"type":"track","event":"Order Completed","messageId":"ajs-next-%d-0b9e5b0c-6f1d","userId":"user-%d",`+
		`"anonymousId":"7f0c1b1e-2f6e-4a45-9d0e-%012d","timestamp":"2026-11-21T10:14:57.123Z","context":{"library":{"name":"analytics.js","version":"2.1.0"},`+
		`"page":{"path":"/thanks","url":"https://shop.example.test/thanks"},"userAgent":"Mozilla/5.0","traits":{"email":"ana%d@example.test"}},`+
		`"properties":{"order_id":"55%d","revenue":119.9,"total":129.9,"currency":"EUR","products":[{"product_id":"71","sku":"TEE-M","price":59.95,`+
		`"quantity":1},{"product_id":"72","sku":"TEE-L","price":59.95,"quantity":1}]}}`, i, i%1000, i%1000, i%1000, i)
}

func benchBody(n int) string {
	messages := make([]string, n)
	for i := range messages {
		messages[i] = benchMessage(i)
	}
	if n == 1 {
		return messages[0]
	}
	return `{"batch":[` + strings.Join(messages, ",") + `],"sentAt":"2026-11-21T10:14:58.000Z"}`
}

// BenchmarkSegment measures one event from the start of the handler to the append: reading, validating, decoding, mapping, hashing, batching and
// answering, without network and store.
func BenchmarkSegment(b *testing.B) {
	for _, n := range []int{1, 200} {
		for _, hash := range [][]v1alpha1.IdentityType{nil, {"email", "phone"}} {
			b.Run(fmt.Sprintf("batch=%d/hash=%v", n, hash != nil), func(b *testing.B) {
				h := benchServer(b, segmentSpec(), hash...)
				path := "/v1/batch"
				if n == 1 {
					path = "/v1/track"
				}
				bench(b, h, path, benchBody(n), n)
			})
		}
	}
}

func BenchmarkWebhook(b *testing.B) {
	one := `{"type":"order.completed","id":"wh-0001","at":"2026-11-21T10:14:57Z","customer":{"id":"880011","email":"ana@example.test"},"amount":"129.90",` +
		`"currency":"EUR"}`
	for _, n := range []int{1, 200} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			body := one
			if n > 1 {
				body = "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
			}
			bench(b, benchServer(b, openSpec(orderRule())), "/", body, n)
		})
	}
}

func BenchmarkCloudEvents(b *testing.B) {
	spec := v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}}}
	one := `{"specversion":"1.0","id":"ce-1","source":"/shop","type":"order.completed","time":"2026-11-21T10:14:57Z","data":{"order_id":"55","total":129.9,` +
		`"currency":"EUR","customer_id":"880011","email":"ana@example.test"}}`
	b.Run("batch=1", func(b *testing.B) {
		bench(b, benchServer(b, spec), "/", one, 1, "Content-Type", "application/cloudevents+json")
	})
	b.Run("batch=200", func(b *testing.B) {
		bench(b, benchServer(b, spec), "/", "["+strings.TrimSuffix(strings.Repeat(one+",", 200), ",")+"]", 200, "Content-Type", "application/cloudevents-batch+json")
	})
}

func bench(b *testing.B, h http.Handler, path, body string, events int, header ...string) {
	b.ReportAllocs()
	began := cpu(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Authorization", writeKey)
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code/100 != 2 {
				b.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	})
	b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/float64(events), "cpu-ns/event")
}

// cpu returns the CPU time of the process, which other processes do not affect, unlike elapsed time.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u.Utime.Nano() + u.Stime.Nano()
}
