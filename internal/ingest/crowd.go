// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// withoutCrowd gives what is left of a group that the store refused because of identities that it has no memory for, and tells the submissions that
// brought them, whose senders come again. What else these have is stored now, so that nobody whom the store knows waits for a stranger; when they
// come again it is a redelivery. Nil when the error is another one, or nothing is left.
func (g *group) withoutCrowd(err error) *group {
	var crowded *store.CrowdedError
	if !errors.As(err, &crowded) {
		return nil
	}
	rest := &group{source: g.source, target: g.target, idle: g.idle, trust: g.trust}
	var refused []*submission
	first := int32(0)
	for _, s := range g.subs {
		left := s.known(crowded.Refused, first)
		first += int32(len(s.events))
		if left != s {
			refused = append(refused, s)
		}
		if left != nil {
			rest.subs = append(rest.subs, left)
		}
	}
	if len(refused) == 0 || len(rest.subs) == 0 && empty(&rest.idle) && rest.trust == nil {
		return nil
	}
	for _, s := range refused {
		s.done <- err
	}
	return rest
}

// known gives the submission when none of its events was refused; else one of the others, without counters and with nobody who waits. Nil when
// there are none, or when some would be new events each time that they come: only the whole request may be stored then.
func (s *submission) known(refused []int32, first int32) *submission {
	var events []event.Event
	for i := range s.events {
		if _, bad := slices.BinarySearch(refused, first+int32(i)); !bad {
			events = append(events, s.events[i])
		}
	}
	switch {
	case len(events) == len(s.events):
		return s
	case len(events) == 0 || s.counters.WithoutID > 0:
		return nil
	}
	return &submission{source: s.source, target: s.target, events: events, trust: s.trust, done: make(chan error, 1)}
}
