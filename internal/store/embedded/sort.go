// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// cut is the log up to a commit, as sortTail turns it into files.
type cut struct {
	seq, bytes int64
	runs       []*run.Run
	sources    []sourceMeta
	keys       []event.Key
}

// cutLog ends the current segment, so that everything up to the newest commit is in segments that get no more.
func (s *Store) cutLog() cut {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	s.log.EndSegment()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := cut{seq: s.seq, sources: s.sources.list(), keys: s.keys.UpTo(s.seq)}
	c.runs, c.bytes = s.memtable.Cut(s.seq)
	return c
}

// sortTail makes sorted files of the log. A crash at any point leaves the old manifest with the log, or the new one.
func (s *Store) sortTail(ctx context.Context) error {
	if s.newestSeq() == s.manifest.Seq {
		return nil
	}
	c := s.cutLog()
	files, err := s.flush(ctx, c.runs)
	if err != nil {
		return err
	}
	change := s.change()
	change.Seq, change.Sources = c.seq, c.sources
	change.Files = append(change.Files, files...)
	return s.install(change, c)
}

func (s *Store) newestSeq() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seq
}

func (s *Store) flush(ctx context.Context, runs []*run.Run) ([]part.Meta, error) {
	session, err := s.rewriting(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.Flush(ctx, runs)
}

// rewriting begins to write files by the persons of now.
func (s *Store) rewriting(ctx context.Context) (*rewrite.Session, error) {
	view, err := s.people.View(0)
	if err != nil {
		return nil, err
	}
	return s.files.Open(ctx, view)
}

// change gives a copy of the manifest to work on.
func (s *Store) change() *manifest {
	m := *s.manifest
	m.Number++
	m.Files = slices.Clone(m.Files)
	return &m
}
