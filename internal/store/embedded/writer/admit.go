// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// plan decides what of a batch is stored. The keys of stored events are added to the index at once, so that the next batch of the group sees them.
// unplan removes them if the group cannot be written.
func (w *Writer) plan(p *pending, seq, at int64) (*wal.Commit, error) {
	c := &wal.Commit{
		Seq: seq, At: at, Source: p.batch.Source, Moves: p.batch.Moves, Counters: p.batch.Counters, Trust: p.batch.Trust, Import: p.batch.Import,
		Events: p.batch.Events[:0], Indexes: make([]int32, 0, len(p.batch.Events)),
	}
	horizon := w.horizon(at)
	var held []int32
	for i := range p.batch.Events {
		e := p.batch.Events[i]
		c.NewestReceived = max(c.NewestReceived, e.ReceivedAt)
		stored, err := w.admit(c, &e, horizon)
		if errors.Is(err, errReserved) {
			held = append(held, int32(i))
			continue
		}
		if err != nil {
			w.unplan(c)
			return nil, err
		}
		if stored {
			c.Events, c.Indexes = append(c.Events, e), append(c.Indexes, int32(i))
		}
	}
	if len(held) > 0 {
		w.unplan(c)
		return nil, &store.HeldError{Held: held, Why: fmt.Sprintf("that is being committed; send %d of %d again when that has ended", len(held), len(p.batch.Events))}
	}
	c.Answer.Seq = seq
	return c, nil
}

// errReserved refuses an event. If it were stored, the load would have to be written again without it; if it were a duplicate, it would be lost when the
// load fails.
var errReserved = errors.New("the event is in a load")

// admit reports whether the event is stored, or counts why not. Identities of erased persons are removed from the events of others.
func (w *Writer) admit(c *wal.Commit, e *event.Event, horizon int64) (bool, error) {
	if w.tombstones.has(e.Anchor()) {
		c.Answer.Erased++
		return false, nil
	}
	key := e.Key()
	known, err := w.keys.Has(key)
	switch {
	case err != nil:
		return false, err
	case known:
		c.Answer.Duplicates++
		return false, nil
	case e.Time < horizon:
		c.Answer.Expired++
		return false, nil
	}
	switch reserved, err := w.keys.Reserved(key); {
	case err != nil:
		return false, err
	case reserved:
		return false, errReserved
	}
	if !w.tombstones.empty() {
		e.Identities = slices.DeleteFunc(slices.Clone(e.Identities), func(id event.Identity) bool { return w.tombstones.has(id.Anchor()) })
	}
	w.keys.Put(key, c.Seq)
	return true, nil
}

func (w *Writer) unplan(c *wal.Commit) {
	for i := range c.Events {
		w.keys.Remove(c.Events[i].Key())
	}
}

// horizon returns the time before which events are expired.
func (w *Writer) horizon(now int64) int64 {
	h := w.catalog.Manifest().Horizon
	if w.options.Retention > 0 {
		h = max(h, now-w.options.Retention.Microseconds())
	}
	return h
}
