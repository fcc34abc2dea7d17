// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

func visit(id, who string) event.Event {
	now := time.Now().UnixMicro()
	return event.Event{ID: id, Source: "page", Name: "Seen", Time: now, ReceivedAt: now, Identities: []event.Identity{{Type: "anonymousId", Value: who}}}
}

// TestMoreIdentitiesThanMemory opens a store that knows far more than its memory is meant for now: it serves, and takes who is known.
func TestMoreIdentitiesThanMemory(t *testing.T) {
	o := testOptions(t, t.TempDir())
	s := open(t, o)
	for i := range 20 {
		_, err := s.Append(t.Context(), store.Batch{Source: "page", Events: []event.Event{visit(fmt.Sprint(i), fmt.Sprint(i))}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	o.MaxIdentities = 5
	s = open(t, o)
	defer func() { require.NoError(t, s.Close()) }()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
	require.NoError(t, err)
	require.Len(t, rows, 20)
	_, err = s.Append(t.Context(), store.Batch{Source: "page", Events: []event.Event{visit("again", "7")}})
	require.NoError(t, err)
	_, err = s.Append(t.Context(), store.Batch{Source: "page", Events: []event.Event{visit("new", "new")}})
	require.ErrorIs(t, err, store.ErrCrowded)
	require.NoError(t, s.Compact(t.Context()))
}

// TestCrowdOfManyAppends: appends of one group do not overfill the store together, and the seqs of those that are taken have no gaps.
func TestCrowdOfManyAppends(t *testing.T) {
	o := testOptions(t, t.TempDir())
	o.MaxIdentities = 50
	s := open(t, o)
	var group sync.WaitGroup
	var mu sync.Mutex
	taken := map[int64]bool{}
	for i := range 200 {
		group.Go(func() {
			a, err := s.Append(t.Context(), store.Batch{Source: "page", Events: []event.Event{visit(fmt.Sprint(i), fmt.Sprint(i))}})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				taken[a.Seq] = true
				return
			}
			require.ErrorIs(t, err, store.ErrCrowded)
		})
	}
	group.Wait()
	require.Len(t, taken, 50)
	require.True(t, taken[1] && taken[50])
	require.NoError(t, s.Close())
	s = open(t, o)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 50, state.Health.Events)
	require.EqualValues(t, 50, state.Health.Identities)
	require.NoError(t, s.Close())
}
