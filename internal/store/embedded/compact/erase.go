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

// Erase removes the person that has the identity, in steps that a crash may fall between:
//
//  1. A manifest with tombstones for all identities of the person: from now on nothing of them comes in.
//  2. The log becomes sorted files, so that it holds nothing of them.
//  3. Sorted files that hold them are written again without them; their identities are taken off the events of others.
//  4. One manifest names the new files and an identity table without them; then the old files are removed.
//  5. Every file is decoded and searched. If anything of them is found, that is an error.
//  6. A manifest without the erasure, and with its receipt when it had a plan.
//
// The manifest of step 1 remembers the erasure, and what its receipt will say, until step 6: cut off anywhere, it continues at the next sorting or
// erasure. Scans that read the old files end with ErrSnapshotGone.
//
// One that is to erase the identity alone goes through the same steps; events that belong to other identities of its person stay.
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

// beginErasing waits until files may be changed, and ends an erasure that was cut off.
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

// resumeErasure ends the erasure that a crash or an error has cut off.
func (c *Compactor) resumeErasure(ctx context.Context) error {
	if c.catalog.Manifest().Erasing == nil {
		return nil
	}
	_, err := c.finishErasure(ctx, *c.catalog.Manifest().Erasing)
	return err
}

// finishErasure removes what has begun to go, proves it and keeps the receipt. Done again from the start it comes to the same.
func (c *Compactor) finishErasure(ctx context.Context, e catalog.Erasure, asked ...event.Identity) (store.Erased, error) {
	if err := c.flush(ctx); err != nil {
		return store.Erased{}, err
	}
	var err error
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

// piecesOf an erasure are what can be removed at once: persons together, identities alone one by one, since each changes whose the rest is.
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

// removeErased writes files and identity table without a piece of an erasure, and gives what went by the whole so far. The manifest that names the
// new files has the numbers, so that an erasure that continues after a crash counts nothing twice and leaves nothing out.
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
	// Nobody can tell that the person is not in what was put aside as damaged.
	if err := c.volume.EmptyQuarantine(); err != nil {
		return whole.Done, err
	}
	change.Erasing = &whole
	if err := c.writer.Install(change, writer.Cut{}); err != nil {
		return whole.Done, err
	}
	return whole.Done, c.removeNow(holders)
}

// forget takes what is erased out of the identity table.
func (c *Compactor) forget(e catalog.Erasure) {
	for _, a := range e.Anchors {
		if e.Alone {
			c.catalog.People().RemoveOne(a)
		} else {
			c.catalog.People().Remove(a)
		}
	}
}

// rewriteWithout gives the files with the holders replaced by ones without the person.
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
		// The others of the person may stand under its number.
		view = view.With(c.catalog.People().WithoutOne(e.Anchors[0]))
	}
	written, err := c.files.At(view).RewriteAll(ctx, eachAlone(holders, rewrite.Without(e.Anchors, values)), nil)
	return append(part.Without(files, holders), written...), err
}

// removeNow unlinks files that hold the person even while scans read them. Such a scan ends, and what it has sorted goes from the volume.
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
