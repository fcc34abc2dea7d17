// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storewatch_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

var (
	noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	main = types.NamespacedName{Namespace: "shop", Name: "main"}
)

// fixture is one polled store, with a clock that the test advances.
type fixture struct {
	t     *testing.T
	clock *clocktesting.FakeClock
	watch *storewatch.Watch

	mu    sync.Mutex
	state store.State
	err   error
	asked int
	woken map[string]int
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clocktesting.NewFakeClock(noon), woken: map[string]int{}}
	f.watch = storewatch.New(func(storewatch.Target) (storewatch.Stater, error) { return f, nil }, storewatch.Options{Clock: f.clock})
	f.listen(f.watch.Stores(), "store ")
	f.listen(f.watch.Sources(), "source ")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.watch.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return f
}

// listen counts the wake-ups of a source.
func (f *fixture) listen(s source.Source, kind string) {
	q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	require.NoError(f.t, s.Start(f.t.Context(), q))
	go func() {
		for {
			r, shutdown := q.Get()
			if shutdown {
				return
			}
			q.Done(r)
			f.mu.Lock()
			f.woken[kind+r.Name]++
			f.mu.Unlock()
		}
	}()
	f.t.Cleanup(q.ShutDown)
}

// State returns the state or error of the fixture.
func (f *fixture) State(context.Context) (store.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return f.state, f.err
}

// Close does nothing.
func (f *fixture) Close() error { return nil }

func (f *fixture) set(s store.State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state, f.err = s, err
}

func (f *fixture) count() (asked int, woken map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	woken = map[string]int{}
	for k, v := range f.woken {
		woken[k] = v
	}
	return f.asked, woken
}

// until advances the clock by seconds until a condition is true.
func (f *fixture) until(what string, holds func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		require.True(f.t, time.Now().Before(deadline), "never: %s", what)
		f.clock.Step(time.Second)
		time.Sleep(time.Millisecond) // lets the poller run; only the fake clock matters
	}
}

func (f *fixture) rounds(n int) {
	f.t.Helper()
	before, _ := f.count()
	f.until("asked again", func() bool { asked, _ := f.count(); return asked >= before+n })
}

func counters(accepted, refused int64) store.State {
	c := store.Counters{Accepted: accepted}
	if refused > 0 {
		c.Rejected = map[string]store.Rejection{"bad-time": {Count: refused, Example: "when?"}, "bad-token": {Count: 7, Example: "who?"}}
	}
	return store.State{Sources: []store.SourceState{{Name: "web", NewestReceivedAt: accepted, Counters: c}}}
}

func TestWatchKeepsAnswersAndWakes(t *testing.T) {
	f := newFixture(t)
	require.False(t, f.watch.Store(main).Answered(), "nobody was asked")
	require.False(t, f.watch.Source(main, "web").Known)
	f.set(counters(100, 0), nil)
	f.watch.Ensure(storewatch.Target{Key: main, UID: "1"})
	f.watch.Source(main, "mute") // a source that the store has no record of
	f.until("answered", func() bool { return f.watch.Store(main).Answered() })
	f.until("woken", func() bool {
		_, w := f.count()
		return w["store main"] > 0 && w["source web"] > 0 && w["source mute"] > 0
	})
	require.False(t, f.watch.Source(main, "web").Traffic.Seen(), "what came before the first answer is no news")

	f.set(counters(110, 30), nil)
	f.rounds(1)
	f.until("traffic", func() bool { return f.watch.Source(main, "web").Traffic.Seen() })
	require.Equal(t, storewatch.Traffic{Accepted: 10, Rejected: 30, Unauthorized: 7, Reason: "bad-time", Example: "when?"},
		f.watch.Source(main, "web").Traffic)
	require.False(t, f.watch.Source(main, "web").Settled)

	suspended := counters(110, 30)
	suspended.Sources[0].Counters.Rejected["suspended"] = store.Rejection{Count: 500}
	suspended.Sources[0].Counters.Rejected["missed"] = store.Rejection{Count: 40}
	f.set(suspended, nil)
	f.rounds(1)
	require.EqualValues(t, 30, f.watch.Source(main, "web").Traffic.Rejected, "what a suspended source turns away is no traffic, nor what was never read")

	waiting := counters(110, 30)
	waiting.Sources[0].Counters.Rejected["suspended"] = store.Rejection{Count: 500}
	waiting.Sources[0].Counters.Rejected["missed"] = store.Rejection{Count: 40}
	waiting.Sources[0].Counters.Rejected["new-identities"] = store.Rejection{Count: 4}
	f.set(waiting, nil)
	f.rounds(1)
	f.until("what waits is seen", func() bool { return f.watch.Source(main, "web").Traffic.Waiting > 0 })
	require.Equal(t, storewatch.Traffic{Waiting: 4}, f.watch.Source(main, "web").Traffic, "events that wait for room in the store are no refused ones")

	unread := waiting
	unread.Sources[0].Counters.Rejected = maps.Clone(waiting.Sources[0].Counters.Rejected)
	unread.Sources[0].Counters.Rejected["record-unread"] = store.Rejection{Count: 2, Example: "401"}
	f.set(unread, nil)
	f.rounds(1)
	f.until("what is unread is seen", func() bool { return f.watch.Source(main, "web").Traffic.Unread > 0 })
	require.Equal(t, storewatch.Traffic{Unread: 2, UnreadExample: "401"}, f.watch.Source(main, "web").Traffic, "senders repeat what could not be read")

	f.rounds(2)
	f.until("at rest", func() bool { return f.watch.Source(main, "web").Settled })
	require.True(t, f.watch.Source(main, "web").Traffic.Seen(), "the newest traffic is remembered while nothing comes")
	_, before := f.count()
	f.rounds(3)
	_, after := f.count()
	require.Equal(t, before, after, "a store at rest wakes nobody")

	full := suspended
	full.Health.ReadOnly = "full"
	f.set(full, nil)
	f.rounds(1)
	f.until("sources of a full store are woken", func() bool {
		_, now := f.count()
		return now["source web"] > after["source web"] && now["source mute"] > after["source mute"]
	})
}

func TestWatchToleratesOneMiss(t *testing.T) {
	f := newFixture(t)
	f.watch.Ensure(storewatch.Target{Key: main, UID: "1"})
	f.set(counters(1, 0), nil)
	f.until("answered", func() bool { return f.watch.Store(main).Answered() })
	f.set(store.State{}, errors.New("no route"))
	f.until("away", func() bool { return f.watch.Store(main).Err != nil })
	require.EqualError(t, f.watch.Store(main).Err, "no route")
	require.Equal(t, int64(1), f.watch.Source(main, "web").State.Counters.Accepted, "the newest answer stays")
	f.set(counters(1, 0), nil)
	f.until("back", func() bool { return f.watch.Store(main).Answered() })

	t.Log("one miss between two answers does not count")
	asked, _ := f.count()
	f.set(store.State{}, errors.New("a hiccup"))
	f.until("asked", func() bool { n, _ := f.count(); return n > asked })
	f.set(counters(1, 0), nil)
	f.rounds(1)
	require.True(t, f.watch.Store(main).Answered())
}

func TestWatchStopsAndRestarts(t *testing.T) {
	f := newFixture(t)
	f.set(counters(5, 0), nil)
	f.watch.Ensure(storewatch.Target{Key: main, UID: "1"})
	f.until("answered", func() bool { return f.watch.Store(main).Answered() })
	f.watch.Ensure(storewatch.Target{Key: main, UID: "2"})
	require.False(t, f.watch.Source(main, "web").Known && f.watch.Store(main).At.IsZero(), "another UID is another store")
	f.until("answered", func() bool { return f.watch.Store(main).Answered() })
	f.watch.Forget(main)
	require.False(t, f.watch.Store(main).Answered())
}

func TestWhyIsStable(t *testing.T) {
	inner := errors.New("connection refused")
	require.Equal(t, "connection refused", storewatch.Why(errorChain{errorChain{inner}}))
}

type errorChain struct{ error }

func (e errorChain) Error() string { return "127.0.0.1:40123: " + e.error.Error() }
func (e errorChain) Unwrap() error { return e.error }

func TestWatchKeepsReportsAndWakesOnOthers(t *testing.T) {
	f := newFixture(t)
	lacking := store.Report{Source: "web", Pod: "a", Missing: []store.MissingSecret{{For: store.SecretForSenders, Name: "keys"}}}
	well := store.Report{Source: "web", Pod: "a"}
	tell := func(reports ...store.Report) { f.set(store.State{Reports: reports}, nil) }
	known := func() []store.Report { return f.watch.Source(main, "web").Reports }
	woken := func() int { _, w := f.count(); return w["source web"] }

	tell(lacking)
	f.watch.Ensure(storewatch.Target{Key: main, UID: "1"})
	f.until("woken by a source that sent nothing", func() bool { return woken() > 0 })
	require.Equal(t, []store.Report{lacking}, known())
	require.False(t, f.watch.Source(main, "web").Known, "a report is no data")
	before := woken()
	f.rounds(3)
	require.Equal(t, before, woken(), "the same report again is no news")

	tell(well)
	f.until("woken by another report", func() bool { return woken() > before })
	require.Equal(t, []store.Report{well}, known())

	t.Log("a pod that has nothing to read is caught up again and again")
	caughtUp := func(at int64) store.Report {
		return store.Report{Source: "web", Pod: "a", Pull: &store.PullReport{Partitions: 1, CaughtUpAt: at}}
	}
	at := func() int64 { return known()[0].Pull.CaughtUpAt }
	tell(caughtUp(0))
	f.until("it reads", func() bool { return known()[0].Pull != nil })
	f.rounds(2)
	before = woken()
	tell(caughtUp(5))
	f.until("caught up", func() bool { return at() == 5 })
	f.until("woken by the first time", func() bool { return woken() > before })
	f.rounds(2)
	before = woken()
	tell(caughtUp(6))
	f.until("caught up again", func() bool { return at() == 6 })
	f.rounds(2)
	require.Equal(t, before, woken())
	tell(well)
	f.until("woken by what is no reader", func() bool { return woken() > before })

	t.Log("a store that was restarted has sourceRecord nothing yet")
	tell(lacking)
	f.until("lacking", func() bool { return len(known()) == 1 && len(known()[0].Missing) == 1 })
	before = woken()
	tell()
	f.rounds(2)
	require.Equal(t, []store.Report{lacking}, known())
	require.Equal(t, before, woken())
	tell(lacking)
	f.rounds(2)
	require.Equal(t, before, woken())

	t.Log("pods that stay silent are gone")
	tell()
	silent := func() time.Time { return f.watch.Source(main, "web").Silent }
	require.Zero(t, silent())
	f.until("forgotten", func() bool { return len(known()) == 0 })
	f.until("woken", func() bool { return woken() > before })
	since := silent()
	require.False(t, since.IsZero())
	f.rounds(2)
	require.Equal(t, since, silent())
	f.set(store.State{}, errors.New("away"))
	f.until("away", func() bool { return f.watch.Store(main).Err != nil })
	tell()
	f.until("silent since the store is back", func() bool { return silent().After(since) })
	tell(well)
	f.until("sourceRecord", func() bool { return silent().IsZero() })
}

// pass advances the clock by a second whenever the poller waits for it, and returns the number of polls.
func (f *fixture) pass(seconds int) int {
	f.t.Helper()
	before, _ := f.count()
	for range seconds {
		require.Eventually(f.t, f.clock.HasWaiters, time.Minute, 100*time.Microsecond)
		f.clock.Step(time.Second)
	}
	require.Eventually(f.t, f.clock.HasWaiters, time.Minute, 100*time.Microsecond)
	after, _ := f.count()
	return after - before
}

func TestWatchPollsMoreOftenWhileAStoreStarts(t *testing.T) {
	f := newFixture(t)
	f.set(store.State{}, errors.New("starting"))
	f.watch.Ensure(storewatch.Target{Key: main, UID: "1"})
	require.GreaterOrEqual(t, f.pass(60), 6, "it was never sourceRecord of")
	f.set(counters(1, 0), nil)
	f.until("answered", func() bool { return f.watch.Store(main).Answered() })
	require.GreaterOrEqual(t, f.pass(60), 6, "the first minute")
	f.pass(10)
	require.Equal(t, 4, f.pass(120), "every 30 s from then on")
	f.set(store.State{}, errors.New("away"))
	f.until("away", func() bool { return f.watch.Store(main).Err != nil })
	require.LessOrEqual(t, f.pass(120), 4, "one that is away is asked no more often")
}
