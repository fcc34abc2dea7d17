// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// cursors are those of the catalog, advanced by the commits of a group that are not written yet.
type cursors struct {
	catalog *catalog.Catalog
	moved   map[string]store.Cursors
}

func (c *cursors) of(source string) store.Cursors {
	if own, ok := c.moved[source]; ok {
		return own
	}
	return c.catalog.Cursors(source)
}

// check checks the batch as store.Cursors.Check does.
func (c *cursors) check(b *store.Batch) (known bool, err error) {
	if len(b.Moves) == 0 {
		return false, nil
	}
	return c.of(b.Source).Check(b.Moves)
}

// move applies the moves of a planned commit.
func (c *cursors) move(commit *wal.Commit) {
	if len(commit.Moves) == 0 {
		return
	}
	if c.moved == nil {
		c.moved = map[string]store.Cursors{}
	}
	c.moved[commit.Source] = c.of(commit.Source).After(commit.Moves, commit.At)
}
