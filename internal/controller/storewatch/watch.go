// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storewatch

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Target is a store to poll.
type Target struct {
	// Key is the EventStore.
	Key types.NamespacedName
	// UID of the EventStore. Another UID is another store.
	UID types.UID
	// CreatedAt is its creation time, from which the store's keys and CA are derived.
	CreatedAt time.Time
}

// Stater is a connection to one store.
type Stater interface {
	State(ctx context.Context) (store.State, error)
	Close() error
}

// Dial returns a connection to a store. It need not reach the store: State fails if it cannot.
type Dial func(Target) (Stater, error)

// Options of a Watch. The zero value of each field means its default.
type Options struct {
	// Interval between two polls of a store; a third of it while the store starts. The default is 30 s.
	Interval time.Duration
	// Timeout of a poll. The default is 10 s.
	Timeout time.Duration
	// MinGap between any two polls of a store. The default is 2 s.
	MinGap time.Duration
	// Clock. The default is the real one.
	Clock clock.WithTicker
}

// Watch polls the stores and keeps their responses. It is safe for concurrent use.
type Watch struct {
	dial Dial
	o    Options

	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // the life of the manager, set by Start: stores that come later run in it
	running sync.WaitGroup
	stores  map[types.NamespacedName]*poller
	wake    map[bool]workqueue.TypedRateLimitingInterface[reconcile.Request]
}

// New returns a Watch that connects with dial. It polls nothing before Start.
func New(dial Dial, o Options) *Watch {
	if o.Interval <= 0 {
		o.Interval = 30 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MinGap <= 0 {
		o.MinGap = 2 * time.Second
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &Watch{
		dial: dial, o: o,
		stores: map[types.NamespacedName]*poller{},
		wake:   map[bool]workqueue.TypedRateLimitingInterface[reconcile.Request]{},
	}
}

// Start runs until the context ends. It is a Runnable of the manager, only on the leader.
func (w *Watch) Start(ctx context.Context) error {
	w.mu.Lock()
	w.ctx = ctx
	for _, a := range w.stores {
		w.run(a)
	}
	w.mu.Unlock()
	<-ctx.Done()
	w.running.Wait()
	return nil
}

// Ensure starts polling a store.
func (w *Watch) Ensure(t Target) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a, ok := w.stores[t.Key]; ok {
		if a.target.UID == t.UID {
			return
		}
		a.end()
	}
	a := newAsker(w, t)
	w.stores[t.Key] = a
	if w.ctx != nil {
		w.run(a)
	}
}

func (w *Watch) run(a *poller) {
	ctx, cancel := context.WithCancel(w.ctx)
	a.cancel = cancel
	w.running.Go(func() { a.run(ctx) })
}

// Forget stops polling a store.
func (w *Watch) Forget(key types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a, ok := w.stores[key]; ok {
		a.end()
		delete(w.stores, key)
	}
}

// Ask polls a store ahead of its interval. Its EventStore and all its sources are reconciled when the response has arrived.
func (w *Watch) Ask(key types.NamespacedName) {
	if a := w.poller(key); a != nil {
		a.ask()
	}
}

// Store returns the known state of a store.
func (w *Watch) Store(key types.NamespacedName) Look {
	if a := w.poller(key); a != nil {
		return a.store()
	}
	return Look{}
}

// Source returns the known state of a source.
func (w *Watch) Source(key types.NamespacedName, name string) SourceLook {
	if a := w.poller(key); a != nil {
		return a.source(name)
	}
	return SourceLook{}
}

func (w *Watch) poller(key types.NamespacedName) *poller {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stores[key]
}

const (
	wakeStores  = true
	wakeSources = false
)

// Stores triggers the reconciler of EventStores.
func (w *Watch) Stores() source.Source { return w.wakes(wakeStores) }

// Sources triggers the reconciler of TouchpointSources.
func (w *Watch) Sources() source.Source { return w.wakes(wakeSources) }

func (w *Watch) wakes(kind bool) source.Source {
	return source.Func(func(_ context.Context, q workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.wake[kind] = q
		return nil
	})
}

func (w *Watch) notify(kind bool, keys ...types.NamespacedName) {
	w.mu.Lock()
	q := w.wake[kind]
	w.mu.Unlock()
	if q == nil {
		return
	}
	for _, k := range keys {
		q.Add(reconcile.Request{NamespacedName: k})
	}
}
