// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) testResults() {
	result := func(owner string, n int) store.Result {
		return store.Result{
			Owner: owner, Run: fmt.Sprintf("run-%03d", n), At: start + int64(n),
			Snapshot: store.Snapshot{Seq: int64(n), IdentityVersion: 3}, Body: fmt.Appendf(nil, `{"n":%d}`, n),
		}
	}
	get := func(owner string, limit int) []store.Result {
		r, err := s.store.Results(s.Context(), owner, limit)
		require.NoError(s, err)
		return r
	}
	require.Empty(s, get("JourneyMap/m/1", 10))
	for n := range store.MaxResults + 5 {
		require.NoError(s, s.store.PutResult(s.Context(), result("JourneyMap/m/1", n)))
	}
	require.NoError(s, s.store.PutResult(s.Context(), result("JourneyMap/m/2", 1)))
	last := result("JourneyMap/m/1", store.MaxResults+4)
	last.Body = []byte(`{"again":true}`)
	require.NoError(s, s.store.PutResult(s.Context(), last))
	s.reopened()
	all := get("JourneyMap/m/1", 0)
	require.Len(s, all, store.MaxResults)
	require.Equal(s, last, all[0], "the newest first, put again it is replaced")
	require.Equal(s, result("JourneyMap/m/1", 5), all[store.MaxResults-1], "the oldest go")
	require.Equal(s, all[:3], get("JourneyMap/m/1", 3))
	require.Equal(s, []store.Result{result("JourneyMap/m/2", 1)}, get("JourneyMap/m/2", 10))

	big := result("JourneyMap/m/3", 1)
	big.Body = []byte(`"` + strings.Repeat("x", store.MaxResultBytes-2) + `"`)
	require.NoError(s, s.store.PutResult(s.Context(), big))
	require.Equal(s, []store.Result{big}, get("JourneyMap/m/3", 1))
	for name, spoil := range map[string]func(*store.Result){
		"too big":  func(r *store.Result) { r.Body = append(r.Body, ' ') },
		"no JSON":  func(r *store.Result) { r.Body = []byte("{") },
		"no owner": func(r *store.Result) { r.Owner = "" },
		"no run":   func(r *store.Result) { r.Run = "" },
	} {
		r := big
		spoil(&r)
		require.ErrorIs(s, s.store.PutResult(s.Context(), r), store.ErrInvalid, name)
	}
}

// testConcurrency appends in parallel while scans run. Seqs have no gaps, and every scan sees complete commits.
func (s *suite) testConcurrency() {
	const writers, batches, size = 6, 15, 7
	var wg sync.WaitGroup
	var mu sync.Mutex
	seqs := map[int64]bool{}
	failed := make(chan error, writers+1)
	for w := range writers {
		wg.Go(func() {
			source := fmt.Sprintf("source-%d", w)
			for b := range batches {
				events := make([]event.Event, size)
				for i := range events {
					events[i] = happened(fmt.Sprintf("%d-%d-%d", w, b, i), b, customer(fmt.Sprint(i)), anon(fmt.Sprint(w)))
					events[i].Source = source
				}
				a, err := s.store.Append(s.Context(), store.Batch{Source: source, Events: events, Counters: store.Counters{Accepted: size}})
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				seqs[a.Seq] = true
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for range 10 {
			rows, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{})
			if err == nil && int64(len(rows)) != snapshot.Seq*size {
				err = fmt.Errorf("%d rows at seq %d", len(rows), snapshot.Seq)
			}
			if err != nil {
				failed <- err
				return
			}
		}
	})
	wg.Wait()
	close(failed)
	for err := range failed {
		require.NoError(s, err)
	}
	require.Len(s, seqs, writers*batches)
	require.EqualValues(s, writers*batches, s.state().Health.Seq)
	require.Len(s, s.scan(store.ScanRequest{}), writers*batches*size)
	require.Len(s, s.state().Sources, writers)
	for _, src := range s.state().Sources {
		require.EqualValues(s, batches*size, src.Counters.Accepted)
	}
}
