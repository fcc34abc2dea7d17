// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// sortTail makes sorted files of the log. A crash at any point leaves the old manifest with the log, or the new one.
func (s *Store) sortTail(ctx context.Context) error {
	if s.catalog.Seq() == s.catalog.Manifest().Seq {
		return nil
	}
	c := s.writer.Cut()
	files, err := s.flush(ctx, c.Runs)
	if err != nil {
		return err
	}
	change := s.catalog.Change()
	change.Seq, change.Sources = c.Seq, c.Sources
	change.Files = append(change.Files, files...)
	return s.writer.Install(change, c)
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
	view, err := s.catalog.People().View(0)
	if err != nil {
		return nil, err
	}
	return s.files.Open(ctx, view)
}
