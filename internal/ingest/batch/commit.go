// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"context"
	"errors"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// group is the content of one append: submissions to one store, or only counters.
type group struct {
	subs   []*submission
	source string
	target store.Appender
	idle   store.Counters
	trust  *store.Trust
}

// gather waits for something to store. If nothing is in progress, it does not linger, so that a single sender is not slowed down. Otherwise it waits
// a little for more, which costs nothing because the store is busy. last is set if the batcher is closed.
func (b *Batcher) gather() (g *group, last bool) {
	flush := time.NewTimer(b.opts.FlushEvery)
	defer flush.Stop()
	for {
		b.mu.Lock()
		queued, busy := len(b.queue), b.inFlight > 0
		b.mu.Unlock()
		if queued > 0 {
			if busy {
				b.linger()
			}
			return b.take(false), false
		}
		select {
		case <-b.wake:
		case <-flush.C:
			if g := b.take(true); g != nil {
				return g, false
			}
			flush.Reset(b.opts.FlushEvery)
		case <-b.stop:
			g := b.take(true)
			return g, g == nil || len(g.subs) == 0
		}
	}
}

// linger waits until there are enough events, or the time is over.
func (b *Batcher) linger() {
	timer := time.NewTimer(b.opts.Linger)
	defer timer.Stop()
	for {
		b.mu.Lock()
		enough := b.queued >= b.opts.MaxEvents
		b.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-b.wake:
		case <-timer.C:
			return
		case <-b.stop:
			return
		}
	}
}

// maxGroupBytes is the size of one append, unless a single request is larger. An append is in memory three times while it is sent.
const maxGroupBytes = 8 << 20

// take removes submissions to one store from the queue, up to MaxEvents and maxGroupBytes, with the waiting counters. It returns nil if there is
// nothing. Without submissions, it takes the counters only if alone is set.
func (b *Batcher) take(alone bool) *group {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := &group{source: b.idleSource, target: b.idleTarget}
	n, events, bytes := 0, 0, int64(0)
	for _, s := range b.queue {
		if n > 0 && (events+len(s.events) > b.opts.MaxEvents || bytes+s.bytes > maxGroupBytes || s.target != g.target || s.source != g.source) {
			break
		}
		g.source, g.target = s.source, s.target
		events, bytes = events+len(s.events), bytes+s.bytes
		n++
	}
	g.subs = append(g.subs, b.queue[:n]...)
	b.queue = append(b.queue[:0], b.queue[n:]...)
	b.queued -= events
	if n == 0 && (!alone || b.idle.Empty() && b.idleTrust == nil) {
		return nil
	}
	if b.idleSource == g.source {
		g.idle, b.idle = b.idle, store.Counters{}
		g.trust, b.idleTrust = b.idleTrust, nil
	}
	b.inFlight++
	if len(b.queue) > 0 {
		b.signal()
	}
	return g
}

// store appends the group and notifies its submissions.
func (b *Batcher) store(g *group) {
	if g == nil {
		return
	}
	b.commit(g)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
	for _, s := range g.subs {
		b.bytes -= s.bytes
	}
}

// commit returns the result to each submission of the group. If the store refuses a group as invalid, its submissions are stored one by one, so that
// one bad request does not affect the others. A submission of which the store refuses some events is stored without them.
func (b *Batcher) commit(g *group) {
	err := b.append(g.target, g.batch())
	if rest, some := g.withoutRefused(err); some {
		if rest != nil {
			b.commit(rest)
		}
		return
	}
	if err != nil {
		b.restore(g)
	}
	for _, s := range g.subs {
		if errors.Is(err, store.ErrInvalid) && len(g.subs) > 1 {
			one := group{subs: []*submission{s}, source: s.source, trust: g.trust}
			s.done <- b.append(s.target, one.batch())
			continue
		}
		s.done <- err
	}
}

// restore puts back counters that could not be stored. Those of requests are counted again when their sender repeats them.
func (b *Batcher) restore(g *group) {
	b.mu.Lock()
	defer b.mu.Unlock()
	newer := b.idle
	b.idle = g.idle
	b.idle.Add(newer)
	if b.idleTrust == nil {
		b.idleTrust = g.trust
	}
	if b.idleSource == "" {
		b.idleSource, b.idleTarget = g.source, g.target
	}
}

func (g *group) batch() store.Batch {
	out := store.Batch{Source: g.source, Trust: g.trust}
	out.Counters.Add(g.idle)
	n := 0
	for _, s := range g.subs {
		n += len(s.events)
	}
	out.Events = make([]event.Event, 0, n)
	for _, s := range g.subs {
		out.Events = append(out.Events, s.events...)
		out.Counters.Add(s.counters)
		out.Trust = s.trust
	}
	out.Counters.Accepted += int64(n)
	return out
}

func (b *Batcher) append(target store.Appender, batch store.Batch) error {
	ctx, cancel := context.WithTimeout(context.Background(), b.opts.AppendTimeout)
	defer cancel()
	began := time.Now()
	appended, err := target.Append(ctx, batch)
	b.opts.Observe(len(batch.Events), time.Since(began), appended, err)
	return err
}
