// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// NamedBy returns the identities of an event, the strongest first.
func (w World) NamedBy(s *Sighting) []event.Identity {
	customer := event.Identity{Type: "customerId", Value: "c" + strconv.Itoa(s.Person)}
	device := event.Identity{Type: "anonymousId", Value: fmt.Sprintf("a%d-%d", s.Person, s.Device)}
	switch {
	case !w.Identities || s.Known && !s.Both:
		return []event.Identity{customer}
	case s.Both:
		return []event.Identity{customer, device}
	default:
		return []event.Identity{device}
	}
}

// Anchor returns the anchor of the strongest identity of an event.
func (w World) Anchor(s *Sighting) uint64 { return uint64(w.NamedBy(s)[0].Anchor()) }

// People yields each anchor with its person: those of the customer and their two devices.
func (w World) People() iter.Seq2[uint64, int] {
	return func(yield func(uint64, int) bool) {
		for p := range w.Persons {
			for _, s := range []Sighting{{Person: p, Known: true}, {Person: p}, {Person: p, Device: 1}} {
				if !yield(w.Anchor(&s), p) {
					return
				}
			}
		}
	}
}

// Copies returns how often an event is delivered.
func (w World) Copies(s *Sighting) int {
	if w.Redelivered(s) {
		return 2
	}
	return 1
}

// Share returns the time, in seconds since Begin, before which a percentage of the days is.
func Share(percent int) int64 { return End * int64(percent) / 100 }
