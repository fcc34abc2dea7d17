// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Bounds of a group: more batches wait for the next one.
const (
	maxGroup      = 1024
	maxGroupBytes = 16 << 20
)

// runCommits writes groups until the queue is closed.
func (s *Store) runCommits() {
	defer s.wait.Done()
	for p := range s.queue {
		group, size := []*pending{p}, p.size
		for len(group) < maxGroup && size < maxGroupBytes {
			var more bool
			select {
			case p, more = <-s.queue:
			default:
			}
			if !more {
				break
			}
			group, size = append(group, p), size+p.size
		}
		outcomes := s.commitGroup(group)
		s.pendingBytes.Add(-size)
		for i, p := range group {
			p.done <- outcomes[i]
		}
	}
}

// commitGroup makes the batches durable with one write and one sync, and only then visible.
func (s *Store) commitGroup(group []*pending) []outcome {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	outcomes := make([]outcome, len(group))
	commits, err := s.planGroup(group, outcomes)
	bytes := int64(0)
	if err == nil && len(commits) > 0 {
		if bytes, err = s.log.Write(commits); err != nil {
			err = volume.WriteError(err)
		}
	}
	if err != nil {
		for _, c := range commits {
			s.unplan(c)
		}
		return failed(group, err)
	}
	s.publish(commits, bytes)
	for i, n := 0, 0; i < len(group); i++ {
		if outcomes[i].err == nil {
			outcomes[i].answer = commits[n].Answer
			n++
		}
	}
	if s.tailBytes() >= s.options.SegmentBytes {
		s.kick()
	}
	return outcomes
}

func failed(group []*pending, err error) []outcome {
	outcomes := make([]outcome, len(group))
	for i := range outcomes {
		outcomes[i].err = err
	}
	return outcomes
}

// planGroup gives the commits of a group. A batch that brings identities for which there is no memory is left out, with its own outcome.
func (s *Store) planGroup(group []*pending, outcomes []outcome) ([]*wal.Commit, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	at := s.options.Clock().UnixMicro()
	commits := make([]*wal.Commit, 0, len(group))
	gate := s.gate(group)
	for i, p := range group {
		c, err := s.plan(p, s.seq+1+int64(len(commits)), at)
		if err != nil {
			return commits, unavailable(err.Error())
		}
		if err := gate.Refuse(c.Source, s.public(c), c.Events, c.Indexes); err != nil {
			s.unplan(c)
			s.countRefused(c.Source, err)
			outcomes[i].err = err
			continue
		}
		commits = append(commits, c)
	}
	return commits, nil
}

func (s *Store) gate(group []*pending) *store.Gate {
	coming := int64(0)
	for _, p := range group {
		coming += store.MostEntries(p.batch.Events)
	}
	return store.NewGate(s.people, s.sources.shares(s.options.MaxIdentities), coming)
}

// countRefused counts the events of a source that a gate refused.
func (s *Store) countRefused(source string, err error) {
	var crowded *store.CrowdedError
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.sources[source]; m != nil && errors.As(err, &crowded) {
		m.State.RefusedNewcomers += int64(len(crowded.Refused))
	}
}

// public tells whether the commit will be of a public source.
func (s *Store) public(c *wal.Commit) bool {
	known := store.Trust{}
	if m := s.sources[c.Source]; m != nil {
		known = m.Trust
	}
	return c.Trust.After(known).Public
}

// publish lets scans see the commits.
func (s *Store) publish(commits []*wal.Commit, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range commits {
		s.applyCommit(c, bytes/int64(len(commits)))
	}
}

// applyCommit is what a commit changes in memory; recovery does the same.
func (s *Store) applyCommit(c *wal.Commit, bytes int64) {
	edges := make([]identity.Edge, 0, len(c.Events))
	for i := range c.Events {
		edges = append(edges, identity.EdgesOf(&c.Events[i])...)
	}
	s.sources.apply(c)
	source, before := &s.sources[c.Source].State, s.people.Entries()
	s.people.Add(c.Seq, identity.Source{Name: c.Source, Public: source.Public}, edges)
	source.NewIdentities += s.people.Entries() - before
	s.memtable.Add(c.Seq, c.Events, c.Indexes, bytes)
	s.seq = c.Seq
}
