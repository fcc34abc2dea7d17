// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// withoutCrowd returns what remains of a group that the store refused because it has no memory for some identities, nil for nothing, and notifies the
// submissions that contain them, whose senders retry. The rest of these submissions is stored now, so that people whom the store knows do not wait
// for strangers; when the sender retries, it is a redelivery. It returns false for any other error.
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

// known returns the submission if none of its events was refused, otherwise one of the remaining events, without counters and without a waiting
// request. It returns nil if there are none, or if some would be new events with each receipt, because only the whole request can be stored then. own
// are the indexes of its refused events.
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
