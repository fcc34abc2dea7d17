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

// ErrBusy means that too much is waiting for the store.
var ErrBusy = errors.New("too many events wait for the store")

// Options of the group commit. Zero values mean the defaults.
type Options struct {
	// MaxEvents of one append; a single larger request is one append. Default 4096.
	MaxEvents int
	// Linger is how long an append waits for more events while another one is in progress. The default is 5 ms.
	Linger time.Duration
	// InFlight is the number of concurrent appends. The default is 2.
	InFlight int
	// MaxBytes is the size of events that can wait or be in progress. Requests beyond it are refused. The default is 64 MiB.
	MaxBytes int64
	// AppendTimeout limits one append. The default is 10 s.
	AppendTimeout time.Duration
	// FlushEvery is the interval at which counters without events are written. The default is 2 s.
	FlushEvery time.Duration
	// Observe is called for every append; it can be nil.
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

// submission is what one request stores.
type submission struct {
	source   string
	target   store.Appender
	events   []event.Event
	counters store.Counters
	trust    *store.Trust
	bytes    int64
	done     chan error
}

// Batcher batches the events of concurrent requests into appends. Each request waits until its events are durable.
type Batcher struct {
	opts Options

	// collecting is held by the worker that collects the next append.
	collecting sync.Mutex

	mu       sync.Mutex
	queue    []*submission
	queued   int
	bytes    int64
	inFlight int
	// idle holds counters without events. They wait for the next append, or for the next flush.
	idle       store.Counters
	idleSource string
	// idleTrust is the trust in the source that was not sent to the store yet.
	idleTrust  *store.Trust
	idleTarget store.Appender

	wake    chan struct{}
	stop    chan struct{}
	workers sync.WaitGroup
}

// New starts a batcher. Close it after use.
func New(o Options) *Batcher {
	o.setDefaults()
	b := &Batcher{opts: o, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	for range o.InFlight {
		b.workers.Go(b.work)
	}
	return b
}

// Target is the destination of events: a store, the name of their source, and the trust in it.
type Target struct {
	Source string
	Store  store.Appender
	Trust  *store.Trust
}

// Submit returns once the events are durable, or could not be stored. Errors: ErrBusy, that of the store, or that of ctx, after which the events can
// still be stored. The counters are added with the events, or not at all.
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

// Count keeps counters without events until the next append. They survive outages of the store.
func (b *Batcher) Count(to Target, c store.Counters) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle.Add(c)
	b.idleSource, b.idleTarget = to.Source, to.Store
}

// Declare sends the trust in the source to the store, with the next append or the next flush. A change also applies to events that were sent before.
func (b *Batcher) Declare(to Target) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idleTrust = to.Trust
	b.idleSource, b.idleTarget = to.Source, to.Store
}

// QueuedBytes returns the size of what is waiting or in progress.
func (b *Batcher) QueuedBytes() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// Close stores what is waiting, including counters, and ends the batcher. Do not call Submit afterwards.
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

// SizeOf returns an estimate of the memory of an event.
func SizeOf(e *event.Event) int64 {
	n := 320 + len(e.ID) + len(e.Name) + len(e.Traits) + len(e.Groups) + len(e.Items) + len(e.Properties) + len(e.SessionID) + len(e.OrderID)
	for _, i := range e.Identities {
		n += 32 + len(i.Type) + len(i.Value)
	}
	return int64(n)
}
