// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// Retain removes the events before the instant: files that are completely older are unlinked, and those of the month that contains it are rewritten.
// Older events that arrive later count as expired.
func (c *Compactor) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	end, err := c.begin()
	if err != nil {
		return store.Retained{}, err
	}
	defer end()
	answer, err := c.retain(ctx, before.UnixMicro(), true)
	if err != nil {
		return store.Retained{}, volume.WriteError(err)
	}
	return answer, nil
}

// DropExpired unlinks files that are completely beyond the retention. It never rewrites files.
func (c *Compactor) DropExpired(ctx context.Context) error {
	end, err := c.begin()
	if err != nil {
		return err
	}
	defer end()
	_, err = c.retain(ctx, c.options.Clock().Add(-c.options.Retention).UnixMicro(), false)
	return err
}

func (c *Compactor) retain(ctx context.Context, before int64, exact bool) (store.Retained, error) {
	end, err := c.beginRemoving(ctx)
	if err != nil {
		return store.Retained{}, err
	}
	defer end()
	if err := c.writer.RaiseHorizon(before); err != nil {
		return store.Retained{}, err
	}
	if err := c.flush(ctx); err != nil {
		return store.Retained{}, err
	}
	var gone, split []*part.Part
	for _, p := range c.catalog.Parts() {
		switch {
		case p.MaxTime < before:
			gone = append(gone, p)
		case p.MinTime < before && exact:
			split = append(split, p)
		}
	}
	if len(gone)+len(split) == 0 {
		return store.Retained{}, nil
	}
	change := c.catalog.Change()
	old := part.Rows(change.Files)
	change.Files = part.Without(change.Files, append(gone, split...))
	if err := c.splitFiles(ctx, change, split, before); err != nil {
		return store.Retained{}, err
	}
	if err := c.hold(ctx, change, gone, split, rewrite.Before(before)); err != nil {
		return store.Retained{}, err
	}
	answer := store.Retained{Events: old - part.Rows(change.Files), Files: int64(len(gone))}
	return answer, c.writer.Install(change, writer.Cut{})
}

func (c *Compactor) splitFiles(ctx context.Context, change *catalog.Manifest, parts []*part.Part, before int64) error {
	if len(parts) == 0 {
		return nil
	}
	session, err := c.session()
	if err != nil {
		return err
	}
	written, err := session.RewriteAll(ctx, eachAlone(parts, rewrite.Since(before)), nil)
	change.Files = append(change.Files, written...)
	return err
}

// eachAlone rewrites parts one by one, with the same choice.
func eachAlone(parts []*part.Part, choice rewrite.Choice) []rewrite.Task {
	var tasks []rewrite.Task
	for _, p := range parts {
		tasks = append(tasks, rewrite.Task{Parts: []*part.Part{p}, Choice: choice})
	}
	return tasks
}
