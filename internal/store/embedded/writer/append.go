// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"context"
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
	// known is set if the batch was stored before, and answer is the result for it.
	known bool
}

// Append returns once the batch is on disk. Concurrent appends share one write and one sync.
func (w *Writer) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
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
	if w.pendingBytes.Add(p.size) > w.options.MaxPendingBytes && p.size < w.pendingBytes.Load() {
		w.pendingBytes.Add(-p.size)
		return store.Appended{}, unavailable("too many batches wait for the disk")
	}
	if err := w.enqueue(ctx, p); err != nil {
		w.pendingBytes.Add(-p.size)
		return store.Appended{}, err
	}
	select {
	case o := <-p.done:
		return o.answer, o.err
	case <-ctx.Done():
		return store.Appended{}, unavailable(ctx.Err().Error())
	}
}

func (w *Writer) enqueue(ctx context.Context, p *pending) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- p:
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err().Error())
	}
}

// normalized returns a copy with normalised identities. The caller's events do not change.
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
	n := 256
	for i := range b.Moves {
		n += 64 + len(b.Moves[i].Partition) + len(b.Moves[i].Expected) + len(b.Moves[i].Next)
	}
	for i := range b.Events {
		e := &b.Events[i]
		n += 256 + len(e.Traits) + len(e.Groups) + len(e.Items) + len(e.Properties) + len(e.ID) + 64*len(e.Identities)
	}
	return int64(n)
}
