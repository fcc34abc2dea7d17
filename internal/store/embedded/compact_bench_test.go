// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// BenchmarkCompact reports CPU seconds, time and peak memory of a flush of the log, and of merging the files of five flushes. JOURNEYMAN_BENCH_FLUSH
// (2) and JOURNEYMAN_BENCH_MERGE (8) are their sizes in millions of events. The initial stores are created once in JOURNEYMAN_BENCH_DIR, if it is
// set. hack/bench/compact.sh compares two commits with it.
func BenchmarkCompact(b *testing.B) {
	root := os.Getenv("JOURNEYMAN_BENCH_DIR")
	if root == "" {
		root = b.TempDir()
	}
	flush, merge := benchMillions("JOURNEYMAN_BENCH_FLUSH", 2), benchMillions("JOURNEYMAN_BENCH_MERGE", 8)
	b.Run(fmt.Sprintf("flush=%d", flush), func(b *testing.B) {
		from := filepath.Join(root, fmt.Sprint("flush-", flush))
		fillLog(b, from, flush, 1)
		benchCompact(b, from, flush, func(s *Store) error { return s.Compact(b.Context()) })
	})
	b.Run(fmt.Sprintf("merge=%d", merge), func(b *testing.B) {
		from := filepath.Join(root, fmt.Sprint("merge-", merge))
		fillLog(b, from, merge, mergedFiles)
		benchCompact(b, from, merge, func(s *Store) error { return s.MergeAll(b.Context()) })
	})
}

// mergedFiles is a number of files that the store does not merge by itself.
const mergedFiles = 5

func benchMillions(name string, fallback float64) int64 {
	millions, err := strconv.ParseFloat(os.Getenv(name), 64)
	if err != nil {
		millions = fallback
	}
	return int64(millions * 1e6)
}

// benchCompact measures a function with copies of a store.
func benchCompact(b *testing.B, from string, count int64, do func(*Store) error) {
	cpu := time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		dir := filepath.Join(b.TempDir(), "copy")
		require.NoError(b, os.CopyFS(dir, os.DirFS(from)))
		s := mustOpen(b, benchOptions(b, dir))
		resetPeak(b)
		before := cpuTime()
		b.StartTimer()
		require.NoError(b, do(s))
		b.StopTimer()
		cpu += cpuTime() - before
		require.Equal(b, count, scanRows(b, s, []string{store.ColumnKind}))
		require.NoError(b, s.Close())
		require.NoError(b, os.RemoveAll(dir))
		b.StartTimer()
	}
	b.ReportMetric(cpu.Seconds()/float64(b.N)/float64(count)*1e6, "cpu-s/Mevent")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(count)*1e6, "s/Mevent")
	b.ReportMetric(peak(b), "peak-MB")
}

func benchOptions(b *testing.B, dir string) Options {
	o := smallOptions(b, dir, nil)
	o.MemoryLimit, o.Threads, o.MaxUnflushedBytes, o.CompactEvery = 1<<30, 2, 16<<30, -1
	// during the month of the events, in which the store does not merge its files by itself
	o.Clock = func() time.Time { return testStart.Add(24 * time.Hour) }
	return o
}

// fillLog creates a store, unless it exists: with the given number of files in each month or, if it is one, with only a log.
func fillLog(b *testing.B, dir string, count, files int64) {
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return
	}
	s := mustOpen(b, benchOptions(b, dir))
	const batch = 2000
	for n := int64(0); n < count; n += batch {
		var events []event.Event
		for i := n; i < min(n+batch, count); i++ {
			events = append(events, benchEvent(i, count/10))
		}
		_, err := s.Append(b.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(b, err)
		if files > 1 && (n+batch)/(count/files) > n/(count/files) {
			require.NoError(b, s.Compact(b.Context()))
		}
	}
	require.NoError(b, s.Close())
	require.NoError(b, os.WriteFile(filepath.Join(dir, "done"), nil, 0o600))
}

// resetPeak resets the peak memory of the process.
func resetPeak(b *testing.B) {
	require.NoError(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600))
}

// peak returns the peak memory of the process since the reset, in megabytes.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	_, rest, found := bytes.Cut(status, []byte("VmHWM:"))
	require.True(b, found)
	kilobytes, err := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
	require.NoError(b, err)
	return kilobytes / 1024
}
