// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

// process is an ingestion process inside the test: real listeners and files, and a real store behind TLS.
type process struct {
	dir, url        string
	probes, metrics string
	stop            context.CancelFunc
	done            chan error
	store           store.Store
	server          *servertest.Server
	config          podconfig.Ingest
}

func startProcess(t *testing.T, tune ...func(*ingest.Options)) *process {
	t.Helper()
	behind := memory.New(identity.Policy{})
	s := servertest.Start(t, server.Options{Store: behind})
	p := &process{dir: t.TempDir(), store: behind, server: s, done: make(chan error, 1)}
	c := podconfig.Ingest{Version: 1, Namespace: "shop", Name: "web", Generation: 1, Store: podconfig.Store{URL: s.URL}, Source: segmentSpec()}
	c.Source.Channel = "web"
	p.config = c
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	p.write(t, podconfig.File, string(raw))
	p.write(t, v1alpha1.DefaultSecretKey, "test-write-key")
	listen, probes, metrics := free(t), free(t), free(t)
	p.url, p.probes, p.metrics = "http://"+listen.Addr().String(), "http://"+probes.Addr().String(), "http://"+metrics.Addr().String()
	o := ingest.Options{
		Files:  ingest.Files{Config: filepath.Join(p.dir, podconfig.File), SecretDir: p.dir, PepperDir: p.dir},
		Listen: listen, ProbeListen: probes, MetricsListen: metrics, ReloadEvery: 10 * time.Millisecond, DrainTimeout: time.Minute, MaxConnections: 100,
		Pod: "web-ingest-1", Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Connect: func(c podconfig.Store) (store.Appender, error) {
			return client.New(client.Options{URL: c.URL, ServerName: servertest.Host, Key: []byte(s.AppendKey), CA: s.CA})
		},
	}
	for _, f := range tune {
		f(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go func() { p.done <- ingest.Run(ctx, o) }()
	t.Cleanup(cancel)
	return p
}

func free(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func (p *process) write(t *testing.T, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o600))
}

func (p *process) track(id, key string) int {
	r, err := http.NewRequest(http.MethodPost, p.url+"/shop/web/v1/track", strings.NewReader(track(id)))
	if err != nil {
		return 0
	}
	r.SetBasicAuth(key, "")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(b)
}

func TestProcessServesReloadsAndDrains(t *testing.T) {
	p := startProcess(t)
	require.Eventually(t, func() bool { return p.track("m-1", "test-write-key") == 200 }, waitFor, poll)
	require.Equal(t, 401, p.track("m-2", "other"))
	code, _ := get(t, p.probes+"/readyz")
	require.Equal(t, 200, code)

	p.write(t, v1alpha1.DefaultSecretKey, "other")
	require.Eventually(t, func() bool { return p.track("m-3", "other") == 200 }, waitFor, poll, "the Secret is read without a restart")

	_, metrics := get(t, p.metrics+"/metrics")
	require.Contains(t, metrics, `journeyman_ingest_events_total{result="accepted"} 2`)
	require.Contains(t, metrics, `journeyman_ingest_unauthorized_requests_total{reason="bad-token"}`)
	require.Contains(t, metrics, "journeyman_ingest_config_generation 1")
	require.NotContains(t, metrics, "test-write-key")

	// events that are acknowledged during the shutdown are stored, and rejected ones are counted
	var acknowledged atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			if p.track(fmt.Sprint("drain-", i), "other") != 200 {
				return
			}
			acknowledged.Add(1)
		}
	}()
	require.Eventually(t, func() bool { return acknowledged.Load() > 3 }, waitFor, poll)
	p.stop()
	require.NoError(t, <-p.done)
	<-ended
	state, err := p.store.State(context.Background())
	require.NoError(t, err)
	require.Len(t, state.Sources, 1)
	require.Equal(t, "web", state.Sources[0].Name)
	require.GreaterOrEqual(t, state.Health.Events, 2+acknowledged.Load())
	require.Equal(t, state.Health.Events, state.Sources[0].Counters.Accepted)
	require.Positive(t, state.Sources[0].Counters.Rejected["bad-token"].Count)
	require.NotContains(t, state.Sources[0].Counters.Rejected["bad-token"].Example, "other")
}

func TestSlowSendersDoNotDelayShutdown(t *testing.T) {
	p := startProcess(t, func(o *ingest.Options) { o.DrainTimeout = 200 * time.Millisecond })
	require.Eventually(t, func() bool { return p.track("m-1", "test-write-key") == 200 }, waitFor, poll)
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = io.WriteString(conn, "POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: "+writeKey+"\r\nContent-Length: 1000\r\n\r\n{")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return p.track("m-2", "test-write-key") == 200 }, waitFor, poll, "others are served")
	p.stop()
	select {
	case err := <-p.done:
		require.ErrorIs(t, err, context.DeadlineExceeded, "the drain has an end, and says that it cut something off")
	case <-time.After(waitFor):
		t.Fatal("the process does not end")
	}
}
