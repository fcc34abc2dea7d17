// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// load is a load that was begun, and its events.
type load struct {
	request store.LoadRequest
	holder  store.LoadHolder
	state   store.LoadState
	events  []event.Event
	// places of the events among all that were received.
	places []int32
	erased int64
	last   time.Time
}

var _ store.Loader = (*Store)(nil)

// BeginLoad begins a load.
func (s *Store) BeginLoad(_ context.Context, r store.LoadRequest) (store.LoadState, error) {
	if err := r.Check(); err != nil {
		return store.LoadState{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.LoadState{}, unavailable(errClosed)
	}
	if l := s.load(r.ID); l != nil {
		return l.state, cmp.Or(l.permit(r.Ref()), r.Same(&l.state))
	}
	if r.Replaces != nil {
		if _, err := s.planRemoval(r.Replaces); err != nil {
			return store.LoadState{}, err
		}
	}
	open := 0
	for _, l := range s.loads {
		if l.state.Step == store.LoadReceiving {
			open++
		}
	}
	if open >= store.MaxLoads {
		return store.LoadState{}, store.TooManyLoads()
	}
	l := &load{request: r, holder: r.Holder(), last: s.now(), state: r.State()}
	s.loads = append(s.loads, l)
	return l.state, nil
}

// permit returns an error unless the caller may change the load. One that is committed no longer changes.
func (l *load) permit(ref store.LoadRef) error {
	if l.state.Loaded != nil {
		return nil
	}
	return l.holder.Permit(ref)
}

// load returns a load, or nil. It drops those that have waited too long.
func (s *Store) load(id string) *load {
	s.loads = slices.DeleteFunc(s.loads, func(l *load) bool {
		return l.state.Step == store.LoadReceiving && s.now().Sub(l.last) > store.LoadIdle
	})
	for _, l := range s.loads {
		if l.state.ID == id {
			return l
		}
	}
	return nil
}

// Load returns the progress of a load.
func (s *Store) Load(_ context.Context, id string) (store.LoadState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.load(id); l != nil {
		return l.state, nil
	}
	return store.LoadState{}, store.LoadGone(id)
}

// EndLoad drops a load.
func (s *Store) EndLoad(_ context.Context, ref store.LoadRef) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.load(ref.ID)
	if l == nil || l.state.Step != store.LoadReceiving {
		return nil
	}
	if err := l.permit(ref); err != nil {
		return err
	}
	s.loads = slices.DeleteFunc(s.loads, func(o *load) bool { return o == l })
	return nil
}

// endLoadsWith drops the loads that have events with one of the identities.
func (s *Store) endLoadsWith(gone map[event.Anchor]bool) {
	s.loads = slices.DeleteFunc(s.loads, func(l *load) bool {
		return slices.ContainsFunc(l.events, func(e event.Event) bool {
			return gone[e.Anchor()] || slices.ContainsFunc(e.Identities, func(id event.Identity) bool { return gone[id.Anchor()] })
		})
	})
}

// LoadPart adds the events of a part, without those of erased persons.
func (s *Store) LoadPart(_ context.Context, ref store.LoadRef, part int64, events []event.Event) (store.LoadState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.load(ref.ID)
	if l == nil {
		return store.LoadState{}, store.LoadGone(ref.ID)
	}
	if err := l.permit(ref); err != nil {
		return store.LoadState{}, err
	}
	if known, err := l.state.CheckPart(part, events); known || err != nil {
		return l.state, err
	}
	for i := range events {
		e := s.clean(events[i])
		store.LoadReceipt(&e)
		if s.erased[e.Anchor()] {
			l.erased++
			continue
		}
		e.Identities = slices.DeleteFunc(e.Identities, func(id event.Identity) bool { return s.erased[id.Anchor()] })
		l.events, l.places = append(l.events, e), append(l.places, int32(l.state.Events)+int32(i))
	}
	l.state.Next++
	l.state.Events += int64(len(events))
	l.last = s.now()
	return l.state, nil
}

// CommitLoad stores the events as one commit. What the load replaces is removed in a commit of its own, which nobody can read.
func (s *Store) CommitLoad(_ context.Context, c store.LoadCommit) (store.Loaded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.load(c.ID)
	switch {
	case l == nil:
		return store.Loaded{}, store.LoadGone(c.ID)
	case l.state.Loaded != nil:
		return *l.state.Loaded, nil
	}
	if err := cmp.Or(l.permit(c.Ref()), c.Check(l.state.Next)); err != nil {
		return store.Loaded{}, err
	}
	answer, err := s.commitLoad(l, &c)
	if err != nil {
		s.loads = slices.DeleteFunc(s.loads, func(o *load) bool { return o == l })
		return store.Loaded{}, err
	}
	l.state.Step, l.state.Loaded, l.events, l.places = store.LoadCommitted, &answer, nil, nil
	return answer, nil
}

func (s *Store) commitLoad(l *load, c *store.LoadCommit) (store.Loaded, error) {
	var gone *removal
	var err error
	if l.request.Replaces != nil {
		if gone, err = s.planRemoval(l.request.Replaces); err != nil {
			return store.Loaded{}, err
		}
	}
	if err := s.crowdedLoad(l); err != nil {
		return store.Loaded{}, err
	}
	removed := s.replace(gone, l.request.Replaces)
	s.seq++
	if removed > 0 {
		s.floor = s.seq
	}
	answer, now, rows := store.Appended{Seq: s.seq, Erased: l.erased}, s.now().UnixMicro(), len(s.rows)
	src := s.source(l.request.Source)
	src.trust = l.request.Trust.After(src.trust)
	src.state.Public = src.trust.Public
	var edges []identity.Edge
	received := src.state.NewestReceivedAt
	for i := range l.events {
		if e := &l.events[i]; s.take(e, l.places[i], src, &answer) {
			edges = append(edges, identity.EdgesOf(e)...)
		}
	}
	src.state.NewestReceivedAt = received
	before := s.people.Entries()
	s.people.Add(s.seq, identity.Source{Name: l.request.Source, Public: src.trust.Public}, edges)
	src.state.NewIdentities += s.people.Entries() - before
	src.state.Counters.Add(c.Counters)
	src.origins = src.origins.Note(store.Noted{
		Seq: s.seq, At: now, Import: l.request.Import, UID: src.trust.UID, Events: int64(len(s.rows) - rows), Duplicates: answer.Duplicates,
		Before: src.state.Duplicates,
	})
	src.state.Duplicates += answer.Duplicates
	src.state.Expired += answer.Expired
	src.state.Erased += answer.Erased
	return store.Loaded{
		Seq: s.seq, Events: int64(len(s.rows) - rows), Duplicates: answer.Duplicates, Expired: answer.Expired, Erased: answer.Erased, Removed: removed,
	}, nil
}

// replace removes what a load replaces.
func (s *Store) replace(gone *removal, r *store.RemoveRequest) (removed int64) {
	if gone == nil || gone.Events == 0 {
		return 0
	}
	s.applyRemoval(gone, r.Import)
	return gone.Events
}

// crowdedLoad returns an error if the identities of the events do not fit.
func (s *Store) crowdedLoad(l *load) error {
	err := s.crowded(&store.Batch{Source: l.request.Source, Trust: l.request.Trust, Events: l.events})
	return store.CrowdedLoad(l.request.ID, err)
}
