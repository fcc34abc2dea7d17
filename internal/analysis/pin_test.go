// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/analysis/feed"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

// interrupted is a store to which something happens while the second shard is read for the first time.
type interrupted struct {
	*embedded.Store
	mu     sync.RWMutex
	happen func() error
	once   sync.Once
	scans  atomic.Int32
	pins   atomic.Int32
}

func (s *interrupted) now() *embedded.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.Store
}

func (s *interrupted) Pin(ctx context.Context, r store.PinRequest) (store.Pin, error) {
	s.pins.Add(1)
	return s.now().Pin(ctx, r)
}

func (s *interrupted) Unpin(ctx context.Context, id string) error { return s.now().Unpin(ctx, id) }

func (s *interrupted) State(ctx context.Context) (store.State, error) { return s.now().State(ctx) }

func (s *interrupted) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	s.scans.Add(1)
	scan, err := s.now().Scan(ctx, r)
	if err != nil || r.Shard != 1 {
		return scan, err
	}
	return &interruptedScan{Scan: scan, store: s}, nil
}

type interruptedScan struct {
	store.Scan
	store *interrupted
}

func (s *interruptedScan) Next() (arrow.RecordBatch, error) {
	var err error
	s.store.once.Do(func() { err = s.store.happen() })
	if err != nil {
		return nil, err
	}
	return s.Scan.Next()
}

// visitors returns events of customers, every third of whom buys.
func visitors(from, to int) (list []event.Event) {
	for i := from; i < to; i++ {
		list = append(list, say(i, "Visited", 3*day))
		if i%3 == 0 {
			list = append(list, say(i, "Order Completed", 3*day-hour))
		}
	}
	for i := range list {
		list[i].ID = fmt.Sprint(from, "-", i)
	}
	return list
}

// TestRunReadsOneSnapshot: the numbers of a run are those of one snapshot, whatever happens to the store during it.
func TestRunReadsOneSnapshot(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	defer func(before time.Duration) { feed.ReadAgainAfter = before }(feed.ReadAgainAfter)
	feed.ReadAgainAfter = time.Millisecond
	const customers = 300
	grow := func(s *embedded.Store) error {
		_, err := s.Append(t.Context(), store.Batch{Source: testSource, Events: visitors(1000, 1200)})
		return err
	}
	for name, c := range map[string]struct {
		happen func(s *interrupted, reopen func() *embedded.Store) error
		want   int64
		pins   int32
	}{
		"nothing": {func(*interrupted, func() *embedded.Store) error { return nil }, customers, 1},
		"events and retention": {func(s *interrupted, _ func() *embedded.Store) error {
			if err := grow(s.now()); err != nil {
				return err
			}
			_, err := s.now().Retain(t.Context(), noon)
			return err
		}, customers, 1},
		"a restart": {func(s *interrupted, reopen func() *embedded.Store) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			require.NoError(t, s.Close())
			s.Store = reopen()
			if err := grow(s.Store); err != nil {
				return err
			}
			_, err := s.Retain(t.Context(), noon)
			require.NoError(t, err)
			return fmt.Errorf("%w: the store restarts", store.ErrUnavailable)
		}, customers, 1},
		"an erasure": {func(s *interrupted, _ func() *embedded.Store) error {
			_, err := s.now().Erase(t.Context(), event.Identity{Type: "customerId", Value: "1"})
			return err
		}, customers - 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			o := embedded.Options{Dir: t.TempDir(), CompactEvery: -1, MemoryLimit: 256 << 20, MinFree: 1, Threads: 1, Logger: slog.New(slog.DiscardHandler)}
			open := func() *embedded.Store {
				s, err := embedded.Open(o)
				require.NoError(t, err)
				return s
			}
			s := &interrupted{Store: open()}
			defer func() { require.NoError(t, s.Close()) }()
			_, err := s.Append(t.Context(), store.Batch{Source: testSource, Events: visitors(0, customers)})
			require.NoError(t, err)
			require.NoError(t, s.Compact(t.Context()))
			s.happen = func() error { return c.happen(s, open) }
			status := computeMap(t, runOf(mapDocument(visitMap()), s))
			require.Equal(t, c.want, status.Summary.Customers)
			require.EqualValues(t, customers/3, status.Stages[1].Entered)
			require.Equal(t, c.pins, s.pins.Load())
			require.GreaterOrEqual(t, s.scans.Load(), int32(2))
			state, err := s.State(t.Context())
			require.NoError(t, err)
			require.Empty(t, state.Pins, "a run ends its pin")
		})
	}
}

// TestRunWithoutPin: a store that cannot pin is read all the same.
func TestRunWithoutPin(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	s := storeWith(t, visitors(0, 30)...)
	for i := range store.MaxPins {
		_, err := s.Pin(t.Context(), store.PinRequest{ID: fmt.Sprint(i), TTL: time.Hour})
		require.NoError(t, err)
	}
	require.EqualValues(t, 30, computeMap(t, runOf(mapDocument(visitMap()), s)).Summary.Customers)
}
