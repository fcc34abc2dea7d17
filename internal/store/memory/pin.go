// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// pin is a pin with a copy of the rows and the persons at its time.
type pin struct {
	store.Pin
	rows []row
	view *identity.View
}

// Pin copies all rows.
func (s *Store) Pin(_ context.Context, r store.PinRequest) (store.Pin, error) {
	if err := r.Check(); err != nil {
		return store.Pin{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.Pin{}, unavailable(errClosed)
	}
	now := s.now()
	until := now.Add(r.TTL).UnixMicro()
	if p := s.pin(r.ID, now); p != nil {
		p.Until = max(p.Until, until)
		return p.Pin, nil
	}
	if len(s.pins) >= store.MaxPins {
		return store.Pin{}, store.TooManyPins(s.pinList(now))
	}
	view, err := s.people.View(0)
	if err != nil {
		return store.Pin{}, unavailable(err)
	}
	p := &pin{rows: slices.Clone(s.rows), view: view, Pin: store.Pin{
		ID: r.ID, Snapshot: store.Snapshot{Seq: s.seq, IdentityVersion: view.Version()}, CreatedAt: now.UnixMicro(), Until: until,
	}}
	s.pins = append(s.pins, p)
	return p.Pin, nil
}

// Unpin forgets the copy.
func (s *Store) Unpin(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pins = slices.DeleteFunc(s.pins, func(p *pin) bool { return p.ID == id })
	return nil
}

// pin returns a pin that has not ended, or nil. It drops those that have.
func (s *Store) pin(id string, now time.Time) *pin {
	s.pins = slices.DeleteFunc(s.pins, func(p *pin) bool { return p.Ended(now) })
	for _, p := range s.pins {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (s *Store) pinList(now time.Time) (list []store.Pin) {
	for _, p := range s.pins {
		if !p.Ended(now) {
			list = append(list, p.Pin)
		}
	}
	return list
}

// endPins ends all pins before an erasure.
func (s *Store) endPins() {
	s.pinsEnded += int64(len(s.pinList(s.now())))
	s.pins = nil
}

// SetClock replaces the system's clock.
func (s *Store) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}
