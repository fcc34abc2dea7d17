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

// A store that knows more identities than its memory is now intended for serves, and accepts events of known persons.
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

// The appends of one group together do not exceed the limit, and the seqs of accepted appends have no gaps.
func TestIdentityLimitOfConcurrentAppends(t *testing.T) {
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
