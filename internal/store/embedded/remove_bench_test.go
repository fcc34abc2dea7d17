// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// removeEvents of which half are in an import, alternating with others of the same source, by customers of whom half have such events.
const (
	removeEvents    = 2_000_000
	removeBatch     = 2000
	removeCustomers = 400_000
)

func removeBatchAt(n int, importID string, size int) store.Batch {
	b := store.Batch{Source: "shop", Import: importID}
	for i := n; i < n+size; i++ {
		at := testStart.Add(time.Duration(i) * time.Second / 2).UnixMicro()
		customer := i * 7919 % removeCustomers
		b.Events = append(b.Events, event.Event{
			ID: fmt.Sprint("e", i), Source: "shop", Channel: "web", Name: "Product Viewed", Time: at, ReceivedAt: at + 1, MappingGeneration: 3,
			Identities: []event.Identity{
				{Type: "customerId", Value: fmt.Sprint(customer)}, {Type: "anonymousId", Value: fmt.Sprint("a", customer%(removeCustomers/2), importID)},
			},
			Properties: fmt.Appendf(nil, `{"n":%d,"page":"/p/%d"}`, i, i%1000),
		})
	}
	return b
}

// BenchmarkRemove removes the import, while another sender appends, and reports how long an append has waited at most.
func BenchmarkRemove(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		o := smallOptions(b, b.TempDir(), nil)
		o.Threads, o.MemoryLimit = 2, 600<<20
		s := mustOpen(b, o)
		for n := 0; n < removeEvents; n += removeBatch {
			_, err := s.Append(b.Context(), removeBatchAt(n, []string{"", "x"}[n/removeBatch%2], removeBatch))
			require.NoError(b, err)
			if n%(100*removeBatch) == 0 {
				require.NoError(b, s.Compact(b.Context()))
			}
		}
		require.NoError(b, s.Compact(b.Context()))
		ctx, cancel := context.WithCancel(b.Context())
		var wg sync.WaitGroup
		worst := time.Duration(0)
		wg.Go(func() {
			for n := removeEvents; ctx.Err() == nil; n += 20 {
				batch := removeBatchAt(n, "", 20)
				begun := time.Now()
				if _, err := s.Append(ctx, batch); err == nil {
					worst = max(worst, time.Since(begun))
				}
			}
		})
		b.StartTimer()
		removed, err := s.Remove(b.Context(), store.RemoveRequest{Source: "shop", Import: "x"})
		b.StopTimer()
		require.NoError(b, err)
		require.EqualValues(b, removeEvents/2, removed.Events)
		cancel()
		wg.Wait()
		b.ReportMetric(float64(worst.Milliseconds()), "ms-slowest-append")
		require.NoError(b, s.Close())
		b.StartTimer()
	}
}
