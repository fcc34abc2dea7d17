// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Erase removes the person that has the identity, in steps that a crash may fall between:
//
//  1. A manifest with tombstones for all identities of the person: from now on nothing of him comes in.
//  2. The log becomes sorted files, so that it holds nothing of him.
//  3. Sorted files that hold him are written again without him; identities of his on events of others are taken off.
//  4. One manifest names the new files and an identity table without him; then the old files are removed.
//  5. Every file is decoded and searched. If anything of him is found, that is an error.
//  6. A manifest without the erasure, and with its receipt when it had a plan.
//
// The manifest of step 1 remembers the erasure, and what its receipt will say, until step 6: cut off anywhere, it goes on at the next sorting or
// erasure. Scans that read the old files end with ErrSnapshotGone.
func (s *Store) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	return s.erase(ctx, erasure{}, id)
}

// EraseIdentity removes one identity, in the same steps. Events that belong to other identities of its person stay.
func (s *Store) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	return s.erase(ctx, erasure{Alone: true}, id)
}

// erasure is what to erase: persons with all anchors, or identities alone.
type erasure struct {
	Anchors []event.Anchor `json:"anchors"`
	// Forms that are refused from now on besides: what was asked for and is not known.
	Forms []event.Anchor `json:"forms,omitempty"`
	Alone bool           `json:"alone,omitempty"`
	// Done counts what went so far.
	Done store.Erased `json:"done"`
	// Receipt of an erasure that had a plan. It gets its proof at the end.
	Receipt *store.Receipt `json:"receipt,omitempty"`
}

// erase takes the persons of the identities, or the identities alone.
func (s *Store) erase(ctx context.Context, e erasure, ids ...event.Identity) (store.Erased, error) {
	for _, id := range ids {
		if err := store.CheckIdentity(id); err != nil {
			return store.Erased{}, err
		}
	}
	leave, err := s.beginMaintenance(ctx)
	if err != nil {
		return store.Erased{}, err
	}
	defer leave()
	begun, err := s.beginErasure(e, ids, nil)
	if err != nil {
		return store.Erased{}, volume.WriteError(err)
	}
	answer, err := s.finishErasure(ctx, begun, ids...)
	if err != nil {
		return store.Erased{}, volume.WriteError(err)
	}
	return answer, nil
}

// beginMaintenance waits until the store may be written anew, and ends an erasure that was cut off.
func (s *Store) beginMaintenance(ctx context.Context) (leave func(), err error) {
	left, err := s.enter()
	if err != nil {
		return nil, err
	}
	s.maintenance.Lock()
	leave = func() {
		s.maintenance.Unlock()
		left()
	}
	if err = s.volume.Healthy(); err == nil {
		if err = s.resumeErasure(ctx); err != nil {
			err = volume.WriteError(err)
		}
	}
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// beginErasure closes the door: appends of the persons, or of the identities, are dropped from now on. It takes nobody who is not planned; nil
// plans all.
func (s *Store) beginErasure(e erasure, ids []event.Identity, planned map[event.Anchor]bool) (erasure, error) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	for _, id := range ids {
		members := []event.Anchor{id.Anchor()}
		if !e.Alone {
			members = s.people.Members(id.Anchor())
		}
		if err := beyond(members, planned); err != nil {
			return erasure{}, err
		}
		for _, m := range members {
			if slices.Contains(e.Anchors, m) {
				continue
			}
			e.Anchors = append(e.Anchors, m)
			if s.people.Knows(m) {
				e.Done.Identities++
			}
		}
	}
	change := s.change()
	change.Erasing = &e
	tombstones := s.tombstones.with(append(slices.Clip(e.Anchors), e.Forms...))
	change.Tombstones = tombstones.list()
	change.Next = s.volume.Names()
	if err := writeManifest(s.volume, change); err != nil {
		return erasure{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manifest, s.tombstones = change, tombstones
	return e, nil
}

// resumeErasure ends the erasure that a crash or an error has cut off.
func (s *Store) resumeErasure(ctx context.Context) error {
	if s.manifest.Erasing == nil {
		return nil
	}
	_, err := s.finishErasure(ctx, *s.manifest.Erasing)
	return err
}

// finishErasure removes what has begun to go, proves it and keeps the receipt. Done again from the start it comes to the same.
func (s *Store) finishErasure(ctx context.Context, e erasure, asked ...event.Identity) (store.Erased, error) {
	if err := s.sortTail(ctx); err != nil {
		return store.Erased{}, err
	}
	var err error
	for _, piece := range e.pieces() {
		if e.Done, err = s.removeErased(ctx, piece, e, asked); err != nil {
			return store.Erased{}, err
		}
	}
	e.Done.IdentityVersion = s.people.Version()
	if e.Done.FilesChecked, err = s.proveErased(ctx, e.Anchors); err != nil {
		return store.Erased{}, err
	}
	return e.Done, s.endErasure(&e)
}

// pieces are what can be removed at once: persons together, identities alone one by one, since each changes whose the rest is.
func (e *erasure) pieces() []erasure {
	if !e.Alone {
		return []erasure{{Anchors: e.Anchors}}
	}
	var pieces []erasure
	for _, a := range e.Anchors {
		pieces = append(pieces, erasure{Anchors: []event.Anchor{a}, Alone: true})
	}
	return pieces
}

// removeErased writes files and identity table without a piece of an erasure, and gives what went by the whole so far. The manifest that names the
// new files has the numbers, so that an erasure that goes on after a crash counts nothing twice and leaves nothing out.
func (s *Store) removeErased(ctx context.Context, piece, whole erasure, asked []event.Identity) (store.Erased, error) {
	values, holders, err := s.files.Find(ctx, s.parts, piece.Anchors)
	if err != nil {
		return whole.Done, err
	}
	change := s.change()
	before := part.Rows(change.Files)
	if change.Files, err = s.rewriteWithout(ctx, change.Files, holders, piece, values); err != nil {
		return whole.Done, err
	}
	whole.Done.Events += before - part.Rows(change.Files)
	s.forget(piece)
	results, err := s.results.Erase(append(values, asked...))
	if err != nil {
		return whole.Done, err
	}
	whole.Done.FilesRewritten += int64(len(holders)) + results
	// Nobody can tell that the person is not in what was put aside as damaged.
	if err := s.volume.EmptyQuarantine(); err != nil {
		return whole.Done, err
	}
	change.Erasing = &whole
	if err := s.install(change, cut{seq: s.manifest.Seq}); err != nil {
		return whole.Done, err
	}
	return whole.Done, s.removeNow(holders)
}

// forget takes what is erased out of the identity table.
func (s *Store) forget(e erasure) {
	for _, a := range e.Anchors {
		if e.Alone {
			s.people.RemoveOne(a)
		} else {
			s.people.Remove(a)
		}
	}
}

// endErasure makes the manifest forget the erasure and keep its receipt, at once.
func (s *Store) endErasure(e *erasure) error {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	change := s.change()
	change.Erasing = nil
	if e.Receipt != nil {
		r := *e.Receipt
		r.At, r.Erased = s.options.Clock().UnixMicro(), e.Done
		change.Receipts = append(slices.Clip(change.Receipts), r)
	}
	change.Next = s.volume.Names()
	if err := writeManifest(s.volume, change); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manifest = change
	return nil
}

// rewriteWithout gives the files with the holders replaced by ones without the person.
func (s *Store) rewriteWithout(
	ctx context.Context, files []part.Meta, holders []*part.Part, e erasure, values []event.Identity,
) ([]part.Meta, error) {
	if len(holders) == 0 {
		return files, nil
	}
	view, err := s.people.View(0)
	if err != nil {
		return nil, err
	}
	if e.Alone {
		// The others of the person may stand under its number.
		view = view.With(s.people.WithoutOne(e.Anchors[0]))
	}
	session, err := s.files.Open(ctx, view)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	rest := part.Without(files, holders)
	for _, p := range holders {
		written, err := session.Rewrite(ctx, []*part.Part{p}, rewrite.Without(e.Anchors, values), nil)
		if err != nil {
			return nil, err
		}
		rest = append(rest, written...)
	}
	return rest, nil
}

// removeNow unlinks files that hold the person even while scans read them. Such a scan ends.
func (s *Store) removeNow(holders []*part.Part) error {
	if len(holders) > 0 {
		s.readers.interruptBefore(s.manifest.Number, fmt.Errorf("%w: a person was erased", store.ErrSnapshotGone))
	}
	var err error
	for _, p := range holders {
		err = errors.Join(err, s.volume.RemoveIfThere(p.Path()))
	}
	return errors.Join(err, s.syncMonths(holders), s.volume.SyncDir(s.volume.Path(volume.Log)), s.volume.SyncDir(s.volume.Path(volume.Identity)))
}

// syncMonths makes the removal of files durable.
func (s *Store) syncMonths(parts []*part.Part) error {
	var months []string
	for _, p := range parts {
		months = append(months, p.Month)
	}
	slices.Sort(months)
	var err error
	for _, month := range slices.Compact(months) {
		err = errors.Join(err, s.volume.SyncDir(s.dataPath("month="+month)))
	}
	return err
}
