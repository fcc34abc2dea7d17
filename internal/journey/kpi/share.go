// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// EventShare is the share of customers, or of values of a key, with one event that also have another one: opened messages among those delivered, or
// customers with an order among those with a cart.
type EventShare struct {
	// Of lists the events of the whole, Event the events of the part.
	Of, Event []journey.Match
	// Key, if set, is counted instead of customers, each value once for each customer: properties.messageId. Events without it are left out.
	Key string
	// Within, if above zero, is the time in microseconds after the first event of the whole in which the other event has to follow, inclusive. Only
	// wholes whose time is over are then counted. Otherwise the other event can be anywhere in the period.
	Within int64
	// Without inverts the part: it counts those who do not have the other event.
	Without bool
}

// Roles of events in an EventShare.
const (
	roleWhole uint8 = iota
	rolePart
)

// Matches lists the events by role.
func (s EventShare) Matches() [][]journey.Match { return [][]journey.Match{s.Of, s.Event} }

// Read records what the metric needs of an event.
func (s EventShare) Read(v *match.Values, _ uint8, h *metric.Hit) { readPair(v, h, s.Key) }

// Needs marks the columns that Read uses.
func (s EventShare) Needs(n *match.Needs) { n.AddKey(s.Key) }

// always reports whether every event of the whole is also an event of the part, so that the share can only be 1.
func (s EventShare) always() bool {
	return !slices.ContainsFunc(s.Of, func(m journey.Match) bool {
		return !slices.ContainsFunc(s.Event, func(wider journey.Match) bool { return covers(wider, m) })
	})
}

// covers reports whether a match selects at least the events of another one: it has the same event name, or none, and no additional condition.
func covers(wider, m journey.Match) bool {
	if wider.Event != "" && wider.Event != m.Event {
		return false
	}
	return !slices.ContainsFunc(wider.Where, func(c journey.Condition) bool {
		return !slices.ContainsFunc(m.Where, func(o journey.Condition) bool { return reflect.DeepEqual(c, o) })
	})
}

// NewSums returns empty sums. An error names the invalid field.
func (s EventShare) NewSums(*metric.Context) (metric.Sums, error) {
	if s.always() {
		return nil, fmt.Errorf("share.event: must name other events than share.of: otherwise the share is always 1")
	}
	if s.Key != "" {
		if _, err := match.ParseKey(s.Key); err != nil {
			return nil, fmt.Errorf("share.key: %w", err)
		}
	}
	return &eventShare{table: s, wholes: map[event.Key]int64{}, parts: map[event.Key]bool{}}, nil
}

type eventShare struct {
	table EventShare
	// wholes holds the time of the first event of each whole of one person, and parts those that have the other event. Both are reused.
	wholes               map[event.Key]int64
	parts                map[event.Key]bool
	whole, part, leftOut int64
}

func (s *eventShare) AddPerson(v *metric.View) {
	clear(s.wholes)
	clear(s.parts)
	for i := range v.Hits {
		if h := &v.Hits[i]; h.Role == roleWhole && v.InPeriod(h.Time) {
			s.open(v, h)
		}
	}
	if len(s.wholes) == 0 {
		return
	}
	for i := range v.Hits {
		h := &v.Hits[i]
		if first, ok := s.wholes[h.Order]; ok && h.Usable && h.Role == rolePart && s.counts(v, h.Time, first) {
			s.parts[h.Order] = true
		}
	}
	s.whole += int64(len(s.wholes))
	s.part += int64(len(s.parts))
}

// open adds an event of the whole.
func (s *eventShare) open(v *metric.View, h *metric.Hit) {
	if !h.Usable {
		s.leftOut++
		return
	}
	if _, ok := s.wholes[h.Order]; !ok && (s.table.Within == 0 || h.Time+s.table.Within <= v.Period.AsOf) {
		s.wholes[h.Order] = h.Time
	}
}

func (s *eventShare) counts(v *metric.View, at, first int64) bool {
	if s.table.Within == 0 {
		return v.InPeriod(at)
	}
	return at >= first && at-first <= s.table.Within
}

func (s *eventShare) Merge(other metric.Sums) {
	o := other.(*eventShare)
	s.whole, s.part, s.leftOut = s.whole+o.whole, s.part+o.part, s.leftOut+o.leftOut
}

func (s *eventShare) Value() metric.Value {
	part := s.part
	if s.table.Without {
		part = s.whole - s.part
	}
	v := shareWithInterval(part, s.whole)
	v.LeftOut = s.leftOut
	return v
}
