// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package silence decides whether touchpoints without events are silent, or whether it is too early to tell. A touchpoint is silent if events that
// could match it were collected for long enough. It does not depend on the store or the engine.
package silence

import (
	"slices"
	"time"
)

// enough is the longest time that data have to cover before a touchpoint without events counts as silent, for any lookback.
const enough = 30 * 24 * time.Hour

// idle is the time after the last receipt of a source from which its data count as complete. A source that sends old events has not finished before.
const idle = time.Hour

// Source describes the data of one source.
type Source struct {
	// Channel of the source.
	Channel string
	// Oldest and Newest event; zero if there are none.
	Oldest, Newest time.Time
	// Received is the time of its newest receipt.
	Received time.Time
}

// Touchpoint of the map.
type Touchpoint struct {
	// Name as it is shown.
	Name string
	// Channel that its events must have; empty for any.
	Channel string
	// Events is the number of its events in the analysed time. Ahead is set if it had one since.
	Events int64
	Ahead  bool
}

// Question describes the analysis of a map.
type Question struct {
	// From and AsOf limit the time in which events were counted.
	From, AsOf time.Time
	// Lookback as requested. Data that cover it, or 30 days if that is less, are enough.
	Lookback time.Duration
	// Sources of the map.
	Sources []Source
}

// Answer lists the touchpoints without events.
type Answer struct {
	// Silent touchpoints had none for long enough.
	Silent []string
	// Quiet ones had none, but the data are too short to call them silent.
	Quiet []string
	// Since is the earliest time from which data were considered: that of the oldest event, or From; zero without data.
	Since time.Time
}

// Evaluate classifies each touchpoint without events, in the given order.
func (q *Question) Evaluate(list []Touchpoint) Answer {
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

// feeding returns the sources that can send events of a channel: those with that channel, or all if there are none, because a mapping can set the channel.
func (q *Question) feeding(channel string) []Source {
	of := slices.DeleteFunc(slices.Clone(q.Sources), func(s Source) bool { return s.Channel != channel })
	if channel == "" || len(of) == 0 {
		return q.Sources
	}
	return of
}

// covered reports whether some source was collected for long enough.
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

// since returns the time from which there are data of the sources.
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
