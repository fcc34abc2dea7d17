// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ours

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/test/rig"
)

const (
	emailOpened = 11
	fillBatch   = 10_000
	// fillAhead is the number of batches that are generated while one is appended.
	fillAhead = 4
	// fillMemory is the memory limit of the store while it is filled.
	fillMemory = 1 << 30
	// fillSegment is the size of log segment that is flushed at once. With many events it is larger, so that the files are merged only once, at the end.
	fillSegment  = 64 << 20
	largeSegment = 224 << 20
	large        = 40_000_000
	// fillPatience is how long an append waits while the store is busy flushing.
	fillPatience = 15 * time.Minute
)

// filler appends events to a store in a folder, with the store's own append path.
type filler struct {
	bench *measure.Bench
	world world.World
	dir   string
	// now is the time of the newest event. It is the clock of the store, so that the month does not end before all its events are appended.
	now atomic.Int64
}

func (f *filler) options(sortEvery time.Duration, clock func() time.Time) (embedded.Options, error) {
	samples, err := rig.ReadSamples(f.bench.Samples)
	if err != nil {
		return embedded.Options{}, err
	}
	policy := identity.NewPolicy(nil)
	if samples.Store.Spec.Identity != nil {
		policy = identity.NewPolicy(samples.Store.Spec.Identity.MaxLinks)
	}
	o := embedded.Options{
		Dir: filepath.Join(f.dir, "data"), Identity: policy, Clock: clock, CompactEvery: sortEvery, SegmentBytes: fillSegment,
		MemoryLimit: fillMemory, TempLimit: 16 * fillMemory, Logger: slog.New(slog.DiscardHandler),
	}
	if f.world.Events > large {
		o.SegmentBytes = largeSegment
	}
	// Allow one more segment in the log while one is flushed, or keep everything in the log.
	o.MaxUnflushedBytes = 2 * o.SegmentBytes
	if sortEvery < 0 {
		o.MaxUnflushedBytes = 64 << 30
	}
	return o, nil
}

// sorted appends the events of a period. The store flushes and merges as usual, and in the end merges each month into one run, as after its end.
func (f *filler) sorted(ctx context.Context, from, to int64) error {
	return f.with(time.Hour, f.clock, func(s *embedded.Store) error {
		if err := f.append(ctx, s, from, to); err != nil {
			return err
		}
		f.bench.Say("    %s: the files of the month become one run", filepath.Base(f.dir))
		return s.MergeAll(ctx)
	})
}

func (f *filler) clock() time.Time { return time.Unix(world.Begin+f.now.Load(), 0) }

// fresh appends the events of a period, and leaves them in the log.
func (f *filler) fresh(ctx context.Context, from, to int64) error {
	return f.with(-1, time.Now, func(s *embedded.Store) error { return f.append(ctx, s, from, to) })
}

// with opens the store, calls do, and closes the store.
func (f *filler) with(sortEvery time.Duration, clock func() time.Time, do func(*embedded.Store) error) error {
	o, err := f.options(sortEvery, clock)
	if err != nil {
		return err
	}
	s, err := embedded.Open(o)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// append appends the events of a period in order. Batches are generated in parallel.
func (f *filler) append(ctx context.Context, s *embedded.Store, from, to int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan store.Batch, fillAhead)
	go func() {
		defer close(batches)
		f.batches(from, to, func(b store.Batch) bool {
			select {
			case batches <- b:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	p := newProgress(f.bench, filepath.Base(f.dir), f.world.Events, from, to)
	for b := range batches {
		newest := b.Events[len(b.Events)-1].Time/event.MicroUnits - world.Begin
		f.now.Store(max(f.now.Load(), newest))
		if err := patiently(ctx, s, b); err != nil {
			return err
		}
		p.add(len(b.Events))
	}
	return ctx.Err()
}

// patiently appends a batch. It waits while the store is busy flushing.
func patiently(ctx context.Context, s *embedded.Store, b store.Batch) error {
	for began := time.Now(); ; {
		_, err := s.Append(ctx, b)
		if !errors.Is(err, store.ErrUnavailable) || time.Since(began) > fillPatience {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// batches yields batches of each source. Redelivered events are in the next batch, with another time of receipt.
func (f *filler) batches(from, to int64, yield func(store.Batch) bool) {
	var open, again [2][]event.Event
	flush := func(i int) bool {
		b := store.Batch{Source: sources[i].name, Events: open[i], Counters: store.Counters{Accepted: int64(len(open[i]))}}
		open[i], again[i] = again[i], nil
		return len(b.Events) == 0 || yield(b)
	}
	for list := range f.world.ByTime(from, to) {
		for j := range list {
			i, e := sourceOf(&list[j]), eventOf(f.world, &list[j])
			open[i] = append(open[i], e)
			if f.world.Redelivered(&list[j]) {
				e.ReceivedAt += 60 * event.MicroUnits
				again[i] = append(again[i], e)
			}
			if len(open[i]) >= fillBatch && !flush(i) {
				return
			}
		}
	}
	// the remaining events, and then their redeliveries
	for i := range open {
		for len(open[i]) > 0 {
			if !flush(i) {
				return
			}
		}
	}
}

func sourceOf(s *world.Sighting) int {
	if s.Name == emailOpened {
		return 1
	}
	return 0
}

// eventOf converts a sighting as ingestion does.
func eventOf(w world.World, s *world.Sighting) event.Event {
	source := &sources[sourceOf(s)]
	return event.Event{
		ID: strconv.FormatUint(s.ID(), 36), Source: source.name, Channel: source.channel, Name: world.Names[s.Name],
		Time: (world.Begin + s.At) * event.MicroUnits, ReceivedAt: (world.Begin + s.At + 2) * event.MicroUnits, MappingGeneration: 1,
		Properties: properties(s), Identities: w.NamedBy(s),
	}
}

// properties returns properties of the size that a shop sends. No query reads them, but they are in the files.
func properties(s *world.Sighting) json.RawMessage {
	b := append(make([]byte, 0, 32), `{"sku":"A`...)
	b = strconv.AppendUint(b, world.Hash(s.Person, uint64(s.Number))%5000, 10)
	b = append(b, `","price":`...)
	b = strconv.AppendInt(b, s.At%90, 10)
	return append(b, `.50}`...)
}
