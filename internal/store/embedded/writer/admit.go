// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
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
	for i := range p.batch.Events {
		e := p.batch.Events[i]
		c.NewestReceived = max(c.NewestReceived, e.ReceivedAt)
		stored, err := w.admit(c, &e, horizon)
		if err != nil {
			w.unplan(c)
			return nil, err
		}
		if stored {
			c.Events, c.Indexes = append(c.Events, e), append(c.Indexes, int32(i))
		}
	}
	c.Answer.Seq = seq
	return c, nil
}

// errReserved refuses a batch. If the event were stored, the load would have to be written again without it; if it were a duplicate, it would be lost
// when the load fails.
var errReserved = unavailable("an event of the batch is also in a load that is being committed; retry when that has ended")

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
	if reserved, err := w.keys.Reserved(key); reserved || err != nil {
		return false, errors.Join(err, errReserved)
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
