// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// sessionEvent returns an event of one of three sessions of a person, with about eight events each. One event in twenty has no session.
func sessionEvent(n, people int64) event.Event {
	e := benchEvent(n, people)
	r := rand.New(rand.NewPCG(11, uint64(n)))
	e.SessionID = ""
	if r.IntN(20) > 0 {
		e.SessionID = "01J" + strconv.FormatUint(xxh3.HashString(e.Identities[len(e.Identities)-1].Value+strconv.Itoa(r.IntN(3))), 36)
	}
	return e
}

// BenchmarkScanByUnit reports the time and the peak memory of a scan by session with the columns of a journey map: by the column of the session, and
// by a property. JOURNEYMAN_BENCH_MILLIONS (1) is the number of events in millions. The store is created once in JOURNEYMAN_BENCH_DIR, if it is set.
// If it existed, the peak is that of the scans alone.
func BenchmarkScanByUnit(b *testing.B) {
	millions, err := strconv.ParseFloat(os.Getenv("JOURNEYMAN_BENCH_MILLIONS"), 64)
	if err != nil {
		millions = 1
	}
	count := int64(millions * 1e6)
	root := os.Getenv("JOURNEYMAN_BENCH_DIR")
	if root == "" {
		root = b.TempDir()
	}
	dir := filepath.Join(root, fmt.Sprintf("%d-sessions", count))
	fillSessions(b, dir, count)
	o := smallOptions(b, dir, nil)
	o.MemoryLimit, o.TempLimit, o.Threads, o.CompactEvery = 1<<30, 16<<30, 2, -1
	s := mustOpen(b, o)
	state, err := s.State(b.Context())
	require.NoError(b, err)
	count = state.Health.Events
	columns := []string{store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent, store.ColumnReceivedAt, store.ColumnFlags}
	for _, by := range []string{"sessionId", "properties.url"} {
		b.Run(fmt.Sprintf("events=%d/by=%s", count, by), func(b *testing.B) {
			cpu, began := cpuTime(), time.Now()
			first := time.Duration(0)
			for b.Loop() {
				rows, without := int64(0), int64(0)
				sc, err := s.Scan(b.Context(), store.ScanRequest{By: by, Columns: columns})
				require.NoError(b, err)
				for {
					batch, err := sc.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					require.NoError(b, err)
					if rows == 0 {
						first = time.Since(began)
					}
					rows += batch.NumRows()
				}
				without = sc.Stats().WithoutUnit
				require.NoError(b, sc.Close())
				require.Equal(b, count, rows+without)
			}
			b.ReportMetric((cpuTime()-cpu).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(first.Seconds(), "first-s")
			b.ReportMetric(peakMemory(), "peak-MB")
		})
	}
}

// fillSessions creates a store of merged files, unless it exists.
func fillSessions(b *testing.B, dir string, count int64) {
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return
	}
	o := smallOptions(b, dir, nil)
	o.MemoryLimit, o.TempLimit, o.Threads, o.MaxUnflushedBytes, o.CompactEvery = 1<<30, 16<<30, 2, 1<<30, -1
	s := mustOpen(b, o)
	const batch = 5000
	for n := int64(0); n < count; n += batch {
		var events []event.Event
		for i := n; i < min(n+batch, count); i++ {
			events = append(events, sessionEvent(i, max(count/24, 1)))
		}
		_, err := s.Append(b.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(b, err)
		if s.catalog.Memtable().Bytes() > 256<<20 {
			require.NoError(b, s.Compact(b.Context()))
		}
	}
	require.NoError(b, s.Compact(b.Context()))
	require.NoError(b, s.MergeAll(b.Context()))
	require.NoError(b, s.Close())
	require.NoError(b, os.WriteFile(filepath.Join(dir, "done"), nil, 0o600))
}
