// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

func newMemory() *memory.Store { return memory.New(identity.NewPolicy(nil)) }

func batch(n int) store.Batch {
	b := store.Batch{Source: "shop"}
	for i := range n {
		b.Events = append(b.Events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Name: "Viewed", Time: int64(i), Identities: []event.Identity{{Type: "email", Value: fmt.Sprint(i % 9)}},
		})
	}
	return b
}

func TestConformanceOverHTTP(t *testing.T) {
	now := time.Now()
	open := func(t *testing.T, most int64) store.Store {
		behind := newMemory()
		behind.SetMaxIdentities(most)
		behind.SetClock(func() time.Time { return now })
		s := servertest.Start(t, server.Options{Store: behind})
		return s.Client(t, s.AdminKey)
	}
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, 0) }, storetest.Options{
		Admin: true,
		Walks: 20, Limited: open, Later: func(_ *testing.T, _ store.Store, d time.Duration) { now = now.Add(d) },
	})
}

func TestKeysAllowOnlyTheirCalls(t *testing.T) {
	s := servertest.Start(t, server.Options{Store: newMemory()})
	calls := map[string]func(*client.Client) error{
		"append":  func(c *client.Client) error { _, err := c.Append(t.Context(), batch(1)); return err },
		"cursors": func(c *client.Client) error { _, err := c.Cursors(t.Context(), "shop"); return err },
		"report":  func(c *client.Client) error { return c.Report(t.Context(), store.Report{Source: "shop", Pod: "a"}) },
		"scan": func(c *client.Client) error {
			_, _, err := storetest.Collect(t.Context(), c, store.ScanRequest{})
			return err
		},
		"state": func(c *client.Client) error { _, err := c.State(t.Context()); return err },
		"putResult": func(c *client.Client) error {
			return c.PutResult(t.Context(), store.Result{Owner: "o", Run: "r", Body: []byte("1")})
		},
		"results": func(c *client.Client) error { _, err := c.Results(t.Context(), "o", 1); return err },
		"pin": func(c *client.Client) error {
			_, err := c.Pin(t.Context(), store.PinRequest{ID: "run", TTL: time.Minute})
			return err
		},
		"unpin": func(c *client.Client) error { return c.Unpin(t.Context(), "run") },
		"erase": func(c *client.Client) error {
			_, err := c.Erase(t.Context(), event.Identity{Type: "a", Value: "b"})
			return err
		},
		"eraseIdentity": func(c *client.Client) error {
			_, err := c.EraseIdentity(t.Context(), event.Identity{Type: "a", Value: "b"})
			return err
		},
		"split": func(c *client.Client) error {
			_, err := c.Split(t.Context(), store.SplitRequest{Identity: event.Identity{Type: "customerId", Value: "1"}})
			if err != nil && strings.Contains(err.Error(), "knows no such customerId") {
				return nil // the key is accepted for this call, but there is no such customer
			}
			return err
		},
		"retain": func(c *client.Client) error { _, err := c.Retain(t.Context(), time.UnixMicro(-1)); return err },
	}
	all := slices.Collect(maps.Keys(calls))
	for _, c := range []struct {
		name, url, key string
		opens          []string
	}{
		{"append", s.URL, s.AppendKey, []string{"append", "cursors", "report"}},
		{"scan", s.URL, s.ScanKey, []string{"scan", "state", "putResult", "results", "pin", "unpin"}},
		{"admin where pods call", s.URL, s.AdminKey, nil},
		{"wrong", s.URL, "wrong-key-wrong-key-wrong", nil},
		{"admin", s.AdminURL, s.AdminKey, all},
		{"append where an administrator calls", s.AdminURL, s.AppendKey, nil},
		{"scan where an administrator calls", s.AdminURL, s.ScanKey, nil},
	} {
		client := s.ClientAt(t, c.url, c.key)
		for name, call := range calls {
			err := call(client)
			switch {
			case slices.Contains(c.opens, name):
				require.NoError(t, err, "%s: %s", c.name, name)
			case c.url == s.URL && slices.Contains([]string{"erase", "eraseIdentity", "split", "retain"}, name):
				require.ErrorContains(t, err, "404 page not found", "%s: %s", c.name, name)
			default:
				require.ErrorIs(t, err, store.ErrUnauthorized, "%s: %s", c.name, name)
			}
		}
	}
}

// raw sends a request of an administrator.
func raw(t *testing.T, s *servertest.Server, method, path, body string, header map[string]string) (int, string) {
	t.Helper()
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(s.CA))
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: servertest.Host}}}
	defer c.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), method, s.AdminURL+path, strings.NewReader(body))
	require.NoError(t, err)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	answer, err := c.Do(r)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode, string(text)
}

func TestInvalidRequestsAreRefused(t *testing.T) {
	s := servertest.Start(t, server.Options{Store: newMemory(), MaxBodyBytes: 1 << 20})
	admin := map[string]string{"Authorization": "Bearer " + s.AdminKey, wire.HeaderProtocol: "1"}
	for _, c := range []struct {
		method, path, body string
		header             map[string]string
		status             int
		says               string
	}{
		{"GET", wire.PathState, "", map[string]string{"Authorization": "Bearer " + s.AdminKey}, 400, "missing or not a number"},
		{"GET", wire.PathState, "", map[string]string{"Authorization": "Bearer " + s.AdminKey, wire.HeaderProtocol: "99"}, 400, "uses version 99"},
		{"GET", wire.PathState, "", map[string]string{"Authorization": "Bearer " + s.AdminKey, wire.HeaderProtocol: "0"}, 400, "uses version 0"},
		{"GET", wire.PathState, "", map[string]string{wire.HeaderProtocol: "1"}, 401, "unauthorized"},
		{"GET", wire.PathState, "", map[string]string{wire.HeaderProtocol: "1", "Authorization": "Basic " + s.AdminKey}, 401, "unauthorized"},
		{"POST", wire.PathScan, `{"shards":2,"shard":5}`, admin, 400, "shard 5 of 2"},
		{"POST", wire.PathScan, `{"nosuch":1}`, admin, 400, "nosuch"},
		{"POST", wire.PathScan, `{`, admin, 400, "invalid"},
		{"POST", wire.PathAppend, "no arrow", admin, 400, "Arrow"},
		{"POST", wire.PathAppend, strings.Repeat("x", 1<<20+1), admin, 400, "over 1048576 bytes"},
		{"GET", wire.PathResults + "?limit=x", "", admin, 400, "limit"},
		{"GET", "/v1/nosuch", "", admin, 404, "not found"},
	} {
		status, text := raw(t, s, c.method, c.path, c.body, c.header)
		require.Equal(t, c.status, status, text)
		require.Contains(t, text, c.says)
		require.NotContains(t, text, s.AdminKey)
	}
}

// faulty is a store whose scans break, stall or fail at once.
type faulty struct {
	store.Store
	appendErr error
	scan      func(store.Scan) store.Scan
}

func (f *faulty) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	if f.appendErr != nil {
		return store.Appended{}, f.appendErr
	}
	return f.Store.Append(ctx, b)
}

func (f *faulty) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	scan, err := f.Store.Scan(ctx, r)
	if err != nil || f.scan == nil {
		return scan, err
	}
	return f.scan(scan), nil
}

// breaking returns a number of batches, and then calls fail.
type breaking struct {
	store.Scan
	left int
	fail func() error
}

func (b *breaking) Next() (arrow.RecordBatch, error) {
	if b.left == 0 {
		return nil, b.fail()
	}
	b.left--
	return b.Scan.Next()
}

func TestInterruptedScansAreErrors(t *testing.T) {
	gone := fmt.Errorf("%w: compacted away", store.ErrSnapshotGone)
	for name, c := range map[string]struct {
		left int
		fail func() error
		want error
	}{
		"at once":         {0, func() error { return gone }, store.ErrSnapshotGone},
		"in the midst":    {2, func() error { return gone }, store.ErrSnapshotGone},
		"unknown error":   {2, func() error { return errors.New("disk on fire") }, store.ErrUnavailable},
		"connection lost": {2, func() error { panic(http.ErrAbortHandler) }, store.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faulty{Store: newMemory(), scan: func(s store.Scan) store.Scan { return &breaking{Scan: s, left: c.left, fail: c.fail} }}
			_, err := f.Append(t.Context(), batch(20_000))
			require.NoError(t, err)
			s := servertest.Start(t, server.Options{Store: f})
			_, _, err = storetest.Collect(t.Context(), s.Client(t, s.ScanKey), store.ScanRequest{})
			require.ErrorIs(t, err, c.want)
		})
	}
}

// Truncates a response at every byte. Without the trailer, it must be an error.
func TestTruncatedResponses(t *testing.T) {
	m := newMemory()
	_, err := m.Append(t.Context(), batch(40))
	require.NoError(t, err)
	s := servertest.Start(t, server.Options{Store: m})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, wire.PathScan, strings.NewReader(`{"columns":["event"]}`))
	request.Header.Set("Authorization", "Bearer "+s.ScanKey)
	request.Header.Set(wire.HeaderProtocol, "1")
	s.Handler().ServeHTTP(recorder, request)
	whole := recorder.Body.Bytes()
	require.NotEmpty(t, recorder.Result().Trailer.Get(wire.TrailerStats))

	length := 0
	cutting := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderSnapshot, recorder.Header().Get(wire.HeaderSnapshot))
		_, err := w.Write(whole[:length]) // The worst case: a proxy that ends the truncated response without an error.
		require.NoError(t, err)
	}))
	cutting.TLS = s.TLSConfig()
	cutting.StartTLS()
	defer cutting.Close()
	c, err := client.New(client.Options{URL: cutting.URL, Key: []byte(s.ScanKey), CA: s.CA, ServerName: servertest.Host})
	require.NoError(t, err)
	for _, length = range []int{0, 4, 100, len(whole) / 2, len(whole) - 9, len(whole) - 8, len(whole) - 1, len(whole)} {
		_, _, err := storetest.Collect(t.Context(), c, store.ScanRequest{Columns: []string{"event"}})
		require.ErrorIs(t, err, store.ErrUnavailable, "%d of %d bytes", length, len(whole))
	}
}

func TestErrorsOfTheStoreAreReturned(t *testing.T) {
	for _, want := range []error{store.ErrFull, store.ErrUnavailable, store.ErrInvalid} {
		f := &faulty{Store: newMemory(), appendErr: fmt.Errorf("%w: in the test", want)}
		s := servertest.Start(t, server.Options{Store: f})
		_, err := s.Client(t, s.AppendKey).Append(t.Context(), batch(1))
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, "in the test")
	}
	s := servertest.Start(t, server.Options{Store: newMemory()})
	c, err := client.New(client.Options{URL: "https://127.0.0.1:1", Key: []byte(s.ScanKey), CA: s.CA, ServerName: servertest.Host})
	require.NoError(t, err)
	_, err = c.State(t.Context())
	require.ErrorIs(t, err, store.ErrUnavailable, "nobody listens")
	c, err = client.New(client.Options{URL: s.URL, Key: []byte(s.ScanKey), CA: s.CA, ServerName: "another.test"})
	require.NoError(t, err)
	_, err = c.State(t.Context())
	require.ErrorIs(t, err, store.ErrUnavailable, "the certificate is for another host")
	other := servertest.Start(t, server.Options{Store: newMemory()})
	c, err = client.New(client.Options{URL: s.URL, Key: []byte(s.ScanKey), CA: other.CA, ServerName: servertest.Host})
	require.NoError(t, err)
	_, err = c.State(t.Context())
	require.ErrorIs(t, err, store.ErrUnavailable, "the certificate is of another authority")
}

func TestScansAreLimited(t *testing.T) {
	m := newMemory()
	_, err := m.Append(t.Context(), batch(5000))
	require.NoError(t, err)
	free := make(chan struct{})
	f := &faulty{Store: m, scan: func(s store.Scan) store.Scan {
		return &breaking{Scan: s, left: 1, fail: func() error { <-free; return io.EOF }}
	}}
	s := servertest.Start(t, server.Options{Store: f, MaxScans: 1, MaxWait: 20 * time.Millisecond})
	c := s.Client(t, s.ScanKey)
	first, err := c.Scan(t.Context(), store.ScanRequest{})
	require.NoError(t, err)
	_, err = c.Scan(t.Context(), store.ScanRequest{})
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "too many scans")
	close(free)
	for err = nil; !errors.Is(err, io.EOF); {
		if _, err = first.Next(); err != nil {
			require.ErrorIs(t, err, io.EOF)
		}
	}
	require.NoError(t, first.Close())
	_, _, err = storetest.Collect(t.Context(), c, store.ScanRequest{})
	require.NoError(t, err)
}

func TestFilesAreReloaded(t *testing.T) {
	s := servertest.Start(t, server.Options{Store: newMemory()})
	dir := t.TempDir()
	keyFile, caFile := filepath.Join(dir, "key"), filepath.Join(dir, "ca.crt")
	servertest.WriteFile(t, keyFile, s.ScanKey+"\n")
	servertest.WriteFile(t, caFile, string(s.CA))
	c, err := client.New(client.Options{URL: s.URL, KeyFile: keyFile, CAFile: caFile, ServerName: servertest.Host})
	require.NoError(t, err)
	_, err = c.State(t.Context())
	require.NoError(t, err)

	next := servertest.WriteMaterial(t, s.Dir, pki.NewOperatorKey())
	eventually(t, func() error {
		_, err := c.State(t.Context())
		if !errors.Is(err, store.ErrUnauthorized) {
			return fmt.Errorf("the old key still opens: %w", err)
		}
		return nil
	})
	servertest.WriteFile(t, keyFile, next.ScanKey)
	servertest.WriteFile(t, caFile, string(next.CA))
	require.NoError(t, c.Close(), "a new connection meets the new certificate")
	eventually(t, func() error { _, err := c.State(t.Context()); return err })
}

func eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := check()
		if err == nil {
			return
		}
		require.True(t, time.Now().Before(deadline), "%v", err)
		time.Sleep(50 * time.Millisecond)
	}
}

func TestProbesAndMetrics(t *testing.T) {
	m := newMemory()
	s := servertest.Start(t, server.Options{Store: m})
	b := batch(3)
	b.Counters = store.Counters{Accepted: 3, Rejected: map[string]store.Rejection{"bad-json": {Count: 2}}}
	c := s.Client(t, s.AdminKey)
	_, err := c.Append(t.Context(), b)
	require.NoError(t, err)
	_, err = c.Append(t.Context(), batch(4))
	require.NoError(t, err)
	_, _, err = storetest.Collect(t.Context(), c, store.ScanRequest{})
	require.NoError(t, err)
	get := func(path string) (int, string) {
		recorder, handler := httptest.NewRecorder(), s.ProbeHandler()
		if path == "/metrics" {
			handler = s.MetricsHandler()
		}
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, bytes.NewReader(nil)))
		return recorder.Code, recorder.Body.String()
	}
	status, text := get("/metrics")
	require.Equal(t, http.StatusOK, status)
	for _, line := range []string{
		`journeyman_store_append_events_total{outcome="stored"} 4`, `journeyman_store_append_events_total{outcome="duplicate"} 3`,
		`journeyman_store_call_duration_seconds_count{call="append",code="ok"} 2`, `journeyman_store_scan_rows_total 4`,
		`journeyman_store_seq 2`, `journeyman_store_up 1`,
		fmt.Sprintf("journeyman_store_certificate_expiry_timestamp_seconds %v", float64(expiry(t, s.Cert).Unix())),
	} {
		require.Contains(t, text, line+"\n")
	}
	for _, secret := range []string{"shop", "bad-json", "journeyman_store_persons", "journeyman_store_events"} {
		require.NotContains(t, text, secret, "anybody can read this")
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200} {
		status, _ := get(path)
		require.Equal(t, want, status)
	}
	s.Drain()
	status, text = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, text, "draining")
	status, _ = get("/healthz")
	require.Equal(t, http.StatusOK, status)
}

// expiry returns the end of validity of a certificate.
func expiry(t *testing.T, text []byte) time.Time {
	t.Helper()
	block, _ := pem.Decode(text)
	require.NotNil(t, block)
	cert, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return cert.NotAfter
}

// A load belongs to the sender who has begun it, and to administrators: the append key alone neither commits nor ends it.
func TestLoadsBelongToTheirSenders(t *testing.T) {
	s := servertest.Start(t, server.Options{Store: newMemory()})
	sender, admin := s.ClientAt(t, s.URL, s.AppendKey), s.ClientAt(t, s.AdminURL, s.AdminKey)
	begin := func(id string) store.LoadRef {
		t.Helper()
		r := store.LoadRequest{ID: id, Secret: storetest.LoadSecret, Source: "shop"}
		_, err := sender.BeginLoad(t.Context(), r)
		require.NoError(t, err)
		_, err = sender.LoadPart(t.Context(), r.Ref(), 0, []event.Event{{ID: id, Source: "shop", Name: "x", Identities: []event.Identity{{Type: "a", Value: "b"}}}})
		require.NoError(t, err)
		return r.Ref()
	}
	begin("one")
	for _, secret := range []string{"", storetest.LoadSecret + "?"} {
		ref := store.LoadRef{ID: "one", Secret: secret, Admin: true}
		_, err := sender.LoadPart(t.Context(), ref, 1, nil)
		require.ErrorIs(t, err, store.ErrUnauthorized)
		_, err = sender.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: secret, Admin: true, Parts: 1})
		require.ErrorIs(t, err, store.ErrUnauthorized)
		require.ErrorIs(t, sender.EndLoad(t.Context(), ref), store.ErrUnauthorized)
	}
	for _, c := range []store.Loader{sender, admin} {
		_, err := c.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret + "?", Source: "shop"})
		require.ErrorIs(t, err, store.ErrUnauthorized, "who begins a load again shows its secret, administrators too")
	}
	_, err := sender.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Source: "shop"})
	require.ErrorIs(t, err, store.ErrInvalid, "a load without a secret")
	_, err = admin.LoadPart(t.Context(), store.LoadRef{ID: "one"}, 1, nil)
	require.NoError(t, err)
	loaded, err := admin.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Parts: 2})
	require.NoError(t, err)
	require.EqualValues(t, 1, loaded.Events)
	begin("two")
	require.NoError(t, admin.EndLoad(t.Context(), store.LoadRef{ID: "two"}))
	_, err = sender.Load(t.Context(), "two")
	require.ErrorIs(t, err, store.ErrLoadGone)
	require.NoError(t, sender.EndLoad(t.Context(), begin("three")))
}
