// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Scans run while persons are merged and the log is flushed. Each scan returns every event of its snapshot once, and only complete commits.
func TestScansDuringAppendsAndFlushes(t *testing.T) {
	s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
	s.catalog.Overlays().Worth(1)
	const rounds, each = 40, 5
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < rounds && err == nil; n++ {
			var events []event.Event
			for i := range each {
				e := testEvent(n*each+i, fmt.Sprint("customer-", (n*each+i)%4))
				if n%3 > 0 {
					e.Identities = e.Identities[1:]
				}
				events = append(events, e)
			}
			if _, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events}); err == nil && n%7 == 6 {
				err = s.Compact(t.Context())
			}
		}
		done <- err
	}()
	var last int64
	for running := true; running; {
		select {
		case err := <-done:
			require.NoError(t, err)
			running = false
		default:
		}
		seen := map[string]bool{}
		before := s.catalog.Seq()
		for _, r := range scanAll(t, s) {
			require.False(t, seen[r.id], "event %s twice", r.id)
			seen[r.id] = true
		}
		require.GreaterOrEqual(t, int64(len(seen)), max(last, before*each))
		require.Zero(t, len(seen)%each, "a part of a commit")
		last = int64(len(seen))
	}
	require.EqualValues(t, rounds*each, last)
	require.NoError(t, s.Close())
}
