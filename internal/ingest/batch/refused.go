// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// withoutRefused returns what remains of a group of which the store refused some events, nil for nothing: it has no memory for their identities, or a load
// of them is being committed. It notifies the submissions that contain them, whose senders retry. The rest of these submissions is stored now, so that
// others do not wait; when the sender retries, it is a redelivery. It returns false for any other error.
func (g *group) withoutRefused(err error) (rest *group, some bool) {
	places, errorOf := store.RefusedEvents(err)
	if len(places) == 0 {
		return nil, false
	}
	rest = &group{source: g.source, target: g.target, idle: g.idle, trust: g.trust}
	refused := map[*submission]error{}
	first := int32(0)
	for _, s := range g.subs {
		left, own := s.without(places, first)
		first += int32(len(s.events))
		if len(own) > 0 {
			refused[s] = errorOf(own)
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

// without returns the submission if none of its events was refused, otherwise one of the remaining events, without counters and without a waiting
// request. It returns nil if there are none, or if some would be new events with each receipt, because only the whole request can be stored then. own
// are the indexes of its refused events.
func (s *submission) without(refused []int32, first int32) (left *submission, own []int32) {
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
