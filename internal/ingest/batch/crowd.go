// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// withoutCrowd returns what is left of a group that the store refused because of identities that it has no memory for, nil for nothing, and tells the
// submissions that brought them, whose senders come again. What else these have is stored now, so that nobody whom the store knows waits for a
// stranger; when they come again it is a redelivery. It says false when the error is another one.
func (g *group) withoutCrowd(err error) (rest *group, crowded bool) {
	var crowd *store.CrowdedError
	if !errors.As(err, &crowd) || len(crowd.Refused) == 0 {
		return nil, false
	}
	rest = &group{source: g.source, target: g.target, idle: g.idle, trust: g.trust}
	refused := map[*submission]*store.CrowdedError{}
	first := int32(0)
	for _, s := range g.subs {
		left, own := s.known(crowd.Refused, first)
		first += int32(len(s.events))
		if len(own) > 0 {
			refused[s] = &store.CrowdedError{Refused: own, Why: crowd.Why}
		}
		if left != nil {
			rest.subs = append(rest.subs, left)
		}
	}
	if len(refused) == 0 {
		return nil, false
	}
	for s, why := range refused {
		s.done <- why
	}
	if len(rest.subs) == 0 && rest.idle.Empty() && rest.trust == nil {
		return nil, true
	}
	return rest, true
}

// known returns the submission when none of its events was refused; else one of the others, without counters and with nobody who waits. Nil when
// there are none, or when some would be new events each time that they come: only the whole request may be stored then. Own are the places of
// its refused events.
func (s *submission) known(refused []int32, first int32) (left *submission, own []int32) {
	var events []event.Event
	for i := range s.events {
		if _, bad := slices.BinarySearch(refused, first+int32(i)); bad {
			own = append(own, int32(i))
		} else {
			events = append(events, s.events[i])
		}
	}
	switch {
	case len(own) == 0:
		return s, nil
	case len(events) == 0 || s.counters.WithoutID > 0:
		return nil, own
	}
	return &submission{source: s.source, target: s.target, events: events, trust: s.trust, done: make(chan error, 1)}, own
}
