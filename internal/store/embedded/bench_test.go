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
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// benchEvent returns an event like that of a web SDK of a shop: ten events per person, 40 % of them with two identities.
func benchEvent(n int64, people int64) event.Event {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	who := r.Int64N(people)
	at := testStart.UnixMicro() + r.Int64N(30*24*3600)*1_000_000
	e := event.Event{
		ID: "01J" + strconv.FormatUint(r.Uint64(), 36), Source: "shop", Channel: []string{"web", "mobile", "email", "store"}[n%4],
		Name: "Event Number " + strconv.FormatInt(n%20, 10), Time: at, ReceivedAt: at + 1_000_000,
		SessionID:  strconv.FormatInt(who*7, 36),
		Identities: []event.Identity{{Type: "anonymousId", Value: "a-" + strconv.FormatInt(who, 36)}},
		Properties: fmt.Appendf(nil, `{"campaign":"spring","url":"https://shop.example/p/%d","price":%d}`, r.IntN(5000), r.IntN(20000)),
	}
	if who%10 < 4 {
		e.Identities = append([]event.Identity{{Type: "customerId", Value: "c-" + strconv.FormatInt(who, 36)}}, e.Identities...)
		if r.IntN(3) == 0 {
			e.Identities = e.Identities[1:]
		}
	}
	return e
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory returns the peak memory of the process in megabytes.
func peakMemory() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Maxrss) / 1024
}

// BenchmarkAppend reports events per second, and CPU seconds per million acknowledged events: validation, deduplication, identities, encoding, write
// and sync, and flushes in the background, without generating the events.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 200} {
		for _, senders := range []int{1, 32} {
			b.Run(fmt.Sprintf("batch=%d/senders=%d", size, senders), func(b *testing.B) {
				o := smallOptions(b, b.TempDir(), nil)
				o.CompactEvery, o.MemoryLimit, o.Threads = time.Hour, 1<<30, 2
				s := mustOpen(b, o)
				made := make([]store.Batch, b.N)
				for i := range made {
					made[i].Source = "shop"
					for j := range size {
						made[i].Events = append(made[i].Events, benchEvent(int64(i*size+j), int64(max(b.N*size/10, 10))))
					}
				}
				var next atomic.Int64
				b.SetParallelism((senders + 1) / 2)
				b.ResetTimer()
				cpu := cpuTime()
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						_, err := s.Append(b.Context(), made[next.Add(1)-1])
						require.NoError(b, err)
					}
				})
				events := float64(b.N * size)
				b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric((cpuTime()-cpu).Seconds()/events*1e6, "cpu-s/Mevent")
			})
		}
	}
}

// BenchmarkScan reports the time and the peak memory of a scan with the columns of a journey map: with all events in merged files, and with a fifth
// of them appended later. JOURNEYMAN_BENCH_MILLIONS (1) is the number of events in millions. The store is created once in JOURNEYMAN_BENCH_DIR, if it
// is set.
func BenchmarkScan(b *testing.B) {
	millions, err := strconv.ParseFloat(os.Getenv("JOURNEYMAN_BENCH_MILLIONS"), 64)
	if err != nil {
		millions = 1
	}
	count := int64(millions * 1e6)
	root := os.Getenv("JOURNEYMAN_BENCH_DIR")
	if root == "" {
		root = b.TempDir()
	}
	for _, fresh := range []int64{0, 20} {
		dir := filepath.Join(root, fmt.Sprintf("%d-%d", count, fresh))
		fillBench(b, dir, count, fresh)
		o := smallOptions(b, dir, nil)
		o.MemoryLimit, o.Threads, o.CompactEvery = 1<<30, 2, -1
		s := mustOpen(b, o)
		columns := map[string][]string{
			"map": {store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent, store.ColumnFlags},
			"all": nil,
		}
		for _, name := range []string{"map", "all"} {
			b.Run(fmt.Sprintf("events=%d/fresh=%d%%/columns=%s", count, fresh, name), func(b *testing.B) {
				cpu := cpuTime()
				for b.Loop() {
					require.Equal(b, count, scanRows(b, s, columns[name]))
				}
				b.ReportMetric((cpuTime()-cpu).Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(peakMemory(), "peak-MB")
			})
		}
		require.NoError(b, s.Close())
	}
}

func scanRows(b *testing.B, s *Store, columns []string) int64 {
	sc, err := s.Scan(b.Context(), store.ScanRequest{Columns: columns})
	require.NoError(b, err)
	rows := int64(0)
	for {
		batch, err := sc.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(b, err)
		rows += batch.NumRows()
	}
	require.NoError(b, sc.Close())
	return rows
}

// fillBench creates a store, unless it exists: first old events, merged into few files, then fresh events.
func fillBench(b *testing.B, dir string, count, fresh int64) {
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return
	}
	o := smallOptions(b, dir, nil)
	o.MemoryLimit, o.Threads, o.MaxUnflushedBytes, o.CompactEvery = 1<<30, 2, 1<<30, -1
	s := mustOpen(b, o)
	old := count - count*fresh/100
	const batch = 2000
	sorted := time.Duration(0)
	for n := int64(0); n < count; n += batch {
		var events []event.Event
		for i := n; i < min(n+batch, count); i++ {
			events = append(events, benchEvent(i, count/10))
		}
		_, err := s.Append(b.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(b, err)
		if n+batch == old || s.catalog.Memtable().Bytes() > 32<<20 {
			start := time.Now()
			require.NoError(b, s.Compact(b.Context()))
			sorted += time.Since(start)
		}
		if n+batch == old {
			require.NoError(b, s.MergeAll(b.Context()))
		}
	}
	require.NoError(b, s.Close())
	require.NoError(b, os.WriteFile(filepath.Join(dir, "done"), nil, 0o600))
	b.Logf("made %s, %v of it sorting", dir, sorted)
}
