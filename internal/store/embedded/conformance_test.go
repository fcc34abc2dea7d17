// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// testOptions are small, so that tests of a few events include flushing, merging and several ranges.
func testOptions(t testing.TB, dir string) embedded.Options {
	return embedded.Options{
		Dir: dir, CompactEvery: -1, MinFree: 1, MemoryLimit: 256 << 20, BatchRows: 500, Threads: 2,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

func open(t testing.TB, o embedded.Options) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(o)
	require.NoError(t, err)
	return s
}

// sorting flushes after each append, so that the suite reads only files, which are merged often.
type sorting struct{ *embedded.Store }

func (s sorting) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	a, err := s.Store.Append(ctx, b)
	return a, errors.Join(err, s.Compact(context.WithoutCancel(ctx)))
}

// Runs the suite with all events in the log, and with a flush after each append.
func TestConformance(t *testing.T) {
	wraps := map[string]func(*embedded.Store) store.Store{
		"log":    func(s *embedded.Store) store.Store { return s },
		"sorted": func(s *embedded.Store) store.Store { return sorting{s} },
	}
	for name, wrap := range wraps {
		t.Run(name, func(t *testing.T) {
			dirs := map[store.Store]string{}
			began, later := time.Now(), atomic.Int64{}
			beginWith := func(t *testing.T, o embedded.Options) store.Store {
				o.Clock = func() time.Time { return began.Add(time.Duration(later.Load())) }
				s := wrap(open(t, o))
				dirs[s] = o.Dir
				return s
			}
			begin := func(t *testing.T, dir string) store.Store { return beginWith(t, testOptions(t, dir)) }
			limited := func(t *testing.T, most int64) store.Store {
				o := testOptions(t, t.TempDir())
				o.MaxIdentities = most
				return beginWith(t, o)
			}
			reopen := func(t *testing.T, s store.Store) store.Store {
				require.NoError(t, s.Close())
				return begin(t, dirs[s])
			}
			storetest.Run(t, func(t *testing.T) store.Store { return begin(t, t.TempDir()) }, storetest.Options{
				Reopen: reopen, Limited: limited, Walks: 20, Counts: true,
				Later: func(_ *testing.T, _ store.Store, d time.Duration) { later.Add(int64(d)) },
			})
		})
	}
}
