// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/statements"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Cleanse returns a copy of the events of persons who were not erased, without identities of others who were, and their indexes.
func (w *Writer) Cleanse(events []event.Event) (kept []event.Event, indexes []int32) {
	w.mu.Lock()
	gone := w.tombstones // It is immutable.
	w.mu.Unlock()
	all := normalized(events)
	kept, indexes = all[:0], make([]int32, 0, len(all))
	for i := range all {
		e := all[i]
		if gone.has(e.Anchor()) {
			continue
		}
		if !gone.empty() {
			e.Identities = slices.DeleteFunc(slices.Clone(e.Identities), func(id event.Identity) bool { return gone.has(id.Anchor()) })
		}
		kept, indexes = append(kept, e), append(indexes, int32(i))
	}
	return kept, indexes
}

// Reserve refuses appends of the keys of a load from now on, until Release, and returns the keys of the log.
func (w *Writer) Reserve(r *dedup.Reserved) (tail []event.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys.Reserve(r)
	return w.keys.UpTo(w.catalog.Seq())
}

// Release ends Reserve.
func (w *Writer) Release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys.Reserve(nil)
}

// Settle finds the new events of a load whose keys are reserved. The keys of gone, which can be nil, count as not stored.
func (w *Writer) Settle(a *dedup.Arrivals, tail []event.Key, gone *dedup.Gone, rows int64) (*dedup.Settled, error) {
	now := w.options.Clock().UnixMicro()
	return w.keys.Settle(a, tail, gone, w.horizon(now), now, rows)
}

// Bring returns a change of the keys with those of a load, in addition to another change, or nil.
func (w *Writer) Bring(c *dedup.Change, s *dedup.Settled) *dedup.Change { return w.keys.Bring(c, s) }

// Loading is a prepared load: everything except its commit.
type Loading struct {
	// Manifest with the files, whose commit is not known yet. Files are theirs.
	Manifest *catalog.Manifest
	Files    map[string]bool
	Load     catalog.Load
	Set      *statements.Set
	Keys     *dedup.Change
	// Removal of what the load replaces, and Tail, which passes what is not in sorted files yet to it; nil for none.
	Removal *catalog.Removal
	Tail    func([]*run.Run) error
}

// Load makes a load durable and then visible, and returns its seq. Appends wait for it. The log gets a commit without events first, and another one
// before it for what the load replaces. The load takes effect with the manifest, which is replaced atomically: after a crash before it, the commits
// change nothing.
func (w *Writer) Load(l *Loading) (seq int64, err error) {
	old := w.catalog.Manifest()
	unsure, err := w.load(l)
	switch {
	case unsure:
		return 0, errors.Join(err, l.Keys.Abandon())
	case err != nil:
		return 0, errors.Join(err, l.Keys.Abandon(), w.abandon(l.Manifest, old))
	}
	err = errors.Join(l.Keys.RemoveUnused(), w.catalog.RemoveUnread())
	if old.Identity != "" && old.Identity != l.Manifest.Identity {
		err = errors.Join(err, w.volume.Remove(w.volume.Path(volume.Identity, old.Identity)))
	}
	if err != nil { // no error of the load, which is durable
		w.options.Logger.Error("files that a load has replaced are still on the volume; the next start removes them", "seq", l.Load.Loaded.Seq, "error", err)
	}
	return l.Load.Loaded.Seq, nil
}

func (w *Writer) load(l *Loading) (unsure bool, err error) {
	defer w.lockManifest()()
	if err := w.writable(); err != nil {
		return false, err
	}
	m := l.Manifest
	w.catalog.Rebase(m)
	if l.Removal != nil {
		if err := l.Tail(w.catalog.Memtable().Runs(w.catalog.Seq())); err != nil {
			return false, err
		}
	}
	l.Load.Change.At = w.options.Clock().UnixMicro()
	var commits []*wal.Commit
	for next := w.catalog.Seq() + 1; ; next++ {
		commits = append(commits, &wal.Commit{Seq: next, At: l.Load.Change.At, Source: l.Load.Source})
		if l.Removal == nil || len(commits) == 2 {
			l.Load.Loaded.Seq = next
			break
		}
	}
	bytes, err := w.log.Write(commits)
	if err != nil {
		return false, err
	}
	for i := range m.Files {
		if f := &m.Files[i]; l.Files[f.Name] {
			f.Commit, f.MinSeq, f.MaxSeq = l.Load.Loaded.Seq, l.Load.Loaded.Seq, l.Load.Loaded.Seq
		}
	}
	m.Keys = l.Keys.Metas()
	m.AddLoad(l.Load)
	if err := w.writeLoad(l, commits[0].Seq); err != nil {
		w.catalog.Apply(commits, bytes)
		return w.unsure(m), err
	}
	w.catalog.AdoptLoad(m, &l.Load, l.Set, l.Removal, commits, bytes)
	w.keys.Use(0, l.Keys)
	w.keys.Reserve(nil)
	return false, nil
}

func (w *Writer) writeLoad(l *Loading, removal int64) error {
	if l.Removal != nil {
		return w.catalog.WriteRemoval(l.Removal, removal, l.Load.Loaded.Seq)
	}
	return w.catalog.Write(l.Manifest)
}
