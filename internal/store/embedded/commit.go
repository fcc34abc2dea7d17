// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Bounds of a group: more batches wait for the next one.
const (
	maxGroup      = 1024
	maxGroupBytes = 16 << 20
)

// runCommits writes groups until the queue is closed.
func (s *Store) runCommits() {
	defer s.wait.Done()
	var buffer []byte
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
		outcomes := s.commitGroup(group, &buffer)
		s.pendingBytes.Add(-size)
		for i, p := range group {
			p.done <- outcomes[i]
		}
	}
}

// commitGroup makes the batches durable with one write and one sync, and only then visible.
func (s *Store) commitGroup(group []*pending, buffer *[]byte) []outcome {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	outcomes := make([]outcome, len(group))
	commits, body, err := s.planGroup(group, outcomes, beginRecord(*buffer))
	*buffer = body
	if err == nil && len(commits) > 0 {
		err = s.writeGroup(commits, body)
	}
	if err != nil {
		for _, c := range commits {
			s.unplan(c)
		}
		return failed(group, err)
	}
	s.publish(commits, int64(len(body)))
	for i, n := 0, 0; i < len(group); i++ {
		if outcomes[i].err == nil {
			outcomes[i].answer = commits[n].answer
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
func (s *Store) planGroup(group []*pending, outcomes []outcome, body []byte) ([]*commit, []byte, error) {
	if err := s.writable(); err != nil {
		return nil, body, err
	}
	at := s.options.Clock().UnixMicro()
	commits := make([]*commit, 0, len(group))
	gate := s.gate(group)
	for i, p := range group {
		c, err := s.plan(p, s.seq+1+int64(len(commits)), at)
		if err != nil {
			return commits, body, unavailable(err.Error())
		}
		if err := gate.Refuse(c.source, s.public(c), c.events, c.indexes); err != nil {
			s.unplan(c)
			s.countRefused(c.source, err)
			outcomes[i].err = err
			continue
		}
		commits = append(commits, c)
		if body, err = appendCommit(body, c); err != nil {
			return commits, body, unavailable(err.Error())
		}
	}
	return commits, finishRecord(body, record{kind: kindCommits, epoch: s.volume.Epoch(), seq: s.seq + 1, at: at, count: uint32(len(commits))}), nil
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
func (s *Store) public(c *commit) bool {
	known := store.Trust{}
	if m := s.sources[c.source]; m != nil {
		known = m.Trust
	}
	return c.trust.After(known).Public
}

// writeGroup writes the record. After any error the segment is given up: whether its last record is on the disk is not known, and
// a second sync of the same file could claim that it is. The next segment's head says that it does not count.
func (s *Store) writeGroup(commits []*commit, body []byte) error {
	if s.writer == nil {
		if err := s.openSegment(); err != nil {
			return volume.WriteError(err)
		}
	}
	if err := s.writer.write(body); err != nil {
		s.abandon()
		return volume.WriteError(err)
	}
	s.writer.lastSeq = commits[len(commits)-1].seq
	if s.writer.size >= s.options.SegmentBytes {
		s.endSegment()
	}
	return nil
}

// endSegment closes the current segment, which gets no more. The commit lock is held.
func (s *Store) endSegment() {
	if s.writer == nil {
		return
	}
	if err := s.writer.end(); err != nil {
		// All commits in it were synced before; only the end record is missing.
		s.options.Logger.Error("a segment of the log could not be ended", "error", err)
	}
	s.segments = append(s.segments, s.writer.segment)
	s.writer = nil
}

func (s *Store) openSegment() error {
	s.segmentNumber++
	w, err := newSegment(s.volume, s.segmentNumber, s.seq+1)
	s.writer = w
	return err
}

func (s *Store) abandon() {
	s.options.Logger.Error("a segment of the log is given up after a failed write", "segment", s.writer.name)
	_ = s.writer.file.Close()
	s.segments = append(s.segments, s.writer.segment)
	s.writer = nil
}

// publish lets scans see the commits.
func (s *Store) publish(commits []*commit, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range commits {
		s.applyCommit(c, bytes/int64(len(commits)))
	}
}

// applyCommit is what a commit changes in memory; recovery does the same.
func (s *Store) applyCommit(c *commit, bytes int64) {
	edges := make([]identity.Edge, 0, len(c.events))
	for i := range c.events {
		edges = append(edges, identity.EdgesOf(&c.events[i])...)
	}
	s.sources.apply(c)
	source, before := &s.sources[c.source].State, s.people.Entries()
	s.people.Add(c.seq, identity.Source{Name: c.source, Public: source.Public}, edges)
	source.NewIdentities += s.people.Entries() - before
	s.tail.add(c, bytes, s.people)
	s.seq = c.seq
}
