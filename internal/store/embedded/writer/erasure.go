// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
)

// BeginErasure starts an erasure: from now on, appends of the persons with the identities, or of only the identities, are dropped. It erases nobody
// outside planned; nil allows all. It returns the erasure with everything that it contains.
func (w *Writer) BeginErasure(e catalog.Erasure, ids []event.Identity, planned map[event.Anchor]bool) (catalog.Erasure, error) {
	defer w.lockManifest()()
	people := w.catalog.People()
	for _, id := range ids {
		members := []event.Anchor{id.Anchor()}
		if !e.Alone {
			members = people.Members(id.Anchor())
		}
		if err := beyond(members, planned); err != nil {
			return catalog.Erasure{}, err
		}
		for _, m := range members {
			if slices.Contains(e.Anchors, m) {
				continue
			}
			e.Anchors = append(e.Anchors, m)
			if people.Knows(m) {
				e.Done.Identities++
			}
		}
	}
	tombstones := w.tombstones.with(append(slices.Clip(e.Anchors), e.Forms...))
	err := w.change(func(m *catalog.Manifest) { m.Erasing, m.Tombstones = &e, tombstones.list() })
	if err != nil {
		return catalog.Erasure{}, err
	}
	w.tombstones = tombstones
	return e, nil
}

// EndErasure removes the erasure from the manifest and adds its receipt, atomically.
func (w *Writer) EndErasure(e *catalog.Erasure) error {
	defer w.lockManifest()()
	return w.change(func(m *catalog.Manifest) {
		m.Erasing = nil
		if e.Receipt != nil {
			r := *e.Receipt
			r.At, r.Erased = w.options.Clock().UnixMicro(), e.Done
			m.Receipts = append(slices.Clip(m.Receipts), r)
		}
	})
}

// beyond returns an error if identities would be erased that are not in the plan; a nil plan allows all.
func beyond(members []event.Anchor, planned map[event.Anchor]bool) error {
	if planned == nil {
		return nil
	}
	for _, m := range members {
		if !planned[m] {
			return fmt.Errorf("%w: an identity was linked to the person after the plan was made. Make a new plan", store.ErrInvalid)
		}
	}
	return nil
}
