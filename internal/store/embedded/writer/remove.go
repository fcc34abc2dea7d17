// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Forget writes the key files without some keys, and returns the number of these keys.
func (w *Writer) Forget(gone *dedup.Gone) (*dedup.Change, int64, error) { return w.keys.Forget(gone) }

// Remove makes a removal durable and then visible, as a commit without events, and returns its seq. Appends wait for it. tail passes what is not in
// sorted files yet to the removal.
//
// The log gets the commit first. The removal takes effect with the manifest, which is replaced atomically: after a crash before it, the commit
// changes nothing.
func (w *Writer) Remove(r *catalog.Removal, keys *dedup.Change, tail func([]*run.Run) error) (seq int64, err error) {
	old := w.catalog.Manifest()
	seq, unsure, err := w.remove(r, keys, tail)
	switch {
	case unsure:
		return 0, errors.Join(err, keys.Abandon())
	case err != nil:
		return 0, errors.Join(err, keys.Abandon(), w.abandon(r.Manifest, old))
	}
	err = errors.Join(keys.RemoveUnused(), w.catalog.RemoveUnread())
	if old.Identity != "" {
		err = errors.Join(err, w.volume.Remove(w.volume.Path(volume.Identity, old.Identity)))
	}
	if err != nil { // no error of the removal, which is durable
		w.options.Logger.Error("files that a removal has replaced are still on the volume; the next start removes them", "seq", seq, "error", err)
	}
	return seq, nil
}

// unsure reports whether the manifest may be on the volume although writing it failed. It then writes the current one again: events that are removed
// on the volume but not in memory would be lost when they are sent again. If that fails too, the store becomes read-only.
func (w *Writer) unsure(m *catalog.Manifest) bool {
	if !w.catalog.OnVolume(m) {
		return false
	}
	if err := w.change(func(*catalog.Manifest) {}); err != nil {
		w.volume.Fail("it is unknown whether a removal is on the volume: " + err.Error() + "; restart the store")
	}
	return true
}

func (w *Writer) remove(r *catalog.Removal, keys *dedup.Change, tail func([]*run.Run) error) (seq int64, unsure bool, err error) {
	defer w.lockManifest()()
	if err := w.volume.CheckEpoch(); err != nil {
		return 0, false, err
	}
	w.catalog.Rebase(r.Manifest)
	if err := tail(w.catalog.Memtable().Runs(w.catalog.Seq())); err != nil {
		return 0, false, err
	}
	commit := &wal.Commit{Seq: w.catalog.Seq() + 1, At: w.options.Clock().UnixMicro(), Source: r.Source}
	bytes, err := w.log.Write([]*wal.Commit{commit})
	if err != nil {
		return 0, false, err
	}
	r.Manifest.Keys = keys.Metas()
	if err := w.catalog.WriteRemoval(r, commit.Seq, commit.Seq); err != nil {
		w.catalog.Apply([]*wal.Commit{commit}, bytes)
		return 0, w.unsure(r.Manifest), err
	}
	w.catalog.AdoptRemoval(r, commit, bytes)
	w.keys.Use(0, keys)
	return commit.Seq, false, nil
}
