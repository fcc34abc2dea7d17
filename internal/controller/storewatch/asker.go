// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storewatch

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// asker asks one store.
type asker struct {
	w      *Watch
	target Target
	cancel context.CancelFunc
	asked  chan struct{}

	mu      sync.Mutex
	conn    Stater
	look    Look
	sources map[string]*heard
	misses  int
	// since when the store answers.
	since time.Time
}

// heard is the state that is kept about one source.
type heard struct {
	known   bool // the store has heard of it
	fresh   bool // the store answered and had not
	state   store.SourceState
	settled bool
	traffic Traffic
	// reports of its pods, and when they were in an answer.
	reports  []store.Report
	reported time.Time
	// silent is the first of the answers since which there is no report; zero while there is one.
	silent time.Time
}

func newAsker(w *Watch, t Target) *asker {
	return &asker{w: w, target: t, cancel: func() {}, asked: make(chan struct{}, 1), sources: map[string]*heard{}}
}

// run asks at once and then every interval, more often while the store starts. The first wait is shortened by a hash of the UID, so that many
// stores are not asked at the same moment.
func (a *asker) run(ctx context.Context) {
	defer a.hangUp()
	wait := a.poll(ctx, false)
	wait -= a.offset(wait)
	for {
		timer := a.w.o.Clock.NewTimer(max(wait, a.w.o.MinGap))
		urgent := false
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C():
		case <-a.asked:
			timer.Stop()
			urgent = true
		}
		wait = a.poll(ctx, urgent)
		if !a.pause(ctx) {
			return
		}
		wait -= a.w.o.MinGap
	}
}

// pause keeps the least gap between two questions.
func (a *asker) pause(ctx context.Context) bool {
	timer := a.w.o.Clock.NewTimer(a.w.o.MinGap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C():
		return true
	}
}

func (a *asker) offset(wait time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.target.UID)) // a hash never fails
	return time.Duration(h.Sum32()) * time.Millisecond % wait
}

func (a *asker) ask() {
	select {
	case a.asked <- struct{}{}:
	default:
	}
}

func (a *asker) end() { a.cancel() }

func (a *asker) hangUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close() // nothing is pending on a connection that only asks
		a.conn = nil
	}
}

// poll asks once, keeps the answer, wakes who is concerned, and gives the time until the next question.
func (a *asker) poll(ctx context.Context, urgent bool) time.Duration {
	state, err := a.question(ctx)
	if ctx.Err() != nil {
		return a.w.o.Interval
	}
	if err != nil {
		a.hangUp() // the next question connects again: keys, certificates or addresses may have changed
		return a.missed(err, urgent)
	}
	storeMoved, moved := a.answered(state)
	if storeMoved || urgent {
		a.w.notify(wakeStores, a.target.Key)
	}
	if urgent {
		moved = a.names()
	}
	a.wakeSources(moved)
	return a.next()
}

// soon is the interval while a store starts.
func (a *asker) soon() time.Duration { return a.w.o.Interval / 3 }

// next returns the time until the next question. A store that has just started to answer is asked more often for a while, because its pods have not
// reported yet.
func (a *asker) next() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.w.o.Clock.Since(a.since) < 2*a.w.o.Interval {
		return a.soon()
	}
	return a.w.o.Interval
}

func (a *asker) question(ctx context.Context) (store.State, error) {
	ctx, cancel := context.WithTimeout(ctx, a.w.o.Timeout)
	defer cancel()
	a.mu.Lock()
	conn := a.conn
	a.mu.Unlock()
	if conn == nil {
		var err error
		if conn, err = a.w.dial(a.target); err != nil {
			return store.State{}, fmt.Errorf("connect: %w", err)
		}
		a.mu.Lock()
		a.conn = conn
		a.mu.Unlock()
	}
	return conn.State(ctx)
}

// missed notes that the store did not answer. One miss may be an accident, so the store is asked again soon before it counts.
func (a *asker) missed(err error, urgent bool) time.Duration {
	a.mu.Lock()
	a.misses++
	turned := a.misses == 2
	if a.misses >= 2 {
		a.look.Err = err
	}
	again, never := a.misses < 2, a.look.At.IsZero()
	names := slices.Collect(maps.Keys(a.sources))
	a.mu.Unlock()
	if turned || urgent {
		a.w.notify(wakeStores, a.target.Key)
		a.wakeSources(names)
	}
	switch {
	case again:
		return a.w.o.MinGap
	case never:
		return a.soon()
	}
	return a.w.o.Interval
}

// answered keeps an answer. It gives whether the store moved or came to rest, and which of its sources did.
func (a *asker) answered(state store.State) (bool, []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	back := a.look.Err != nil || a.look.At.IsZero()
	settled := !a.look.At.IsZero() && a.look.Health.Seq == state.Health.Seq
	turned := back || a.look.Health.ReadOnly != state.Health.ReadOnly // for all sources: the store accepts what they send, or stopped accepting it
	changed := back || a.look.Health != state.Health || settled != a.look.Settled
	a.look = Look{At: a.w.o.Clock.Now(), Health: state.Health, Bringer: bringer(state.Sources), Settled: settled}
	a.misses = 0
	if back {
		a.since = a.look.At
	}
	var moved []string
	for _, s := range state.Sources {
		if a.hear(s) {
			moved = append(moved, s.Name)
		}
	}
	moved = append(moved, a.read(state.Reports)...)
	for _, h := range a.sources {
		h.fresh = !h.known
	}
	if turned {
		moved = slices.Collect(maps.Keys(a.sources))
	}
	return changed, moved
}

// hear keeps the state of a source, and reports whether it changed or stopped changing.
func (a *asker) hear(s store.SourceState) bool {
	h := a.interest(s.Name)
	if !h.known && !h.fresh { // what came before the operator started is no news
		h.known, h.state = true, s
		return true
	}
	t := traffic(h.state, s)
	settled := !t.Seen() && s.NewestReceivedAt == h.state.NewestReceivedAt
	moved := !settled || !h.settled
	if t.Seen() {
		h.traffic = t
	}
	h.known, h.state, h.settled = true, s, settled
	return moved
}

// read keeps the reports and gives the sources of which others are known than before. A store that was restarted knows none until the pods
// have repeated them, so the last ones hold as long as they would have held there: silence is no news.
func (a *asker) read(reports []store.Report) (moved []string) {
	bySource := map[string][]store.Report{}
	for _, r := range reports {
		bySource[r.Source] = append(bySource[r.Source], r)
	}
	for name := range bySource {
		a.interest(name)
	}
	for name, h := range a.sources {
		now := bySource[name]
		h.hush(len(now) == 0, a.look.At, a.since)
		if len(now) == 0 && a.look.At.Sub(h.reported) < store.ReportTTL {
			continue
		}
		if !reflect.DeepEqual(h.reports, now) {
			moved = append(moved, name)
		}
		h.reports, h.reported = now, a.look.At
	}
	return moved
}

// hush notes since when no pod reports. While the store did not answer none could.
func (h *heard) hush(silent bool, now, answers time.Time) {
	switch {
	case !silent:
		h.silent = time.Time{}
	case h.silent.IsZero() || h.silent.Before(answers):
		h.silent = now
	}
}

// interest returns what is kept of a source, and keeps it from now on. A source that was unknown when the store answered is fresh: everything that it
// sends is new. The caller holds the lock.
func (a *asker) interest(name string) *heard {
	h := a.sources[name]
	if h == nil {
		h = &heard{}
		a.sources[name] = h
	}
	return h
}

func (a *asker) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.sources))
}

func (a *asker) wakeSources(names []string) {
	keys := make([]types.NamespacedName, len(names))
	for i, n := range names {
		keys[i] = types.NamespacedName{Namespace: a.target.Key.Namespace, Name: n}
	}
	a.w.notify(wakeSources, keys...)
}

func (a *asker) store() Look {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.look
}

func (a *asker) source(name string) SourceLook {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.interest(name)
	return SourceLook{Store: a.look, Known: h.known, State: h.state, Reports: h.reports, Silent: h.silent, Settled: h.settled, Traffic: h.traffic}
}
