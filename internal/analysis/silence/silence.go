// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package silence evaluates touchpoints that had no event: are they silent, or is it too early to say? A touchpoint is silent when events that
// could match it were being collected for long enough. It knows no store and no engine.
package silence

import (
	"slices"
	"time"
)

// enough is the longest time that data have to cover before a touchpoint without events is called silent, however long the lookback is.
const enough = 30 * 24 * time.Hour

// idle is how long nothing has to come from a source before what it did not send is taken for not having happened. A source that
// sends its past is not through yet.
const idle = time.Hour

// Source is what is known about the data of one source.
type Source struct {
	// Channel of the source.
	Channel string
	// Oldest and Newest event of it; zero when it has none.
	Oldest, Newest time.Time
	// Received is the time of its newest receipt.
	Received time.Time
}

// Touchpoint of the map.
type Touchpoint struct {
	// Name as it is shown.
	Name string
	// Channel that its events have to have; empty for any.
	Channel string
	// Events is the number of its events in the analysed time; Ahead says that it had one since.
	Events int64
	Ahead  bool
}

// Question asks about the touchpoints of a map.
type Question struct {
	// From and AsOf bound the time in which events were counted.
	From, AsOf time.Time
	// Lookback that was asked for; data that cover it, or 30 days if that is less, are enough.
	Lookback time.Duration
	// Sources of the map.
	Sources []Source
}

// Answer says which touchpoints had no event.
type Answer struct {
	// Silent touchpoints had none for long enough.
	Silent []string
	// Quiet ones had none, but the data are too short to call them silent.
	Quiet []string
	// Since is the earliest time from which on data were looked at: that of the oldest event, or of From; zero without data.
	Since time.Time
}

// Judge answers for each touchpoint that had no event, in the order given.
func (q *Question) Judge(list []Touchpoint) Answer {
	a := Answer{Since: q.since(q.Sources)}
	for _, t := range list {
		switch {
		case t.Events > 0 || t.Ahead:
		case q.covered(q.feeding(t.Channel)):
			a.Silent = append(a.Silent, t.Name)
		default:
			a.Quiet = append(a.Quiet, t.Name)
		}
	}
	return a
}

// feeding returns the sources that may send events of a channel: those of the channel, or all where none is, since a mapping may set it.
func (q *Question) feeding(channel string) []Source {
	of := slices.DeleteFunc(slices.Clone(q.Sources), func(s Source) bool { return s.Channel != channel })
	if channel == "" || len(of) == 0 {
		return q.Sources
	}
	return of
}

// covered reports whether some source was being collected for long enough.
func (q *Question) covered(sources []Source) bool {
	need := min(q.Lookback, enough, q.AsOf.Sub(q.From))
	return slices.ContainsFunc(sources, func(s Source) bool {
		if s.Oldest.IsZero() {
			return false
		}
		until := q.AsOf
		if q.AsOf.Sub(s.Received) < idle && s.Newest.Before(until) {
			until = s.Newest
		}
		return until.Sub(q.since([]Source{s})) >= need
	})
}

// since returns the time from which on there are data of the sources.
func (q *Question) since(sources []Source) time.Time {
	var oldest time.Time
	for _, s := range sources {
		if !s.Oldest.IsZero() && (oldest.IsZero() || s.Oldest.Before(oldest)) {
			oldest = s.Oldest
		}
	}
	if !oldest.IsZero() && oldest.Before(q.From) {
		return q.From
	}
	return oldest
}
