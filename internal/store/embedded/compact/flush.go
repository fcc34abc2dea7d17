// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// flush writes the log as sorted files. A crash at any point leaves the old manifest with the log, or the new one.
func (c *Compactor) flush(ctx context.Context) error {
	if c.catalog.Seq() == c.catalog.Manifest().Seq {
		return nil
	}
	cut := c.writer.Cut()
	files, err := c.write(ctx, cut.Runs)
	if err != nil {
		return err
	}
	change := c.catalog.Change()
	change.Seq, change.Sources = cut.Seq, cut.Sources
	change.SettleLoads()
	change.Files = append(change.Files, files...)
	return c.writer.Install(change, cut)
}

func (c *Compactor) write(ctx context.Context, runs []*run.Run) ([]part.Meta, error) {
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	return session.Flush(ctx, runs)
}

// session starts writing files by the current persons.
func (c *Compactor) session() (*rewrite.Session, error) {
	view, err := c.catalog.People().View(0)
	if err != nil {
		return nil, err
	}
	return c.files.At(view), nil
}
