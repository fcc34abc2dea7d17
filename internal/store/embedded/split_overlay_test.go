// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Rows move to a customer with a log-in, back with a split, and again when the split is undone. Scans with overlays agree with scans without, at
// versions before and after.
func TestOverlaysAfterSplits(t *testing.T) {
	made := 0
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(3, seed))
		between := func(low, high int) int { return low + r.IntN(high-low+1) }
		s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
		sent := 0
		add := func(ids ...event.Identity) {
			e := testEvent(between(0, 3), "x")
			e.ID, e.Identities = fmt.Sprint("s", sent), ids
			sent++
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
			require.NoError(t, err)
		}
		cookie := func() event.Identity {
			return event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", between(0, 19))}
		}
		customer := func() event.Identity {
			return event.Identity{Type: "customerId", Value: fmt.Sprint("c", between(0, 4))}
		}
		for range 80 {
			add(cookie())
		}
		require.NoError(t, s.Compact(t.Context()))
		for range 12 {
			add(customer(), cookie())
		}
		made += compareOverlays(t, s, between)
		for range 4 {
			request := store.SplitRequest{Identity: cookie(), Shared: between(0, 3) == 0, Undo: between(0, 2) == 0}
			if !request.Shared && between(0, 1) == 0 {
				from := customer()
				request.From = &from
			}
			if _, err := s.Split(t.Context(), request); err != nil {
				require.ErrorIs(t, err, store.ErrInvalid) // one of the two is unknown
			}
			made += compareOverlays(t, s, between)
			add(customer(), cookie())
			if between(0, 2) == 0 {
				require.NoError(t, s.Compact(t.Context()))
			}
		}
		require.NoError(t, s.Close())
	}
	require.Positive(t, made)
}
