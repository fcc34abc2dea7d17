// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// proveErased decodes every file of the store, with a reader that is independent of the one that erased, and searches for the anchors. It returns the
// number of files.
func (c *Compactor) proveErased(ctx context.Context, anchors []event.Anchor) (int64, error) {
	holders, err := c.files.Holders(ctx, c.catalog.Parts(), anchors)
	if err != nil {
		return 0, err
	}
	if len(holders) > 0 {
		return 0, fmt.Errorf("the erased person is still in %s", holders[0].Name)
	}
	if err := c.provePinless(); err != nil {
		return 0, err
	}
	checked := int64(len(c.catalog.Manifest().Files))
	n, err := c.writer.ProveLog(anchors)
	if err != nil {
		return 0, err
	}
	checked += n
	b, err := c.volume.ReadFile(c.volume.Path(volume.Identity, c.catalog.Manifest().Identity))
	if err != nil {
		return 0, err
	}
	table, err := persons.Restore(bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	for _, a := range anchors {
		if table.Remove(a) {
			return 0, errors.New("the erased person is still in the identity table")
		}
	}
	return checked + 1, nil
}
