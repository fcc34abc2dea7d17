// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// Find decodes the identities of all events of some files. It returns the identities that have one of the anchors, and the files that contain them or
// have rows under their numbers. The identity table only has anchors; the values are in the events. Damaged files are an error, because they can hide
// an identity.
func (f *Files) Find(ctx context.Context, parts []*part.Part, anchors []event.Anchor) (values []event.Identity, holders []*part.Part, err error) {
	found := map[event.Identity]bool{}
	wanted := anchorSet(anchors)
	for _, p := range parts {
		s := search{ctx: ctx, wanted: wanted, found: found}
		if err := p.Verify(); err != nil {
			return nil, nil, err
		}
		if err := p.Each([]block.Want{{Name: store.ColumnIdentities, Kind: block.Text}}, s.block); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		if s.holds {
			holders = append(holders, p)
		}
	}
	for id := range found {
		values = append(values, id)
	}
	slices.SortFunc(values, event.CompareIdentities)
	return values, holders, nil
}

// search searches a file for the identities to erase.
type search struct {
	ctx    context.Context //nolint:containedctx // it is that of the one call that the search serves
	wanted map[uint64]bool
	found  map[event.Identity]bool
	holds  bool
	last   string
}

func (s *search) block(b *block.Block, anchors *block.Runs) error {
	// Rows of somebody who was one person with them when the file was written are still under their number.
	s.holds = s.holds || slices.ContainsFunc(b.Persons.Values, func(v uint64) bool { return s.wanted[v] }) ||
		slices.ContainsFunc(anchors.Values, func(v uint64) bool { return s.wanted[v] })
	for _, packed := range b.Columns[0].Dict {
		if packed == s.last {
			continue
		}
		s.last = packed
		if err := event.EachIdentity(packed, s.identity); err != nil {
			return err
		}
	}
	s.last = "" // It is invalid after the block.
	return s.ctx.Err()
}

func (s *search) identity(typ, value string) {
	id := event.Identity{Type: typ, Value: value}
	if s.wanted[uint64(id.Anchor())] {
		s.found[event.Identity{Type: strings.Clone(typ), Value: strings.Clone(value)}], s.holds = true, true
	}
}

// Count returns the number of events in some files that belong to the anchors.
func (f *Files) Count(ctx context.Context, parts []*part.Part, anchors []event.Anchor) (int64, error) {
	wanted, n := anchorSet(anchors), int64(0)
	for _, p := range parts {
		if err := p.Verify(); err != nil {
			return 0, err
		}
		err := p.Each(nil, func(_ *block.Block, of *block.Runs) error {
			before := int32(0)
			for i, a := range of.Values {
				if wanted[a] {
					n += int64(of.Ends[i] - before)
				}
				before = of.Ends[i]
			}
			return ctx.Err()
		})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return n, nil
}
