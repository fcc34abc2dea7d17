// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// mergeFiles merges files of a month if it has many of similar size, and all of them once the month is over. Rows of persons that were joined in the
// meantime become adjacent. It also rewrites at most one file because many of its rows belong to other persons by now.
func (c *Compactor) mergeFiles(ctx context.Context) error {
	if err := c.mergeGroups(ctx); err != nil {
		return err
	}
	return c.moveOut(ctx)
}

func (c *Compactor) currentMonth() string { return c.options.Clock().UTC().Format("2006-01") }

func (c *Compactor) mergeGroups(ctx context.Context) error {
	for {
		group := mergeGroup(c.catalog.Parts())
		if len(group) == 0 {
			group = closedGroup(c.catalog.Parts(), c.currentMonth())
		}
		if len(group) == 0 {
			return nil
		}
		if err := c.merge(ctx, group); err != nil {
			return err
		}
	}
}

// MergeAll flushes the log and merges the files of each month into one, or a few large ones. The background loop does only as much as is worthwhile;
// this is for imports that are read many times.
func (c *Compactor) MergeAll(ctx context.Context) error {
	end, err := c.begin()
	if err != nil {
		return err
	}
	defer end()
	if err := c.flush(ctx); err != nil {
		return err
	}
	months := map[string][]*part.Part{}
	for _, p := range c.catalog.Parts() {
		months[p.Month] = append(months[p.Month], p)
	}
	for _, group := range months {
		if len(group) > 1 {
			if err := c.merge(ctx, group); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Compactor) merge(ctx context.Context, group []*part.Part) error {
	return c.replace(ctx, group, rewrite.All)
}

// replace replaces files of one month by selections of their rows, one after the other. It flushes the log in between if a segment is full, so that
// the log does not get too long.
func (c *Compactor) replace(ctx context.Context, group []*part.Part, choices ...rewrite.Choice) error {
	session, err := c.session()
	if err != nil {
		return err
	}
	var tasks []rewrite.Task
	for _, choice := range choices {
		tasks = append(tasks, rewrite.Task{Parts: group, Choice: choice})
	}
	written, err := session.RewriteAll(ctx, tasks, c.keepPace)
	if err != nil {
		return err
	}
	change := c.catalog.Change()
	change.Files = append(part.Without(change.Files, group), written...)
	return c.writer.Install(change, writer.Cut{})
}

// moveOut splits the file with the largest share of moved rows, if that is large, into two: the rows that stayed, whose range of persons is
// unchanged, and the others, which are merged with files of their size later. It handles one file at a time to limit the work. Files of a month that
// is over are merged instead.
func (c *Compactor) moveOut(ctx context.Context) error {
	p := mostMoved(c.catalog.Parts(), c.currentMonth())
	if p == nil {
		return nil
	}
	return c.replace(ctx, []*part.Part{p}, rewrite.Stayed, rewrite.Moved)
}

// keepPace flushes the log if a segment is full, so that it does not get too long while files are merged.
func (c *Compactor) keepPace(ctx context.Context) error {
	if c.catalog.Memtable().Bytes() < c.options.SegmentBytes {
		return nil
	}
	return c.flush(ctx)
}
