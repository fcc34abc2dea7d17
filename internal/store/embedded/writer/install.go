// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Cut is the log up to a commit, which a flush turns into parts. The zero value is empty.
type Cut struct {
	Seq     int64
	Runs    []*run.Run
	Sources []catalog.Source
	bytes   int64
	keys    []event.Key
}

// Cut closes the current segment, so that everything up to the latest commit is in closed segments.
func (w *Writer) Cut() Cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log.EndSegment()
	c := Cut{Seq: w.catalog.Seq(), Sources: w.catalog.Sources()}
	c.keys = w.keys.UpTo(c.Seq)
	c.Runs, c.bytes = w.catalog.Memtable().Cut(c.Seq)
	return c
}

// Install makes a changed manifest the current one, with the keys of the cut and the identity table, and then removes what it no longer needs.
// Nothing has changed until the manifest is replaced; after that, everything has.
func (w *Writer) Install(m *catalog.Manifest, c Cut) error {
	if err := w.volume.CheckEpoch(); err != nil {
		return err
	}
	old := w.catalog.Manifest()
	keys, err := w.keys.Write(c.keys, w.options.Clock().UnixMicro(), w.options.Retention)
	if err != nil {
		return errors.Join(err, w.abandon(m, old))
	}
	m.Keys = keys.Metas()
	if err := w.catalog.WritePeople(m); err != nil {
		return errors.Join(err, keys.Abandon(), w.abandon(m, old))
	}
	if err := w.replace(m, c, keys); err != nil {
		// It is unknown which manifest is on disk. Both describe the same events, so nothing is removed now.
		return errors.Join(err, keys.Abandon())
	}
	err = keys.RemoveUnused()
	if old.Identity != "" && old.Identity != m.Identity {
		err = errors.Join(err, w.volume.Remove(w.volume.Path(volume.Identity, old.Identity)))
	}
	return errors.Join(err, w.removeLog(m.Seq), w.catalog.RemoveUnread())
}

// replace makes a manifest the current one, with the pins of the one before.
func (w *Writer) replace(m *catalog.Manifest, c Cut, keys *dedup.Change) error {
	w.installing.Lock()
	defer w.installing.Unlock()
	w.catalog.Rebase(m)
	if err := w.catalog.Write(m); err != nil {
		return err
	}
	w.adopt(m, c, keys)
	return nil
}

// abandon removes the files of a manifest that was not written, except those that the old one names. On a full volume, each retry would otherwise
// leave more files.
func (w *Writer) abandon(m, old *catalog.Manifest) error {
	// If another writer has taken over, the names belong to it.
	if err := w.volume.CheckEpoch(); err != nil {
		return err
	}
	named := map[string]bool{}
	for i := range old.Files {
		named[old.Files[i].Name] = true
	}
	for i := range old.Held {
		named[old.Held[i].Name] = true
	}
	var err error
	written := slices.Clone(m.Files)
	for i := range m.Held {
		written = append(written, m.Held[i].Meta)
	}
	for i := range written {
		if name := written[i].Name; !named[name] {
			err = errors.Join(err, w.volume.RemoveIfThere(w.volume.Path(volume.Data, name)))
		}
	}
	return err
}

// adopt switches the state in memory to the new manifest.
func (w *Writer) adopt(m *catalog.Manifest, c Cut, keys *dedup.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catalog.Adopt(m, c.Seq, c.bytes)
	w.keys.Use(c.Seq, keys)
}

// removeLog removes the segments whose commits are all in parts.
func (w *Writer) removeLog(upTo int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.RemoveUpTo(upTo)
}

// lockManifest prevents that a batch is admitted, and that another change of the manifest is made, until the result is called.
func (w *Writer) lockManifest() (unlock func()) {
	w.installing.Lock()
	w.mu.Lock()
	return func() {
		w.mu.Unlock()
		w.installing.Unlock()
	}
}

// change makes a change of the manifest durable that concerns no files. The caller holds at least installing.
func (w *Writer) change(edit func(m *catalog.Manifest)) error {
	m := w.catalog.Change()
	edit(m)
	if err := w.catalog.Write(m); err != nil {
		return err
	}
	w.catalog.Adopt(m, 0, 0)
	return nil
}

// RaiseHorizon makes it durable that events before the time are no longer accepted.
func (w *Writer) RaiseHorizon(before int64) error {
	defer w.lockManifest()()
	if before <= w.catalog.Manifest().Horizon {
		return nil
	}
	return w.change(func(m *catalog.Manifest) { m.Horizon = before })
}

// Split separates an identity from its person. The manifest has the pairs that are kept apart, and the commit after which they apply, before the
// split is visible.
func (w *Writer) Split(r store.SplitRequest) (identity.Parted, store.Parted, error) {
	defer w.lockManifest()()
	people := w.catalog.People()
	before := people.Version()
	next := w.catalog.Manifest()
	parted, err := people.Split(r.Split(), func(b identity.Bonds) error {
		next = w.catalog.Change()
		next.Splits = append(slices.Clip(next.Splits), catalog.Split{Seq: w.catalog.Seq(), Bonds: b})
		return w.catalog.Write(next)
	})
	switch {
	case errors.Is(err, identity.ErrUnknown):
		return parted, store.Parted{}, r.UnknownError()
	case err != nil:
		return parted, store.Parted{}, volume.WriteError(err)
	}
	w.catalog.Adopt(next, 0, 0)
	return parted, store.PartedOf(parted, before, people.Version()), nil
}
