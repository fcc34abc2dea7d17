// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// ErrBusy says that more waits for the store than memory should hold.
var ErrBusy = errors.New("too many events wait for the store")

// Options tune the group commit. Zero values mean the defaults.
type Options struct {
	// MaxEvents of one append; a single larger request is one append. Default 4096.
	MaxEvents int
	// Linger is how long an append waits for more events while another one is in progress. Default 5 ms.
	Linger time.Duration
	// InFlight is the number of appends at a time. Default 2.
	InFlight int
	// MaxBytes that may wait or be in progress; beyond, requests are refused. Default 64 MiB.
	MaxBytes int64
	// AppendTimeout bounds one append. Default 10 s.
	AppendTimeout time.Duration
	// FlushEvery is how often counters without events are written. Default 2 s.
	FlushEvery time.Duration
	// Observe is called for every append; may be nil.
	Observe func(events int, took time.Duration, a store.Appended, err error)
}

func (o *Options) setDefaults() {
	setDefault(&o.MaxEvents, 4096)
	setDefault(&o.Linger, 5*time.Millisecond)
	setDefault(&o.InFlight, 2)
	setDefault(&o.MaxBytes, 64<<20)
	setDefault(&o.AppendTimeout, 10*time.Second)
	setDefault(&o.FlushEvery, 2*time.Second)
	if o.Observe == nil {
		o.Observe = func(int, time.Duration, store.Appended, error) {}
	}
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// submission is what one request wants to have stored.
type submission struct {
	source   string
	target   store.Appender
	events   []event.Event
	counters store.Counters
	trust    *store.Trust
	bytes    int64
	done     chan error
}

// Batcher gathers the events of concurrent requests into appends. Each request waits until its events are durable.
type Batcher struct {
	opts Options

	// collecting is held by the worker that gathers the next append.
	collecting sync.Mutex

	mu       sync.Mutex
	queue    []*submission
	queued   int
	bytes    int64
	inFlight int
	// idle are counters without events; they wait for the next append, or for the next flush.
	idle       store.Counters
	idleSource string
	// idleTrust is the trust in the source that the store does not know yet.
	idleTrust  *store.Trust
	idleTarget store.Appender

	wake    chan struct{}
	stop    chan struct{}
	workers sync.WaitGroup
}

// New starts a batcher. It has to be closed.
func New(o Options) *Batcher {
	o.setDefaults()
	b := &Batcher{opts: o, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	for range o.InFlight {
		b.workers.Go(b.work)
	}
	return b
}

// Target is where events go: to a store, under the name of their source, with the trust in it.
type Target struct {
	Source string
	Store  store.Appender
	Trust  *store.Trust
}

// Submit returns when the events are durable, or could not be stored: ErrBusy, the store's error, or that of ctx,
// after which they may still be stored. The counters are added with the events, or not at all.
func (b *Batcher) Submit(ctx context.Context, to Target, events []event.Event, counters store.Counters) error {
	sub := &submission{
		source: to.Source, target: to.Store, events: events, counters: counters, trust: to.Trust, done: make(chan error, 1),
	}
	for i := range events {
		sub.bytes += SizeOf(&events[i])
	}
	b.mu.Lock()
	if b.bytes > 0 && b.bytes+sub.bytes > b.opts.MaxBytes {
		b.mu.Unlock()
		return ErrBusy
	}
	b.bytes += sub.bytes
	b.queue = append(b.queue, sub)
	b.queued += len(events)
	b.mu.Unlock()
	b.signal()
	select {
	case err := <-sub.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Count keeps counters that come without events until the next append. They survive outages of the store.
func (b *Batcher) Count(to Target, c store.Counters) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle.Add(c)
	b.idleSource, b.idleTarget = to.Source, to.Store
}

// Declare tells the store, with the next append or the next flush, how far the source is trusted: a change holds for what was sent before, too.
func (b *Batcher) Declare(to Target) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idleTrust = to.Trust
	b.idleSource, b.idleTarget = to.Source, to.Store
}

// QueuedBytes is what waits or is in progress.
func (b *Batcher) QueuedBytes() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// Close stores what waits, counters included, and ends the batcher. Submit must not be called afterwards.
func (b *Batcher) Close() {
	close(b.stop)
	b.workers.Wait()
}

func (b *Batcher) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *Batcher) work() {
	for {
		b.collecting.Lock()
		group, last := b.gather()
		b.collecting.Unlock()
		b.store(group)
		if last {
			return
		}
	}
}

// SizeOf estimates the memory of an event.
func SizeOf(e *event.Event) int64 {
	n := 320 + len(e.ID) + len(e.Name) + len(e.Traits) + len(e.Groups) + len(e.Items) + len(e.Properties) + len(e.SessionID) + len(e.OrderID)
	for _, i := range e.Identities {
		n += 32 + len(i.Type) + len(i.Value)
	}
	return int64(n)
}
