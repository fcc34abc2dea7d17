// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// Erase removes the person who has the identity. A crash can happen between any of these steps:
//
//  1. Write a manifest with tombstones for all identities of the person. From now on, nothing of them is accepted.
//  2. End all pins and the loads that have events of them, remove their files, and flush the log into sorted files, so that it contains nothing of them.
//  3. Rewrite the sorted files that contain them, without them, and remove their identities from the events of others.
//  4. Write one manifest with the new files and an identity table without them, then remove the old files.
//  5. Decode and search every file. If anything of them is found, return an error.
//  6. Write a manifest without the erasure, and with its receipt if it had a plan.
//
// The manifest of step 1 keeps the erasure, and the content of its receipt, until step 6. If it is interrupted anywhere, it continues at the next
// flush or erasure. Scans that read the old files end with ErrSnapshotGone.
//
// An erasure of only the identity has the same steps. Events that belong to other identities of its person are kept.
func (c *Compactor) Erase(ctx context.Context, id event.Identity, alone bool) (store.Erased, error) {
	if err := store.CheckIdentity(id); err != nil {
		return store.Erased{}, err
	}
	end, err := c.beginErasing(ctx)
	if err != nil {
		return store.Erased{}, err
	}
	defer end()
	begun, err := c.writer.BeginErasure(catalog.Erasure{Alone: alone}, []event.Identity{id}, nil)
	if err != nil {
		return store.Erased{}, volume.WriteError(err)
	}
	answer, err := c.finishErasure(ctx, begun, id)
	if err != nil {
		return store.Erased{}, volume.WriteError(err)
	}
	return answer, nil
}

// beginErasing waits until files can be changed, and completes an interrupted erasure.
func (c *Compactor) beginErasing(ctx context.Context) (end func(), err error) {
	if end, err = c.begin(); err != nil {
		return nil, err
	}
	if err := c.resumeErasure(ctx); err != nil {
		end()
		return nil, volume.WriteError(err)
	}
	return end, nil
}

// resumeErasure completes an erasure that a crash or an error has interrupted.
func (c *Compactor) resumeErasure(ctx context.Context) error {
	if c.catalog.Manifest().Erasing == nil {
		return nil
	}
	_, err := c.finishErasure(ctx, *c.catalog.Manifest().Erasing)
	return err
}

// finishErasure removes what is being erased, verifies it and keeps the receipt. It is idempotent.
func (c *Compactor) finishErasure(ctx context.Context, e catalog.Erasure, asked ...event.Identity) (store.Erased, error) {
	end, err := c.beginRemoving(ctx)
	if err != nil {
		return store.Erased{}, err
	}
	defer end()
	if err := errors.Join(c.endPinsForErasure(), c.endLoads(ctx, &e)); err != nil {
		return store.Erased{}, err
	}
	if err := c.flush(ctx); err != nil {
		return store.Erased{}, err
	}
	for _, piece := range piecesOf(&e) {
		if e.Done, err = c.removeErased(ctx, piece, e, asked); err != nil {
			return store.Erased{}, err
		}
	}
	e.Done.IdentityVersion = c.catalog.People().Version()
	if e.Done.FilesChecked, err = c.proveErased(ctx, e.Anchors); err != nil {
		return store.Erased{}, err
	}
	return e.Done, c.writer.EndErasure(&e)
}

// piecesOf returns the parts of an erasure that can be removed at once: persons together, identities one by one, because each changes which person
// the rest belongs to.
func piecesOf(e *catalog.Erasure) []catalog.Erasure {
	if !e.Alone {
		return []catalog.Erasure{{Anchors: e.Anchors}}
	}
	var pieces []catalog.Erasure
	for _, a := range e.Anchors {
		pieces = append(pieces, catalog.Erasure{Anchors: []event.Anchor{a}, Alone: true})
	}
	return pieces
}

// removeErased writes files and the identity table without a piece of an erasure, and returns the total removed so far. The manifest with the new
// files contains the numbers, so that an erasure that continues after a crash counts everything exactly once.
func (c *Compactor) removeErased(ctx context.Context, piece, whole catalog.Erasure, asked []event.Identity) (store.Erased, error) {
	values, holders, err := c.files.Find(ctx, c.catalog.Parts(), piece.Anchors)
	if err != nil {
		return whole.Done, err
	}
	change := c.catalog.Change()
	before := part.Rows(change.Files)
	if change.Files, err = c.rewriteWithout(ctx, change.Files, holders, piece, values); err != nil {
		return whole.Done, err
	}
	whole.Done.Events += before - part.Rows(change.Files)
	c.forget(piece)
	results, err := c.results.Erase(append(values, asked...))
	if err != nil {
		return whole.Done, err
	}
	whole.Done.FilesRewritten += int64(len(holders)) + results
	// Damaged files in the quarantine could contain the person.
	if err := c.volume.EmptyQuarantine(); err != nil {
		return whole.Done, err
	}
	change.Erasing = &whole
	if err := c.writer.Install(change, writer.Cut{}); err != nil {
		return whole.Done, err
	}
	return whole.Done, c.removeNow(holders)
}

// forget removes what is erased from the identity table.
func (c *Compactor) forget(e catalog.Erasure) {
	for _, a := range e.Anchors {
		if e.Alone {
			c.catalog.People().RemoveOne(a)
		} else {
			c.catalog.People().Remove(a)
		}
	}
}

// rewriteWithout returns the files, with the holders replaced by new ones without the person.
func (c *Compactor) rewriteWithout(
	ctx context.Context, files []part.Meta, holders []*part.Part, e catalog.Erasure, values []event.Identity,
) ([]part.Meta, error) {
	if len(holders) == 0 {
		return files, nil
	}
	view, err := c.catalog.People().View(0)
	if err != nil {
		return nil, err
	}
	if e.Alone {
		// Other members of the person can be stored under its number.
		view = view.With(c.catalog.People().WithoutOne(e.Anchors[0]))
	}
	written, err := c.files.At(view).RewriteAll(ctx, eachAlone(holders, rewrite.Without(e.Anchors, values)), nil)
	return append(part.Without(files, holders), written...), err
}

// removeNow unlinks files that contain the person even while scans read them. Such scans end, and their temporary files are removed.
func (c *Compactor) removeNow(holders []*part.Part) error {
	var err error
	if len(holders) > 0 {
		err = c.catalog.EndOlder(fmt.Errorf("%w: a person was erased", store.ErrSnapshotGone))
	}
	for _, p := range holders {
		err = errors.Join(err, c.volume.RemoveIfThere(p.Path()))
	}
	return errors.Join(err, c.syncMonths(holders), c.volume.SyncDir(c.volume.Path(volume.Log)), c.volume.SyncDir(c.volume.Path(volume.Identity)))
}

// syncMonths makes the removal of files durable.
func (c *Compactor) syncMonths(parts []*part.Part) error {
	var months []string
	for _, p := range parts {
		months = append(months, p.Month)
	}
	slices.Sort(months)
	var err error
	for _, month := range slices.Compact(months) {
		err = errors.Join(err, c.volume.SyncDir(c.volume.Path(volume.Data, "month="+month)))
	}
	return err
}
