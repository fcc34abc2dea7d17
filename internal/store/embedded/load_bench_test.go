// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

const (
	// loadPartEvents is the number of events of a part, and loadVisits that of a visitor: the last ones are those of a customer.
	loadPartEvents = 10_000
	loadVisits     = 40
	// loadMonths is the length of the history.
	loadMonths = 24
)

// BenchmarkLoad loads a history of 24 months in the order of time while another sender appends: 20 events every 10 ms. It reports events a second, CPU
// seconds without those of the sender and of making the events, peak memory, and the 99th percentile of the time of an append, without a load and with
// one. JOURNEYMAN_BENCH_LOAD is the number of events in millions (1).
func BenchmarkLoad(b *testing.B) {
	count := benchMillions("JOURNEYMAN_BENCH_LOAD", 1)
	for b.Loop() {
		b.StopTimer()
		o := benchOptions(b, b.TempDir())
		o.MaxUnflushedBytes, o.Clock, o.CompactEvery = 256<<20, time.Now, time.Minute
		s := mustOpen(b, o)
		making := cpuOf(func() { partOf(0, min(count, 20*loadPartEvents), count) }) / time.Duration(min(count, 20*loadPartEvents))
		alone, sending := appendsDuring(b, s, 0, func() { time.Sleep(5 * time.Second) })
		resetPeak(b)
		b.StartTimer()
		begun, before := time.Now(), cpuTime()
		var received time.Duration
		with, _ := appendsDuring(b, s, 1, func() {
			received = loadHistoryOf(b, s, count)
		})
		took := time.Since(begun)
		cpu := cpuTime() - before - making*time.Duration(count) - time.Duration(float64(sending)*took.Seconds()/5)
		b.StopTimer()
		millions := float64(count) / 1e6
		b.ReportMetric(float64(count)/took.Seconds(), "events/s")
		b.ReportMetric(cpu.Seconds()/millions, "cpu-s/Mevent")
		b.ReportMetric(received.Seconds(), "s-receiving")
		b.ReportMetric((took - received).Seconds(), "s-commit")
		b.ReportMetric(peak(b), "peak-MB")
		for name, times := range map[string][]time.Duration{"alone": alone, "with": with} {
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-p99-append-"+name)
			b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "ms-slowest-append-"+name)
		}
		require.NoError(b, s.Close())
		b.StartTimer()
	}
}

func cpuOf(f func()) time.Duration {
	before := cpuTime()
	f()
	return cpuTime() - before
}

// loadHistoryOf loads a history, and returns how long the store took to receive it.
func loadHistoryOf(b *testing.B, s *Store, count int64) time.Duration {
	begun := time.Now()
	_, err := s.BeginLoad(b.Context(), store.LoadRequest{ID: "history", Secret: storetest.LoadSecret, Source: "shop", Import: "history"})
	require.NoError(b, err)
	parts := int64(0)
	for n := int64(0); n < count; n += loadPartEvents {
		_, err := s.LoadPart(b.Context(), mine("history"), parts, partOf(n, min(n+loadPartEvents, count), count))
		require.NoError(b, err)
		parts++
	}
	received := time.Since(begun)
	loaded, err := s.CommitLoad(b.Context(), store.LoadCommit{ID: "history", Secret: storetest.LoadSecret, Parts: parts})
	require.NoError(b, err)
	require.Equal(b, count, loaded.Events)
	return received
}

// partOf returns events of a history of count events. A visitor is anonymous at first, and a customer from three quarters of their events on.
func partOf(from, to, count int64) []event.Event {
	events := make([]event.Event, 0, to-from)
	begin := testStart.AddDate(0, -loadMonths, 0).UnixMicro()
	step := (testStart.UnixMicro() - begin) / count
	people := max(count/loadVisits, 1)
	var text []byte
	number := func(prefix string, n int64) string {
		text = strconv.AppendInt(append(text[:0], prefix...), n, 10)
		return string(text)
	}
	for n := from; n < to; n++ {
		person, visit := n*7919%people, n/people
		e := event.Event{
			ID: number("h-", n), Source: "shop", Channel: "web", Name: [...]string{"Product Viewed", "Product Added", "Order Completed", "Page Viewed"}[n%4],
			Time: begin + n*step, ReceivedAt: testStart.UnixMicro(), MappingGeneration: 1, SessionID: number("s-", n/8),
			Identities: []event.Identity{{Type: "anonymousId", Value: number("a-", person)}},
		}
		if visit >= loadVisits*3/4 {
			e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: number("c-", person)})
		}
		text = strconv.AppendInt(append(text[:0], `{"page":"/products/`...), n*31%5000, 10)
		text = strconv.AppendInt(append(text, `","position":`...), n%100, 10)
		e.Properties = append([]byte(nil), append(text, '}')...)
		events = append(events, e)
	}
	return events
}

// appendsDuring appends 20 events every 10 ms while a function runs. It returns the times of the appends, and the CPU time if nothing else runs.
func appendsDuring(b *testing.B, s *Store, round int64, f func()) (times []time.Duration, cpu time.Duration) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var wg sync.WaitGroup
	before := cpuTime()
	wg.Go(func() {
		ticks := time.NewTicker(10 * time.Millisecond)
		defer ticks.Stop()
		for n := int64(0); ctx.Err() == nil; n += 20 {
			<-ticks.C
			batch := store.Batch{Source: "live"}
			for i := n; i < n+20; i++ {
				at := time.Now().UnixMicro()
				id := strconv.FormatInt(round<<40+i, 10)
				batch.Events = append(batch.Events, event.Event{
					ID: id, Source: "live", Channel: "web", Name: "Page Viewed", Time: at, ReceivedAt: at,
					Identities: []event.Identity{{Type: "anonymousId", Value: strconv.FormatInt(i%10_000, 10)}},
				})
			}
			begun := time.Now()
			if _, err := s.Append(ctx, batch); err == nil {
				times = append(times, time.Since(begun))
			}
		}
	})
	f()
	cancel()
	wg.Wait()
	return times, cpuTime() - before
}
