// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// Erase removes the person that has the identity, in steps that a crash may fall between:
//
//  1. A manifest with tombstones for all identities of the person: from now on nothing of him comes in.
//  2. The log becomes sorted files, so that it holds nothing of him.
//  3. Sorted files that hold him are written again without him; identities of his on events of others are taken off.
//  4. One manifest names the new files and an identity table without him; then the old files are removed.
//  5. Every file is decoded and searched. If anything of him is found, that is an error.
//
// The manifest remembers an erasure that is not finished; it goes on at the next opening. Scans that read the old files end with
// ErrSnapshotGone.
func (s *Store) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	return s.erase(ctx, id, false, nil)
}

// EraseIdentity removes one identity, in the same steps. Events that belong to other identities of its person stay.
func (s *Store) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	return s.erase(ctx, id, true, nil)
}

// erasure is what to erase: a person with all anchors, or one identity alone.
type erasure struct {
	anchors []event.Anchor
	alone   bool
}

// erase takes no identity that is not planned; nil plans all.
func (s *Store) erase(ctx context.Context, id event.Identity, alone bool, planned map[event.Anchor]bool) (store.Erased, error) {
	if err := store.CheckIdentity(id); err != nil {
		return store.Erased{}, err
	}
	leave, err := s.enter()
	if err != nil {
		return store.Erased{}, err
	}
	defer leave()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.healthy(); err != nil {
		return store.Erased{}, err
	}
	if err := s.resumeErasures(ctx); err != nil {
		return store.Erased{}, s.writeError(err)
	}
	begun, err := s.beginErasure(id.Anchor(), alone, planned)
	if errors.Is(err, store.ErrInvalid) {
		return store.Erased{}, err
	}
	if err != nil {
		return store.Erased{}, s.writeError(err)
	}
	answer, err := s.finishErasure(ctx, begun, id)
	if err != nil {
		return store.Erased{}, s.writeError(err)
	}
	return answer, nil
}

// beginErasure closes the door: appends of the person, or of the identity, are dropped from now on.
func (s *Store) beginErasure(a event.Anchor, alone bool, planned map[event.Anchor]bool) (erasure, error) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	e := erasure{anchors: []event.Anchor{a}, alone: alone}
	change := s.change()
	if alone {
		change.ErasingOne = uint64(a)
	} else {
		e.anchors = s.people.Members(a)
		if err := beyond(e.anchors, planned); err != nil {
			return erasure{}, err
		}
		for _, m := range e.anchors {
			change.Erasing = append(change.Erasing, uint64(m))
		}
	}
	tombstones := s.tombstones.with(e.anchors)
	change.Tombstones = tombstones.list()
	change.Next = s.names.Load()
	if err := writeManifest(s.fs, s.options.Dir, change); err != nil {
		return erasure{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manifest, s.tombstones = change, tombstones
	return e, nil
}

// resumeErasures ends an erasure that a crash or an error has cut off.
func (s *Store) resumeErasures(ctx context.Context) error {
	var e erasure
	switch {
	case s.manifest.ErasingOne != 0:
		e = erasure{anchors: []event.Anchor{event.Anchor(s.manifest.ErasingOne)}, alone: true}
	case len(s.manifest.Erasing) > 0:
		for _, a := range s.manifest.Erasing {
			e.anchors = append(e.anchors, event.Anchor(a))
		}
	default:
		return nil
	}
	_, err := s.finishErasure(ctx, e)
	return err
}

func (s *Store) finishErasure(ctx context.Context, e erasure, asked ...event.Identity) (store.Erased, error) {
	if err := s.sortTail(ctx); err != nil {
		return store.Erased{}, err
	}
	conn, err := s.db.Connect()
	if err != nil {
		return store.Erased{}, err
	}
	defer conn.Close()
	values, holders, err := s.findIdentities(ctx, conn, e.anchors)
	if err != nil {
		return store.Erased{}, err
	}
	change := s.change()
	change.Erasing, change.ErasingOne = nil, 0
	answer := store.Erased{FilesRewritten: int64(len(holders))}
	before := rowsIn(change.Files)
	if change.Files, err = s.rewriteWithout(ctx, conn, change.Files, holders, e, values); err != nil {
		return store.Erased{}, err
	}
	answer.Events = before - rowsIn(change.Files)
	if s.forget(e) {
		answer.Identities = int64(len(e.anchors))
	}
	results, err := s.eraseResults(append(values, asked...))
	if err != nil {
		return store.Erased{}, err
	}
	answer.FilesRewritten += results
	if err := s.emptyQuarantine(); err != nil {
		return store.Erased{}, err
	}
	if err := s.install(change, cut{seq: s.manifest.Seq}); err != nil {
		return store.Erased{}, err
	}
	if err := s.removeNow(holders); err != nil {
		return store.Erased{}, err
	}
	answer.IdentityVersion = s.people.Version()
	answer.FilesChecked, err = s.proveErased(ctx, conn, e.anchors)
	return answer, err
}

// forget takes what is erased out of the identity table, and tells whether it was there.
func (s *Store) forget(e erasure) bool {
	if e.alone {
		return s.people.RemoveOne(e.anchors[0])
	}
	return s.people.Remove(e.anchors[0])
}

func rowsIn(files []fileMeta) int64 {
	n := int64(0)
	for _, f := range files {
		n += f.Rows
	}
	return n
}

// rewriteWithout gives the files with the holders replaced by ones without the person.
func (s *Store) rewriteWithout(
	ctx context.Context, conn *duck.Conn, files, holders []fileMeta, e erasure, values []event.Identity,
) ([]fileMeta, error) {
	if len(holders) == 0 {
		return files, nil
	}
	view, err := s.people.View(0)
	if err != nil {
		return nil, err
	}
	if e.alone {
		// The others of the person may stand under its number.
		view = view.With(s.people.WithoutOne(e.anchors[0]))
	}
	if err := peopleTable(ctx, conn, view); err != nil {
		return nil, err
	}
	replace := fmt.Sprintf(", list_filter(r.identities, lambda x: NOT list_contains(%s, x)) AS identities", identityList(values))
	keep := "r.anchor NOT IN (" + anchorList(e.anchors) + ")"
	rest := withoutFiles(files, holders)
	for _, f := range holders {
		written, err := s.rewrite(ctx, conn, view, []fileMeta{f}, keep, replace)
		if err != nil {
			return nil, err
		}
		rest = append(rest, written...)
	}
	return rest, nil
}

// removeNow unlinks files that hold the person even while scans read them. Such a scan ends.
func (s *Store) removeNow(holders []fileMeta) error {
	if len(holders) > 0 {
		s.readers.interruptBefore(s.manifest.Number, fmt.Errorf("%w: a person was erased", store.ErrSnapshotGone))
	}
	var err error
	for _, f := range holders {
		err = errors.Join(err, removeIfThere(s.fs, s.dataPath(f.Name)))
	}
	return errors.Join(err, s.syncMonths(holders), s.fs.SyncDir(s.logDir()), s.fs.SyncDir(s.identityDir()))
}

// syncMonths makes the removal of files durable.
func (s *Store) syncMonths(files []fileMeta) error {
	var months []string
	for _, f := range files {
		months = append(months, f.Month)
	}
	slices.Sort(months)
	var err error
	for _, month := range slices.Compact(months) {
		err = errors.Join(err, s.fs.SyncDir(s.dataPath("month="+month)))
	}
	return err
}

// emptyQuarantine removes what was put aside as damaged: nobody can tell that the person is not in it.
func (s *Store) emptyQuarantine() error {
	names, err := s.fs.List(s.quarantineDir())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, name := range names {
		err = errors.Join(err, s.fs.Remove(filepath.Join(s.quarantineDir(), name)))
	}
	return errors.Join(err, s.fs.SyncDir(s.quarantineDir()))
}
