// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/test/rig"
)

const (
	loadPart, loadSenders = 10_000, 4
	// loadVisits is the number of events of a visitor, who is a customer from three quarters of them on. The history is shorter than the retention.
	loadVisits, loadMonths = 40, 12
	// Another sender appends 20 events every 10 ms, first for some time alone.
	liveEvents, liveEvery, liveAlone = 20, 10 * time.Millisecond, 20 * time.Second
)

// history measures a store process that loads a history over HTTPS while another sender appends.
func (b *bench) history(ctx context.Context) error {
	fmt.Printf(`
A history of %d months is loaded over HTTPS, in parts of %d events, into a store process with GOMEMLIMIT=%s. Another sender appends %d events every %s.
CPU is that of the store, without what these appends need.
`, loadMonths, loadPart, b.memory, liveEvents, liveEvery)
	fmt.Fprintln(b.out, "events\treceiving s\tcommit s\tevents/s\tCPU s per million\tpeak MiB\tvolume MiB\tappend ms: p99 alone\tp99\tslowest\t")
	for _, events := range b.sizes.analysed {
		if err := b.loadHistory(ctx, events); err != nil {
			return err
		}
		if err := b.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) loadHistory(ctx context.Context, events int64) (err error) {
	o := b.options
	o.Dir = filepath.Join(b.options.Dir, fmt.Sprintf("load-%d", events))
	if err := errors.Join(os.RemoveAll(o.Dir), os.MkdirAll(o.Dir, 0o700), os.Setenv("GOMEMLIMIT", b.memory)); err != nil {
		return err
	}
	r, err := rig.New(ctx, o)
	if err = errors.Join(err, os.Unsetenv("GOMEMLIMIT")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(), os.RemoveAll(o.Dir)) }()
	c, err := r.Appender()
	if err != nil {
		return err
	}
	live := &liveSender{client: c}
	idle, _, err := used(r.Store)
	if err != nil {
		return err
	}
	alone, err := live.during(ctx, func() error { time.Sleep(liveAlone); return nil })
	if err != nil {
		return err
	}
	before, _, err := used(r.Store)
	if err != nil {
		return err
	}
	begun := time.Now()
	var received time.Duration
	with, err := live.during(ctx, func() (err error) {
		received, err = sendHistory(ctx, c, events)
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(begun)
	after, peak, err := used(r.Store)
	if err != nil {
		return err
	}
	cpu := (after - before).Seconds() - (before-idle).Seconds()*took.Seconds()/liveAlone.Seconds()
	volume, err := sizeOf(o.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%d\t%.0f\t%.0f\t%.0f\t%.1f\t%d\t%d\t%.1f\t%.1f\t%.0f\t\n", events, received.Seconds(), (took - received).Seconds(),
		float64(events)/took.Seconds(), cpu/float64(events)*1e6, peak>>20, volume>>20, p99(alone), p99(with), milliseconds(slices.Max(with)))
	return nil
}

func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func p99(times []time.Duration) float64 {
	slices.Sort(times)
	return milliseconds(times[len(times)*99/100])
}

// sendHistory loads a history, and returns the time until all parts were received. The next part is made and encoded while one is sent.
func sendHistory(ctx context.Context, c *client.Client, events int64) (received time.Duration, err error) {
	begun := time.Now()
	history := store.LoadRequest{ID: "history", Secret: rand.Text(), Source: "shop", Import: "history"}
	if _, err := c.BeginLoad(ctx, history); err != nil {
		return 0, err
	}
	ready := make(chan []event.Event, loadSenders)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(ready)
		for n := int64(0); n < events; n += loadPart {
			select {
			case ready <- historyPart(n, min(n+loadPart, events), events):
			case <-ctx.Done():
				return
			}
		}
	}()
	parts := int64(0)
	for list := range ready {
		if _, err := c.LoadPart(ctx, store.LoadRef{ID: history.ID, Secret: history.Secret}, parts, list); err != nil {
			return 0, err
		}
		parts++
	}
	received = time.Since(begun)
	loaded, err := c.CommitLoad(ctx, store.LoadCommit{ID: history.ID, Secret: history.Secret, Parts: parts, Counters: store.Counters{Accepted: events}})
	if err == nil && loaded.Events != events {
		err = fmt.Errorf("%d of %d events were stored", loaded.Events, events)
	}
	return received, err
}

// historyPart returns events of a history, in the order of their times.
func historyPart(from, to, count int64) []event.Event {
	end := time.Now()
	begin := end.AddDate(0, -loadMonths, 0).UnixMicro()
	step, people := (end.UnixMicro()-begin)/count, max(count/loadVisits, 1)
	names := [...]string{"Product Viewed", "Product Added", "Order Completed", "Page Viewed"}
	number := func(prefix string, n int64) string { return prefix + strconv.FormatInt(n, 10) }
	events := make([]event.Event, 0, to-from)
	for n := from; n < to; n++ {
		person := n * 7919 % people
		e := event.Event{
			ID: number("h-", n), Source: "shop", Channel: "web", Name: names[n%4], Time: begin + n*step, ReceivedAt: end.UnixMicro(), MappingGeneration: 1,
			SessionID: number("s-", n/8), Identities: []event.Identity{{Type: "anonymousId", Value: number("a-", person)}},
			Properties: fmt.Appendf(nil, `{"page":"/products/%d","position":%d}`, n*31%5000, n%100),
		}
		if n/people >= loadVisits*3/4 {
			e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: number("c-", person)})
		}
		events = append(events, e)
	}
	return events
}

// liveSender appends events at a fixed rate.
type liveSender struct {
	client *client.Client
	sent   int64
}

// during appends while a function runs, and returns the times of the appends.
func (l *liveSender) during(ctx context.Context, f func() error) (times []time.Duration, err error) {
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		ticks := time.NewTicker(liveEvery)
		defer ticks.Stop()
		for sending.Err() == nil {
			<-ticks.C
			begun := time.Now()
			_, err := l.client.Append(ctx, store.Batch{Source: "live", Events: l.next()})
			times = append(times, time.Since(begun))
			failed = errors.Join(failed, err)
		}
	})
	err = f()
	stop()
	wg.Wait()
	return times, errors.Join(err, failed)
}

func (l *liveSender) next() []event.Event {
	var events []event.Event
	at := time.Now().UnixMicro()
	for range liveEvents {
		l.sent++
		events = append(events, event.Event{
			ID: strconv.FormatInt(l.sent, 10), Source: "live", Channel: "web", Name: "Page Viewed", Time: at, ReceivedAt: at,
			Identities: []event.Identity{{Type: "anonymousId", Value: strconv.FormatInt(l.sent%10_000, 10)}},
		})
	}
	return events
}
