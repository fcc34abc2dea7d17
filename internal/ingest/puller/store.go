// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// hand is the batch in hand.
type hand struct {
	*session
	fetched  *pull.Batch
	snapshot *pipeline.Snapshot
	moves    []store.Move
	counters store.Counters
}

// store converts a batch and appends it. Usually, that is one append. If the events need too much memory for that, parts are appended before, and
// cursors and counters move with the last one: after a crash, the parts are read again, and their events are known.
func (s *session) store(ctx context.Context, b *pull.Batch) error {
	current, _ := s.snapshot()
	if !current.ReadsLike(s.opened) {
		return errReopen
	}
	h := &hand{session: s, fetched: b, snapshot: current, moves: slices.Clone(b.Moves)}
	if err := h.slow(ctx); err != nil {
		return err
	}
	receivedAt := s.o.Now()
	for _, g := range b.Gaps {
		h.counters.Add(store.Counters{Rejected: map[string]store.Rejection{reject.Missed: {Count: g.Count, Example: batch.Shorten(g.Message)}}})
	}
	for first := 0; ; {
		events, n, err := h.part(ctx, receivedAt, first)
		if err != nil {
			return err
		}
		if first += n; first >= len(b.Candidates) {
			s.o.Stored(events, h.counters)
			return nil
		}
		s.o.Stored(events, store.Counters{})
	}
}

// part converts and appends candidates from the first one on, as many as fit into memory. It returns the events that were stored and the number of
// candidates.
func (h *hand) part(ctx context.Context, receivedAt time.Time, first int) ([]event.Event, int, error) {
	share := h.o.Memory.Share()
	defer share.Release()
	// The documents are there already: this only shows them.
	_ = share.Hold(h.fetched.Bytes)
	p := pipeline.ProcessPart(h.snapshot, receivedAt, h.fetched.Candidates[first:], share)
	if p.Alone {
		// A document that fits by itself must not be refused for the size of the batch.
		share.Release()
		p = pipeline.ProcessPart(h.snapshot, receivedAt, h.fetched.Candidates[first:], share)
	}
	h.newest(first, &p)
	for _, i := range p.Bad {
		if h.fetched.Refuse != nil {
			h.fetched.Refuse(first + i)
		}
	}
	h.counters.Add(p.Counters)
	h.counters.Accepted += int64(len(p.Events))
	to := h.snapshot.Target()
	b := store.Batch{Source: to.Source, Trust: to.Trust, Events: p.Events}
	if first+len(p.Ends) >= len(h.fetched.Candidates) {
		b.Moves, b.Counters = h.moves, h.counters
	}
	if len(b.Events) == 0 && len(b.Moves) == 0 && b.Counters.Empty() {
		return nil, len(p.Ends), nil
	}
	err := h.append(ctx, b)
	if errors.Is(err, store.ErrInvalid) {
		p.Events, err = h.withoutInvalid(ctx, b)
	}
	return p.Events, len(p.Ends), err
}

// newest sets the time of the newest event of each partition.
func (h *hand) newest(first int, p *pipeline.Part) {
	if len(h.moves) == 0 {
		return
	}
	start := 0
	for i, end := range p.Ends {
		move := 0
		if h.fetched.Partitions != nil {
			move = h.fetched.Partitions[first+i]
		}
		for e := start; e < end; e++ {
			m := &h.moves[move]
			if at := p.Events[e].Time; p.Events[e].Flags&event.FlagFuture == 0 && (m.Newest == 0 || at > m.Newest) {
				m.Newest = at
			}
		}
		start = end
	}
}

// slow waits until the rate of the source allows the batch.
func (h *hand) slow(ctx context.Context) error {
	limit := rate.Inf
	if l := h.snapshot.Config.Source.Limits; l != nil && l.MaxEventsPerSecond != nil {
		limit = rate.Limit(*l.MaxEventsPerSecond)
	}
	if h.limiter.Limit() != limit {
		h.limiter.SetLimit(limit)
	}
	return h.wait(ctx, h.limiter.ReserveN(time.Now(), min(len(h.fetched.Candidates), pull.MaxRows)).Delay())
}

// wait waits, and holds the batch in the meantime.
func (h *hand) wait(ctx context.Context, d time.Duration) error {
	for until := time.Now().Add(d); ; {
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, h.o.HoldEvery))
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
		if err := h.hold(ctx); err != nil {
			return err
		}
	}
}

func (h *hand) hold(ctx context.Context) error {
	if h.fetched.Hold == nil {
		return nil
	}
	return h.fetched.Hold(ctx)
}

// append appends until the store accepts the batch, refuses it for good, or ctx ends. The batch waits, and nothing further is read.
func (h *hand) append(ctx context.Context, b store.Batch) error {
	for failures := 0; ; failures++ {
		// An append that was sent is finished although the session ends: its result would be unknown otherwise.
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.o.AppendTimeout)
		began := time.Now()
		appended, err := h.snapshot.Appender.Append(within, b)
		cancel()
		h.o.Observe(len(b.Events), time.Since(began), appended, err)
		if err == nil {
			h.accepted()
			return nil
		}
		if errors.Is(err, store.ErrCursorMoved) || errors.Is(err, store.ErrInvalid) {
			return err
		}
		h.failed(waiting(err))
		if err := h.wait(ctx, min(h.pause(failures), h.o.HoldEvery)); err != nil {
			return err
		}
	}
}

// waiting says why the batch waits.
func waiting(err error) error {
	message := "the store is not available; what was read waits, and nothing further is read"
	switch {
	case errors.Is(err, store.ErrFull):
		message = "the store is full; what was read waits, and nothing further is read: see the condition StorageHealthy of the EventStore"
	case errors.Is(err, store.ErrCrowded):
		message = "the store has no memory for new identities; what was read waits, and nothing further is read: raise the memory of the EventStore"
	case errors.Is(err, store.ErrHeld):
		message = "a load that is being committed has some of the same events; what was read waits until it has ended, and nothing further is read"
	case errors.Is(err, store.ErrUnauthorized):
		message = "the store does not know this source's key yet; what was read waits, and nothing further is read"
	}
	return &pull.Error{Reason: pull.StoreUnavailable, Message: message, Cause: err}
}

// withoutInvalid stores a batch that the store refuses as invalid, without the events that it refuses, and returns the others: one bad event must not
// stop the source for ever. They are counted. Cursors and counters move at the end.
func (h *hand) withoutInvalid(ctx context.Context, b store.Batch) ([]event.Event, error) {
	rest := b
	rest.Moves, rest.Counters = nil, store.Counters{}
	stored, why, err := h.halves(ctx, rest)
	if err != nil {
		return nil, err
	}
	if refused := int64(len(b.Events) - len(stored)); refused > 0 {
		h.o.Log.Error("the store refused events as invalid", "events", refused, "error", why)
		h.counters.Accepted -= refused
		h.counters.Add(store.Counters{Rejected: map[string]store.Rejection{
			reject.StoreRefused: {Count: refused, Example: "the store refuses the event as invalid; the log of the pod says why"},
		}})
	}
	if len(b.Moves) == 0 && b.Counters.Empty() {
		return stored, nil
	}
	rest.Events, rest.Moves, rest.Counters = nil, b.Moves, h.counters
	if err := h.append(ctx, rest); err != nil {
		return nil, fmt.Errorf("the cursors of the batch: %w", err)
	}
	return stored, nil
}

// halves appends the events, and divides them as long as the store refuses them as invalid. It returns those that it stored, and why it refuses the
// others.
func (h *hand) halves(ctx context.Context, b store.Batch) (stored []event.Event, why, err error) {
	if len(b.Events) == 0 {
		return nil, nil, nil
	}
	err = h.append(ctx, b)
	switch {
	case err == nil:
		return b.Events, nil, nil
	case !errors.Is(err, store.ErrInvalid):
		return nil, nil, err
	case len(b.Events) == 1:
		return nil, err, nil
	}
	half := len(b.Events) / 2
	for _, events := range [][]event.Event{b.Events[:half], b.Events[half:]} {
		part := b
		part.Events = events
		some, reason, err := h.halves(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		stored = append(stored, some...)
		if reason != nil {
			why = reason
		}
	}
	return stored, why, nil
}
