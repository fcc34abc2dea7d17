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

// poller polls one store.
type poller struct {
	w      *Watch
	target Target
	cancel context.CancelFunc
	asked  chan struct{}

	mu      sync.Mutex
	conn    Stater
	look    Look
	sources map[string]*sourceRecord
	misses  int
	// since is the time from which the store answers.
	since time.Time
}

// sourceRecord is the recorded state of one source.
type sourceRecord struct {
	known   bool // the store knows it
	fresh   bool // the store answered and did not know it
	state   store.SourceState
	settled bool
	traffic Traffic
	// reports of its pods, and the time of the response that contained them
	reports  []store.Report
	reported time.Time
	// silent is the time of the first response without a report; zero while there is one.
	silent time.Time
}

func newAsker(w *Watch, t Target) *poller {
	return &poller{w: w, target: t, cancel: func() {}, asked: make(chan struct{}, 1), sources: map[string]*sourceRecord{}}
}

// run polls at once and then at every interval, more often while the store starts. The first wait is shortened by a hash of the UID, so that many
// stores are not polled at the same moment.
func (a *poller) run(ctx context.Context) {
	defer a.disconnect()
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

// pause keeps the minimum gap between two polls.
func (a *poller) pause(ctx context.Context) bool {
	timer := a.w.o.Clock.NewTimer(a.w.o.MinGap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C():
		return true
	}
}

func (a *poller) offset(wait time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.target.UID)) // a hash never fails
	return time.Duration(h.Sum32()) * time.Millisecond % wait
}

func (a *poller) ask() {
	select {
	case a.asked <- struct{}{}:
	default:
	}
}

func (a *poller) end() { a.cancel() }

func (a *poller) disconnect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close() // Nothing is pending on a connection that is only used for reading.
		a.conn = nil
	}
}

// poll polls once, records the response, triggers reconciliations, and returns the time until the next poll.
func (a *poller) poll(ctx context.Context, urgent bool) time.Duration {
	state, err := a.question(ctx)
	if ctx.Err() != nil {
		return a.w.o.Interval
	}
	if err != nil {
		a.disconnect() // The next poll connects again: keys, certificates or addresses can have changed.
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

// soon returns the interval while a store starts.
func (a *poller) soon() time.Duration { return a.w.o.Interval / 3 }

// next returns the time until the next poll. A store that has just started to answer is polled more often for a while, because its pods have not reported yet.
func (a *poller) next() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.w.o.Clock.Since(a.since) < 2*a.w.o.Interval {
		return a.soon()
	}
	return a.w.o.Interval
}

func (a *poller) question(ctx context.Context) (store.State, error) {
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

// missed records that the store did not answer. A single failure can be an accident, so the store is polled again soon before it counts.
func (a *poller) missed(err error, urgent bool) time.Duration {
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

// answered records a response. It returns whether the store changed or stopped changing, and which of its sources did.
func (a *poller) answered(state store.State) (bool, []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	back := a.look.Err != nil || a.look.At.IsZero()
	settled := !a.look.At.IsZero() && a.look.Health.Seq == state.Health.Seq
	turned := back || a.look.Health.ReadOnly != state.Health.ReadOnly // for all sources: the store accepts what they send, or no longer does
	changed := back || a.look.Health != state.Health || settled != a.look.Settled
	a.look = Look{At: a.w.o.Clock.Now(), Health: state.Health, Bringer: bringer(state.Sources), Settled: settled}
	a.misses = 0
	if back {
		a.since = a.look.At
	}
	var moved []string
	for _, s := range state.Sources {
		if a.update(s) {
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

// update records the state of a source, and reports whether it changed or stopped changing.
func (a *poller) update(s store.SourceState) bool {
	h := a.interest(s.Name)
	if !h.known && !h.fresh { // Anything before the operator started is not news.
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

// read records the reports and returns the sources whose reports have changed. A restarted store has none until the pods repeat them, so the previous
// ones are valid for as long as they would have been there.
func (a *poller) read(reports []store.Report) (moved []string) {
	bySource := map[string][]store.Report{}
	for _, r := range reports {
		bySource[r.Source] = append(bySource[r.Source], r)
	}
	for name := range bySource {
		a.interest(name)
	}
	for name, h := range a.sources {
		now := bySource[name]
		h.noteSilence(len(now) == 0, a.look.At, a.since)
		if len(now) == 0 && a.look.At.Sub(h.reported) < store.ReportTTL {
			continue
		}
		if !slices.EqualFunc(h.reports, now, alike) {
			moved = append(moved, name)
		}
		h.reports, h.reported = now, a.look.At
	}
	return moved
}

// alike compares two reports. A pod that has nothing to read is caught up at another time in each report, which is no news: all idle sources would be
// reconciled after every poll.
func alike(a, b store.Report) bool {
	a.Pull, b.Pull = idle(a.Pull), idle(b.Pull)
	return reflect.DeepEqual(a, b)
}

// idle returns the report with 1 as the time at which the pod was caught up, if it ever was.
func idle(p *store.PullReport) *store.PullReport {
	if p == nil {
		return nil
	}
	out := *p
	out.CaughtUpAt = min(out.CaughtUpAt, 1)
	return &out
}

// noteSilence records the time from which no pod reports. While the store did not answer, none could.
func (h *sourceRecord) noteSilence(silent bool, now, answers time.Time) {
	switch {
	case !silent:
		h.silent = time.Time{}
	case h.silent.IsZero() || h.silent.Before(answers):
		h.silent = now
	}
}

// interest returns the record of a source, and creates it if necessary. A source that was unknown when the store answered is fresh: everything that
// it sends is new. The caller holds the lock.
func (a *poller) interest(name string) *sourceRecord {
	h := a.sources[name]
	if h == nil {
		h = &sourceRecord{}
		a.sources[name] = h
	}
	return h
}

func (a *poller) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.sources))
}

func (a *poller) wakeSources(names []string) {
	keys := make([]types.NamespacedName, len(names))
	for i, n := range names {
		keys[i] = types.NamespacedName{Namespace: a.target.Key.Namespace, Name: n}
	}
	a.w.notify(wakeSources, keys...)
}

func (a *poller) store() Look {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.look
}

func (a *poller) source(name string) SourceLook {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.interest(name)
	return SourceLook{Store: a.look, Known: h.known, State: h.state, Reports: h.reports, Silent: h.silent, Settled: h.settled, Traffic: h.traffic}
}
