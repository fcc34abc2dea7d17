// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// plan decides what of a batch is stored. The keys of stored events enter the index at once, so that the next batch of
// the group sees them; unplan takes them out when the group cannot be written.
func (s *Store) plan(p *pending, seq, at int64) (*commit, error) {
	c := &commit{
		seq: seq, at: at, source: p.batch.Source, cursor: p.batch.Cursor, counters: p.batch.Counters, trust: p.batch.Trust,
		events: p.batch.Events[:0], indexes: make([]int32, 0, len(p.batch.Events)),
	}
	if c.cursor != nil {
		c.cursor = append([]byte{}, c.cursor...)
	}
	horizon := s.horizon(at)
	for i := range p.batch.Events {
		e := p.batch.Events[i]
		c.newestReceived = max(c.newestReceived, e.ReceivedAt)
		stored, err := s.admit(c, &e, horizon)
		if err != nil {
			s.unplan(c)
			return nil, err
		}
		if stored {
			c.events, c.indexes = append(c.events, e), append(c.indexes, int32(i))
		}
	}
	c.answer.Seq = seq
	return c, nil
}

// admit tells whether the event is stored, or counts why not. Identities of erased persons are taken off the events of others.
func (s *Store) admit(c *commit, e *event.Event, horizon int64) (bool, error) {
	if s.tombstones.has(e.Anchor()) {
		c.answer.Erased++
		return false, nil
	}
	key := e.Key()
	known, err := s.keys.has(key)
	switch {
	case err != nil:
		return false, err
	case known:
		c.answer.Duplicates++
		return false, nil
	case e.Time < horizon:
		c.answer.Expired++
		return false, nil
	}
	if !s.tombstones.empty() {
		e.Identities = slices.DeleteFunc(slices.Clone(e.Identities), func(id event.Identity) bool { return s.tombstones.has(id.Anchor()) })
	}
	s.keys.put(key, c.seq)
	return true, nil
}

func (s *Store) unplan(c *commit) {
	for i := range c.events {
		s.keys.remove(c.events[i].Key())
	}
}

// horizon is the time before which events are expired.
func (s *Store) horizon(now int64) int64 {
	h := s.manifest.Horizon
	if s.options.Retention > 0 {
		h = max(h, now-s.options.Retention.Microseconds())
	}
	return h
}
