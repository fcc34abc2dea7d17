// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// BounceRate is the share of sessions with only one event of activity.
type BounceRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Gap is the time without activity that ends a session, in microseconds.
	Gap int64
}

// ExitRate is the share of sessions with some event, such as a page view, that ended with it.
type ExitRate struct {
	// Event lists the last events, Activity what counts as activity.
	Event, Activity []journey.Match
	// Gap is the time without activity that ends a session, in microseconds.
	Gap int64
}

// Roles of events in sessions.
const (
	roleActivity uint8 = iota
	rolePage
)

// Matches lists the events by role.
func (b BounceRate) Matches() [][]journey.Match { return [][]journey.Match{b.Event} }

// Read records nothing but the time of the event.
func (BounceRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since reaches back far enough to know whether the first session started before the period.
func (b BounceRate) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom - b.Gap }

// NewSums returns empty sums. An error names the invalid field.
func (b BounceRate) NewSums(*metric.Context) (metric.Sums, error) {
	if b.Gap <= 0 {
		return nil, fmt.Errorf("bounceRate.sessionGap: must be greater than 0")
	}
	return &sessions{gap: b.Gap}, nil
}

// Matches lists the events by role.
func (e ExitRate) Matches() [][]journey.Match { return [][]journey.Match{e.Activity, e.Event} }

// Read records nothing but the time of the event.
func (ExitRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (e ExitRate) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom - e.Gap }

// NewSums returns empty sums. An error names the invalid field.
func (e ExitRate) NewSums(*metric.Context) (metric.Sums, error) {
	if e.Gap <= 0 {
		return nil, fmt.Errorf("exitRate.sessionGap: must be greater than 0")
	}
	return &sessions{gap: e.Gap, exits: true}, nil
}

// sessions splits the activity of each person at gaps. A session belongs to the period in which it starts, and counts once its gap has passed.
type sessions struct {
	gap         int64
	exits       bool
	whole, part int64
}

// session is the current session of one person.
type session struct {
	begin, last int64
	events      int
	// hasPage is set if the event was in it, endsWithPage if it was the last one.
	hasPage, endsWithPage bool
}

func (s *sessions) AddPerson(v *metric.View) {
	var open session
	var at *metric.Hit // the previous event
	for i := range v.Hits {
		h := &v.Hits[i]
		same := at != nil && at.Same(h)
		at = h
		if !same && open.events > 0 && h.Time-open.last >= s.gap {
			s.end(v, &open)
			open = session{}
		}
		if open.events == 0 {
			open.begin = h.Time
		}
		if !same {
			open.events++
			open.endsWithPage = false
		}
		open.last = h.Time
		if h.Role == rolePage {
			open.hasPage, open.endsWithPage = true, true
		}
	}
	if open.events > 0 {
		s.end(v, &open)
	}
}

func (s *sessions) end(v *metric.View, o *session) {
	if !v.InPeriod(o.begin) || o.last+s.gap > v.Period.AsOf+1 {
		return
	}
	switch {
	case !s.exits:
		s.whole++
		if o.events == 1 {
			s.part++
		}
	case o.hasPage:
		s.whole++
		if o.endsWithPage {
			s.part++
		}
	}
}

func (s *sessions) Merge(other metric.Sums) {
	o := other.(*sessions)
	s.whole, s.part = s.whole+o.whole, s.part+o.part
}

func (s *sessions) Value() metric.Value { return shareWithInterval(s.part, s.whole) }
