// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// sources is the state of each source. The lock of the catalog guards it.
type sources map[string]*Source

func newSources(list []Source) sources {
	s := sources{}
	for _, m := range list {
		m.State.Counters.Rejected = maps.Clone(m.State.Counters.Rejected)
		s[m.State.Name] = &m
	}
	return s
}

// apply adds a commit.
func (s sources) apply(c *wal.Commit) { s.applyStored(c, int64(len(c.Events))) }

// applyStored adds a commit that has stored that many events, of which it has none or all.
func (s sources) applyStored(c *wal.Commit, stored int64) {
	m := s[c.Source]
	if m == nil {
		m = &Source{State: store.SourceState{Name: c.Source}}
		s[c.Source] = m
	}
	m.Trust = c.Trust.After(m.Trust)
	m.State.Public = m.Trust.Public
	m.State.Counters.Add(c.Counters)
	m.Origins = m.Origins.Note(store.Noted{
		Seq: c.Seq, At: c.At, Import: c.Import, UID: m.Trust.UID, Events: stored, Duplicates: c.Answer.Duplicates, Before: m.State.Duplicates,
	})
	m.State.Duplicates += c.Answer.Duplicates
	m.State.Expired += c.Answer.Expired
	m.State.Erased += c.Answer.Erased
	m.State.NewestReceivedAt = max(m.State.NewestReceivedAt, c.NewestReceived)
	for i := range c.Events {
		m.State.Seen(&c.Events[i])
	}
	m.Cursors = m.Cursors.After(c.Moves, c.At)
}

// shares returns the shares of the sources in the identities.
func (s sources) shares(limit int64) *store.Shares {
	shares := store.NewShares(limit)
	for _, m := range s {
		shares.Add(&m.State)
	}
	return shares
}

// list returns a copy, sorted by name.
func (s sources) list() []Source {
	var list []Source
	for _, name := range slices.Sorted(maps.Keys(s)) {
		m := *s[name]
		m.State.Counters.Rejected = maps.Clone(m.State.Counters.Rejected)
		list = append(list, m)
	}
	return list
}
