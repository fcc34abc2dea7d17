// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Split separates an identity from its person. The manifest has the pairs that are kept apart, and the commit after which they apply, before the
// split is visible. A crash thus leaves the persons before or after the split, with the same version numbers. The next file of the identity table
// contains the pairs, which are then removed from the manifest.
func (c *Compactor) Split(ctx context.Context, r store.SplitRequest) (store.Parted, error) {
	if err := r.Check(); err != nil {
		return store.Parted{}, err
	}
	end, err := c.begin()
	if err != nil {
		return store.Parted{}, err
	}
	defer end()
	parted, answer, err := c.writer.Split(r)
	if err != nil {
		return store.Parted{}, err
	}
	if answer.Events, err = c.eventsOf(ctx, parted.Moved); err != nil {
		return store.Parted{}, fmt.Errorf("%w: the split is done, but its events could not be counted: %w", store.ErrUnavailable, err)
	}
	return answer, nil
}

// eventsOf counts the events that belong to the anchors.
func (c *Compactor) eventsOf(ctx context.Context, anchors []event.Anchor) (int64, error) {
	if len(anchors) == 0 {
		return 0, nil
	}
	wanted := make(map[uint64]bool, len(anchors))
	for _, a := range anchors {
		wanted[uint64(a)] = true
	}
	n := int64(0)
	for _, r := range c.catalog.Memtable().Runs(c.catalog.Seq()) {
		for i := range r.Blocks() {
			_, of := r.Anchors(i)
			before := int32(0)
			for j, a := range of.Values {
				if wanted[a] {
					n += int64(of.Ends[j] - before)
				}
				before = of.Ends[j]
			}
		}
	}
	stored, err := c.files.Count(ctx, c.catalog.Parts(), anchors)
	return n + stored, err
}
