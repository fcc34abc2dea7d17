// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package memory is the simplest store: a slice of events, from which every scan computes its result. It does not persist anything. It is the
// reference that other stores, and the programs that use a store, are tested against.
package memory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// Store keeps events in memory.
type Store struct {
	mu     sync.Mutex
	id     string
	closed bool
	seq    int64
	// floor is the commit of the latest removal, before which nothing can be read.
	floor  int64
	rows   []row
	keys   map[event.Key]bool
	people *persons.Table
	// most is the number of identities and links that are accepted; 0 for no limit.
	most    int64
	erased  map[event.Anchor]bool
	horizon int64
	sources map[string]*source
	results map[string][]store.Result
	// receipts of erasures, the oldest first
	receipts []store.Receipt
	// pins, the oldest first
	pins      []*pin
	pinsEnded int64
	now       func() time.Time
	// loads that were begun, the oldest first
	loads []*load
}

// row is a stored event and its position.
type row struct {
	event.Event
	seq   int64
	index int32
}

type source struct {
	state   store.SourceState
	trust   store.Trust
	cursors store.Cursors
	origins store.Origins
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New(policy identity.Policy) *Store {
	return &Store{
		id: rand.Text(), keys: map[event.Key]bool{}, people: persons.New(policy), erased: map[event.Anchor]bool{},
		horizon: event.MinTime, sources: map[string]*source{}, results: map[string][]store.Result{}, now: time.Now,
	}
}

// Append appends a batch.
func (s *Store) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	if err := ctx.Err(); err != nil {
		return store.Appended{}, unavailable(err)
	}
	if err := b.Check(); err != nil {
		return store.Appended{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.Appended{}, unavailable(errClosed)
	}
	if b.Empty() {
		return store.Appended{}, nil
	}
	if known, err := s.cursors(b.Source).Check(b.Moves); known || err != nil {
		return store.Appended{Duplicates: int64(len(b.Events))}, err
	}
	if err := s.crowded(&b); err != nil {
		return store.Appended{}, err
	}
	s.seq++
	answer, now, rows := store.Appended{Seq: s.seq}, s.now().UnixMicro(), len(s.rows)
	src := s.source(b.Source)
	src.trust = b.Trust.After(src.trust)
	src.state.Public = src.trust.Public
	var edges []identity.Edge
	for i := range b.Events {
		e := s.clean(b.Events[i])
		if s.take(&e, int32(i), src, &answer) {
			edges = append(edges, identity.EdgesOf(&e)...)
		}
	}
	before := s.people.Entries()
	s.people.Add(s.seq, identity.Source{Name: b.Source, Public: src.trust.Public}, edges)
	src.state.NewIdentities += s.people.Entries() - before
	src.state.Counters.Add(b.Counters)
	src.origins = src.origins.Note(store.Noted{
		Seq: s.seq, At: now, Import: b.Import, UID: src.trust.UID, Events: int64(len(s.rows) - rows), Duplicates: answer.Duplicates, Before: src.state.Duplicates,
	})
	src.state.Duplicates += answer.Duplicates
	src.state.Expired += answer.Expired
	src.state.Erased += answer.Erased
	src.cursors = src.cursors.After(b.Moves, now)
	return answer, nil
}

// crowded returns an error with the events whose identities do not fit.
func (s *Store) crowded(b *store.Batch) error {
	gate := store.NewGate(s.people, s.shares(), store.MostEntries(b.Events))
	if gate == nil {
		return nil
	}
	var events []event.Event
	var places []int32
	seen := map[event.Key]bool{}
	for i := range b.Events {
		e := s.clean(b.Events[i])
		if !s.keys[e.Key()] && !seen[e.Key()] && e.Time >= s.horizon && !s.erased[e.Anchor()] {
			seen[e.Key()] = true
			e.Identities = slices.DeleteFunc(e.Identities, func(id event.Identity) bool { return s.erased[id.Anchor()] })
			events, places = append(events, e), append(places, int32(i))
		}
	}
	known, src := store.Trust{}, s.sources[b.Source]
	if src != nil {
		known = src.trust
	}
	err := gate.Refuse(b.Source, b.Trust.After(known).Public, events, places)
	var crowded *store.CrowdedError
	if src != nil && errors.As(err, &crowded) {
		src.state.RefusedNewcomers += int64(len(crowded.Refused))
	}
	return err
}

// shares returns the current shares of the sources.
func (s *Store) shares() *store.Shares {
	shares := store.NewShares(s.most)
	for _, src := range s.sources {
		shares.Add(&src.state)
	}
	return shares
}

// clean returns a copy with normalised identities.
func (s *Store) clean(e event.Event) event.Event {
	e.Identities = slices.Clone(e.Identities)
	e.Normalize()
	return e
}

// take stores the event, or counts why it does not. Identities of erased persons are removed from the events of others.
func (s *Store) take(e *event.Event, index int32, src *source, answer *store.Appended) bool {
	src.state.NewestReceivedAt = max(src.state.NewestReceivedAt, e.ReceivedAt)
	switch {
	case s.erased[e.Anchor()]:
		answer.Erased++
		return false
	case s.keys[e.Key()]:
		answer.Duplicates++
		return false
	case e.Time < s.horizon:
		answer.Expired++
		return false
	}
	e.Identities = slices.DeleteFunc(e.Identities, func(id event.Identity) bool { return s.erased[id.Anchor()] })
	s.keys[e.Key()] = true
	s.rows = append(s.rows, row{Event: *e, seq: s.seq, index: index})
	src.state.Seen(e)
	return true
}

func (s *Store) source(name string) *source {
	if s.sources[name] == nil {
		s.sources[name] = &source{state: store.SourceState{Name: name}}
	}
	return s.sources[name]
}

// Cursors returns those of a pull source.
func (s *Store) Cursors(_ context.Context, name string) (store.Cursors, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursors(name), nil
}

func (s *Store) cursors(name string) store.Cursors {
	if src := s.sources[name]; src != nil {
		return src.cursors
	}
	return nil
}

// State returns the state of the store.
func (s *Store) State(context.Context) (store.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.people.Stats()
	state := store.State{Health: store.Health{
		Snapshot: store.Snapshot{Seq: s.seq, IdentityVersion: s.people.Version()},
		Events:   int64(len(s.rows)), Persons: stats.Persons, Hubs: stats.Hubs, RefusedMerges: stats.RefusedMerges, RefusedPublic: stats.RefusedPublic,
		Identities: stats.Identifiers, IdentityLinks: stats.Links, IdentityLimit: s.most,
		ID: s.id, FormatVersion: 1, Version: version.Version,
	}}
	state.SetPins(s.pinList(s.now()), 0)
	state.Health.PinsEndedEarly = s.pinsEnded
	shares := s.shares()
	for _, name := range slices.Sorted(maps.Keys(s.sources)) {
		source := s.sources[name].state
		source.Counters.Rejected = maps.Clone(source.Counters.Rejected)
		source.Watermark, source.Imports = s.sources[name].cursors.Watermark(s.now()), s.sources[name].origins.Shown()
		if source.Public {
			source.IdentityShare = shares.Share(name)
		}
		state.Sources = append(state.Sources, source)
	}
	return state, nil
}

// Retain removes old events. Old events that arrive later count as expired.
func (s *Store) Retain(_ context.Context, before time.Time) (store.Retained, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.horizon = max(s.horizon, before.UnixMicro())
	count := len(s.rows)
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return r.Time < s.horizon })
	return store.Retained{Events: int64(count - len(s.rows))}, nil
}

// SetPolicy changes how identifiers are joined into persons.
func (s *Store) SetPolicy(p identity.Policy) { s.people.SetPolicy(p) }

// SetMaxIdentities changes how many identities and links are accepted.
func (s *Store) SetMaxIdentities(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = n
}

// Close closes the store: appends and scans return ErrUnavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func unavailable(err error) error { return fmt.Errorf("%w: %w", store.ErrUnavailable, err) }
