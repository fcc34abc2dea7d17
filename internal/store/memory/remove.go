// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// removal is a planned removal.
type removal struct {
	store.RemovalPlan

	source    *source
	selection store.Selection
	people    *persons.Subtraction
}

// has reports whether the removal includes a row.
func (m *removal) has(r *row) bool {
	return r.Source == m.source.state.Name && m.selection.Has(r.Time, r.seq, r.MappingGeneration)
}

// PlanRemoval counts what Remove would remove.
func (s *Store) PlanRemoval(_ context.Context, r store.RemoveRequest) (store.RemovalPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.planRemoval(&r)
	if err != nil {
		return store.RemovalPlan{}, err
	}
	return m.RemovalPlan, nil
}

// Remove removes the events of a request.
func (s *Store) Remove(_ context.Context, r store.RemoveRequest) (store.Removed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.planRemoval(&r)
	if err != nil {
		return store.Removed{}, err
	}
	answer := store.Removed{Seq: s.seq, IdentityVersion: s.people.Version()}
	if m.Events == 0 {
		return answer, nil
	}
	answer.Identities = s.applyRemoval(m, r.Import)
	answer.Seq, answer.Events, answer.Keys, answer.IdentityVersion = s.seq, m.Events, m.Events, s.people.Version()
	return answer, nil
}

// applyRemoval makes a removal the next commit, and returns the number of identities and links that it removes.
func (s *Store) applyRemoval(m *removal, importID string) int64 {
	s.removeRows(m)
	s.seq++
	s.floor = s.seq
	identities := m.people.Apply(s.seq)
	m.source.state.NewIdentities = max(0, m.source.state.NewIdentities-identities)
	m.source.state.Removed += m.Events
	m.source.origins = m.source.origins.Removed(importID, m.Events)
	return identities
}

func (s *Store) planRemoval(r *store.RemoveRequest) (*removal, error) {
	if err := r.Check(s.seq); err != nil {
		return nil, err
	}
	src := s.sources[r.Source]
	if src == nil {
		return nil, store.UnknownSource(r.Source)
	}
	m := &removal{source: src, people: s.people.Subtract(r.Source)}
	var err error
	if m.selection, err = r.Selection(&src.origins, s.seq); err != nil {
		return nil, err
	}
	m.Through, m.Duplicates = m.selection.Through, r.MissedDuplicates(&src.origins, src.state.Duplicates)
	var times store.Times
	for i := range s.rows {
		if m.has(&s.rows[i]) {
			m.Events++
			times.Add(s.rows[i].Time)
			m.people.Gone(r.Source, identity.EdgesOf(&s.rows[i].Event))
		}
	}
	m.Oldest, m.Newest, m.Persons = times.Oldest, times.Newest, m.people.Persons()
	return m, nil
}

// removeRows removes the rows with their keys, and passes the statements of the remaining rows to the subtraction.
func (s *Store) removeRows(m *removal) {
	var gone, stay store.Times
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool {
		removed := m.has(&r)
		if removed {
			delete(s.keys, r.Key())
		} else {
			m.people.Stays(r.Source, identity.EdgesOf(&r.Event))
		}
		if r.Source == m.source.state.Name && r.Flags&event.FlagFuture == 0 {
			if removed {
				gone.Add(r.Time)
			} else {
				stay.Add(r.Time)
			}
		}
		return removed
	})
	m.source.state.TimesAfter(gone, stay)
}
