// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// BounceRate is the share of sessions with a single event of activity.
type BounceRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Gap is the time without activity that ends a session, in microseconds.
	Gap int64
}

// ExitRate is the share of the sessions with some event, a page perhaps, that ended with it.
type ExitRate struct {
	// Event lists what the session ended with, Activity what counts as activity.
	Event, Activity []journey.Match
	// Gap is the time without activity that ends a session, in microseconds.
	Gap int64
}

// Roles of events in sessions.
const (
	roleActivity uint8 = iota
	rolePage
)

// Matches lists the events that it looks at, by role.
func (b BounceRate) Matches() [][]journey.Match { return [][]journey.Match{b.Event} }

// Read notes no more than that the event happened, and when.
func (BounceRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since looks as far back as to know whether the first session started before the period.
func (b BounceRate) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom - b.Gap }

// NewSums returns empty sums; an error names the field that is wrong.
func (b BounceRate) NewSums(*metric.Context) (metric.Sums, error) {
	if b.Gap <= 0 {
		return nil, fmt.Errorf("bounceRate.sessionGap: must be greater than 0")
	}
	return &sessions{gap: b.Gap}, nil
}

// Matches lists the events that it looks at, by role.
func (e ExitRate) Matches() [][]journey.Match { return [][]journey.Match{e.Activity, e.Event} }

// Read notes no more than that the event happened, and when.
func (ExitRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since is the time from which on it needs events.
func (e ExitRate) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom - e.Gap }

// NewSums returns empty sums; an error names the field that is wrong.
func (e ExitRate) NewSums(*metric.Context) (metric.Sums, error) {
	if e.Gap <= 0 {
		return nil, fmt.Errorf("exitRate.sessionGap: must be greater than 0")
	}
	return &sessions{gap: e.Gap, exits: true}, nil
}

// sessions cuts the activity of each person at gaps. A session belongs to the period in which it starts, and counts once its gap is over.
type sessions struct {
	gap         int64
	exits       bool
	whole, part int64
}

// session is the session of one person that is open.
type session struct {
	begin, last int64
	events      int
	// hasPage says that the event was in it, endsWithPage that it was the last.
	hasPage, endsWithPage bool
}

func (s *sessions) AddPerson(v *metric.View) {
	var open session
	var at *metric.Hit // the event that was looked at before
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
