// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// received is the result of a request: the response, and the events in the store.
type received struct {
	status int
	header http.Header
	body   []byte
	events []event.Event
}

// pod is an ingestion process with a store of its own.
type pod struct {
	dir    string
	store  *recorder
	client http.Client
	// url is for senders, probes for the kubelet.
	url    string
	probes string
	stop   context.CancelFunc
	ended  chan error
}

// start starts the pod of a source at the time of a sample.
func start(ctx context.Context, s *Sample, source *Source) (*pod, error) {
	p := &pod{ended: make(chan error, 1)}
	var err error
	if p.dir, err = os.MkdirTemp("", "channels"); err != nil {
		return nil, err
	}
	kept, err := embedded.Open(embedded.Options{
		Dir: filepath.Join(p.dir, "store"), Identity: identity.NewPolicy(nil), Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.dir))
	}
	p.store = &recorder{Store: kept}
	if err := p.configure(s, source); err != nil {
		return nil, errors.Join(err, kept.Close(), os.RemoveAll(p.dir))
	}
	ctx, p.stop = context.WithCancel(ctx)
	if err := p.serve(ctx, s.Now); err != nil {
		p.stop()
		return nil, errors.Join(err, kept.Close(), os.RemoveAll(p.dir))
	}
	return p, nil
}

// configure writes the files that the operator and the user give to a pod.
func (p *pod) configure(s *Sample, source *Source) error {
	name := source.Name
	if len(s.Expect) > 0 && s.Expect[0].Source != "" {
		name = s.Expect[0].Source
	}
	spec, paths, err := preset.Expand(&source.Spec)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: name, UID: "u-1", Generation: 1,
		Store: podconfig.Store{URL: "https://default-store.shop.svc:8443"}, Source: *spec, RulePaths: paths,
		EgressPermitted: source.EgressPermitted,
	})
	if err != nil {
		return err
	}
	files := map[string]string{podconfig.File: string(raw)}
	for key, secret := range source.Secrets {
		files[key] = secret
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *pod) serve(ctx context.Context, now time.Time) error {
	var listeners [3]net.Listener
	for i := range listeners {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		listeners[i] = l
	}
	p.url, p.probes = "http://"+listeners[0].Addr().String(), "http://"+listeners[1].Addr().String()
	// A redirect is a response of its own.
	p.client = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	go func() {
		p.ended <- ingest.Run(ctx, ingest.Options{
			Files:  ingest.Files{Config: filepath.Join(p.dir, podconfig.File), SecretDir: p.dir, PepperDir: p.dir},
			Listen: listeners[0], ProbeListen: listeners[1], MetricsListen: listeners[2],
			Connect:     func(podconfig.Store) (store.Appender, error) { return p.store, nil },
			ReloadEvery: time.Hour, DrainTimeout: 5 * time.Second, MaxConnections: 16,
			Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
	}()
	return nil
}

// send sends the request of a sample. The store is read after the response, which says that the events are in it.
func (p *pod) send(ctx context.Context, r *Request) (*received, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, p.url+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	// A header that is absent in the sample must be absent in the request.
	req.Header.Set("User-Agent", "")
	for k, v := range r.Headers {
		if strings.EqualFold(k, "Host") {
			req.Host = v
			continue
		}
		req.Header.Set(k, v)
	}
	response, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // nothing is written
	out := &received{status: response.StatusCode, header: response.Header}
	if out.body, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	out.events, err = p.store.stored(ctx)
	return out, err
}

// close ends the process and removes its files.
func (p *pod) close() error {
	p.client.CloseIdleConnections()
	p.stop()
	return errors.Join(<-p.ended, p.store.Close(), os.RemoveAll(p.dir))
}

// recorder is a store that remembers the ids of its events: the store has only their keys.
type recorder struct {
	store.Store
	mu     sync.Mutex
	events []event.Event
}

// Append implements store.Appender.
func (r *recorder) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	done, err := r.Store.Append(ctx, b)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, b.Events...)
	}
	return done, err
}

// stored returns the appended events, if a scan returns the same ones.
func (r *recorder) stored(ctx context.Context) ([]event.Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows, _, err := storetest.Collect(ctx, r.Store, store.ScanRequest{})
	if err != nil {
		return nil, err
	}
	left := map[string]int{}
	for _, row := range rows {
		left[fmt.Sprint(row[store.ColumnTime], row[store.ColumnEvent], row[store.ColumnOrderID], row[store.ColumnProperties])]++
	}
	for i := range r.events {
		e := &r.events[i]
		key := fmt.Sprint(e.Time, e.Name, e.OrderID, string(e.Properties))
		if left[key]--; left[key] < 0 {
			return nil, fmt.Errorf("event %q was appended, and a scan of the store does not return it", e.Name)
		}
	}
	if len(rows) != len(r.events) {
		return nil, fmt.Errorf("%d events were appended, and a scan of the store returns %d", len(r.events), len(rows))
	}
	return r.events, nil
}
