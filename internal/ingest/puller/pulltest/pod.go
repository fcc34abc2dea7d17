// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pulltest

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
)

// loopback is where systems of tests are.
const loopback = "127.0.0.0/8"

// Pod is a source with its store. The store is in this process, behind a real server.
type Pod struct {
	testing.TB
	// ID is the name of the pod in this process. Start has others.
	ID string
	// Config is the document of the pod. It can be changed before Run and Start.
	Config podconfig.Ingest
	// Files are the contents of Secrets and ConfigMaps.
	Files map[string][]byte
	// Runner of the latest Run.
	Runner *puller.Runner
	Store  *Store
	server *servertest.Server
	dir    string
}

// NewPod returns the pod of a source that maps the documents of this package.
func NewPod(t testing.TB, s System) *Pod {
	t.Helper()
	behind := &Store{Store: memory.New(identity.Policy{})}
	p := &Pod{TB: t, ID: "till-0", Store: behind, server: servertest.Start(t.(*testing.T), server.Options{Store: behind}), dir: t.TempDir()}
	p.Config = podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: "till", UID: "u-1", Generation: 1, Store: podconfig.Store{URL: p.server.URL},
		Source: v1alpha1.TouchpointSourceSpec{
			Channel: "store", Transport: s.Transport(), Mapping: Rules(), Egress: &v1alpha1.SourceEgress{CIDRs: []string{loopback}},
		},
		EgressPermitted: []string{loopback},
	}
	if secured, ok := s.(Secured); ok {
		p.Files = secured.Files()
	}
	return p
}

// Another returns a second pod of the source.
func (p *Pod) Another() *Pod {
	other := *p
	other.ID, other.Runner = p.ID+"-2", nil
	return &other
}

// Run runs the reader in this process, until the function is called or the test ends.
func (p *Pod) Run() (stop func()) {
	p.Helper()
	config := p.Config
	snapshot, err := pipeline.Build(&config, pipeline.Secrets{Files: p.Files}, p.server.Client(p.TB.(*testing.T), p.server.AppendKey))
	require.NoError(p, err)
	snapshot.Puller = checked(p, snapshot.Puller)
	p.Runner = puller.New(puller.Options{
		Memory: budget.New(400 << 20), Pod: p.ID, FirstPause: 20 * time.Millisecond, LongestPause: 200 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(p.Output(), nil)),
	})
	p.Runner.Use(snapshot)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		p.Runner.Run(ctx)
		close(ended)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	p.Cleanup(stop)
	return stop
}

// Source returns the state of the source in the store; it is empty before the first batch.
func (p *Pod) Source() store.SourceState {
	p.Helper()
	state, err := p.Store.State(context.Background())
	require.NoError(p, err)
	if len(state.Sources) == 0 {
		return store.SourceState{}
	}
	return state.Sources[0]
}

// Await waits until the store has n events.
func (p *Pod) Await(n int) {
	p.Helper()
	deadline := time.Now().Add(within)
	for p.events() < int64(n) {
		if time.Now().After(deadline) {
			text, _ := json.Marshal(p.Source())
			require.FailNow(p, "events are missing", "%d of %d events; the source: %s", p.events(), n, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (p *Pod) events() int64 {
	p.Helper()
	state, err := p.Store.State(context.Background())
	require.NoError(p, err)
	return state.Health.Events
}

// Check compares what is stored: each document is one event of one person. exactlyOnce also requires that no document arrived twice.
func (p *Pod) Check(n int, exactlyOnce bool) {
	p.Helper()
	state, err := p.Store.State(context.Background())
	require.NoError(p, err)
	require.EqualValues(p, n, state.Health.Events, "each document is one event")
	require.EqualValues(p, n, state.Health.Persons, "and none is missing")
	if exactlyOnce {
		require.Zero(p, state.Sources[0].Duplicates)
		require.EqualValues(p, n, state.Sources[0].Counters.Accepted)
	}
}

// Store can refuse appends.
type Store struct {
	store.Store
	mu      sync.Mutex
	fail    error
	refused int
	events  []event.Event
}

// Events returns the events of all appends that succeeded, with their ids.
func (s *Store) Events() []event.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// Fail makes appends fail with the error; nil ends that.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Refused returns the number of appends that failed.
func (s *Store) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// Append implements store.Appender.
func (s *Store) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	s.mu.Lock()
	err := s.fail
	if err != nil {
		s.refused++
	}
	s.mu.Unlock()
	if err != nil {
		return store.Appended{}, err
	}
	appended, err := s.Store.Append(ctx, b)
	if err == nil {
		s.mu.Lock()
		s.events = append(s.events, b.Events...)
		s.mu.Unlock()
	}
	return appended, err
}

// write writes the files of a pod for Start.
func (p *Pod) write() {
	p.Helper()
	raw, err := json.Marshal(p.Config)
	require.NoError(p, err)
	files := map[string][]byte{podconfig.File: raw, podconfig.KeyFile: []byte(p.server.AppendKey), podconfig.CAFile: p.server.CA}
	for name, content := range files {
		require.NoError(p, os.WriteFile(filepath.Join(p.dir, name), content, 0o600))
	}
	require.NoError(p, os.MkdirAll(filepath.Join(p.dir, "files"), 0o700))
	for name, content := range p.Files {
		require.NoError(p, os.WriteFile(filepath.Join(p.dir, "files", name), content, 0o600))
	}
}
