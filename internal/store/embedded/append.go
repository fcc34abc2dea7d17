// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// pending is an append that waits for its group to be written.
type pending struct {
	batch store.Batch
	size  int64
	done  chan outcome
}

type outcome struct {
	answer store.Appended
	err    error
}

// Append returns when the batch is on the disk. Appends that come at the same time share one write and one sync.
func (s *Store) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	if err := ctx.Err(); err != nil {
		return store.Appended{}, unavailable(err.Error())
	}
	if err := b.Check(); err != nil {
		return store.Appended{}, err
	}
	if b.Empty() {
		return store.Appended{}, nil
	}
	p := &pending{batch: b, size: sizeOf(&b), done: make(chan outcome, 1)}
	p.batch.Events = normalized(b.Events)
	if s.pendingBytes.Add(p.size) > s.options.MaxPendingBytes && p.size < s.pendingBytes.Load() {
		s.pendingBytes.Add(-p.size)
		return store.Appended{}, unavailable("too many batches wait for the disk")
	}
	if err := s.enqueue(ctx, p); err != nil {
		s.pendingBytes.Add(-p.size)
		return store.Appended{}, err
	}
	select {
	case o := <-p.done:
		return o.answer, o.err
	case <-ctx.Done():
		return store.Appended{}, unavailable(ctx.Err().Error())
	}
}

func (s *Store) enqueue(ctx context.Context, p *pending) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.queue <- p:
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err().Error())
	}
}

func unavailable(why string) error { return fmt.Errorf("%w: %s", store.ErrUnavailable, why) }

// normalized gives a copy with normalised identities; the caller's events stay as they are.
func normalized(events []event.Event) []event.Event {
	out := slices.Clone(events)
	for i := range out {
		if len(out[i].Identities) > 1 {
			out[i].Identities = slices.Clone(out[i].Identities)
			out[i].Normalize()
		}
	}
	return out
}

func sizeOf(b *store.Batch) int64 {
	n := 256 + len(b.Cursor)
	for i := range b.Events {
		e := &b.Events[i]
		n += 256 + len(e.Traits) + len(e.Groups) + len(e.Items) + len(e.Properties) + len(e.ID) + 64*len(e.Identities)
	}
	return int64(n)
}

// Cursor of a pull source.
func (s *Store) Cursor(_ context.Context, source string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sources.cursor(source), nil
}
