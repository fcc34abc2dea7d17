// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Erase removes a person.
func (s *Store) Erase(_ context.Context, id event.Identity) (store.Erased, error) {
	if err := store.CheckIdentity(id); err != nil {
		return store.Erased{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.erase(s.people.Members(id.Anchor()), s.people.Remove), nil
}

// EraseIdentity removes one identity of a person.
func (s *Store) EraseIdentity(_ context.Context, id event.Identity) (store.Erased, error) {
	if err := store.CheckIdentity(id); err != nil {
		return store.Erased{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.erase([]event.Anchor{id.Anchor()}, s.people.RemoveOne), nil
}

// erase removes the events of the anchors, and the anchors from the events of others.
func (s *Store) erase(anchors []event.Anchor, remove func(event.Anchor) bool) store.Erased {
	s.endPins()
	gone := map[event.Anchor]bool{}
	for _, a := range anchors {
		gone[a], s.erased[a] = true, true
	}
	s.endLoadsWith(gone)
	before := len(s.rows)
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return gone[r.Anchor()] })
	for i := range s.rows {
		s.rows[i].Identities = slices.DeleteFunc(s.rows[i].Identities, func(id event.Identity) bool { return gone[id.Anchor()] })
	}
	answer := store.Erased{Identities: int64(len(gone)), Events: int64(before - len(s.rows))}
	if !remove(anchors[0]) {
		answer.Identities = 0
	}
	answer.IdentityVersion = s.people.Version()
	return answer
}

// Split separates an identity from its person.
func (s *Store) Split(_ context.Context, r store.SplitRequest) (store.Parted, error) {
	if err := r.Check(); err != nil {
		return store.Parted{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.people.Version()
	parted, err := s.people.Split(r.Split(), func(identity.Bonds) error { return nil })
	if errors.Is(err, identity.ErrUnknown) {
		return store.Parted{}, r.UnknownError()
	}
	moved := map[event.Anchor]bool{}
	for _, a := range parted.Moved {
		moved[a] = true
	}
	answer := store.PartedOf(parted, before, s.people.Version())
	for i := range s.rows {
		if moved[s.rows[i].Anchor()] {
			answer.Events++
		}
	}
	return answer, err
}
