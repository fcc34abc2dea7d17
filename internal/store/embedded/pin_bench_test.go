// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// BenchmarkPin pins and unpins a snapshot of 200,000 customers with two identities each.
func BenchmarkPin(b *testing.B) {
	o := smallOptions(b, b.TempDir(), nil)
	o.MemoryLimit, o.MinFree = 1<<30, 1<<20
	s, err := Open(o)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	const customers, batch = 200_000, 5000
	for i := 0; i < customers; i += batch {
		var list []event.Event
		for j := i; j < i+batch; j++ {
			e := testEvent(j%1000, fmt.Sprint(j))
			e.ID = fmt.Sprint("e", j)
			list = append(list, e)
		}
		_, err := s.Append(b.Context(), store.Batch{Source: "shop", Events: list})
		require.NoError(b, err)
	}
	require.NoError(b, s.Compact(b.Context()))
	b.ResetTimer()
	for i := range b.N {
		_, err := s.Pin(b.Context(), store.PinRequest{ID: fmt.Sprint(i), TTL: time.Hour})
		require.NoError(b, err)
		if i == 0 {
			state, err := s.State(b.Context())
			require.NoError(b, err)
			b.ReportMetric(float64(state.Health.PinnedBytes), "bytes")
		}
		require.NoError(b, s.Unpin(b.Context(), fmt.Sprint(i)))
	}
}
