// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

const day = 24 * time.Hour

var end = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func drawWorld(t *rapid.T) *world.World {
	p := world.Defaults(end)
	p.Seed = rapid.Uint64().Draw(t, "seed")
	p.Persons = rapid.IntRange(1, 30).Draw(t, "persons")
	p.Omnichannel = rapid.Bool().Draw(t, "omnichannel")
	w, err := world.New(p)
	require.NoError(t, err)
	return w
}

// drawAsOf draws a random time, or one at which an event or the end of its window is at the limit.
func drawAsOf(t *rapid.T, q Question, events []world.Event) time.Time {
	e := events[rapid.IntRange(0, len(events)-1).Draw(t, "event")]
	at := rapid.SampledFrom([]time.Time{
		e.Time, e.Time.Add(q.Window), e.Time.Add(q.Window + q.Lookback), e.Time.Add(q.Window - time.Microsecond),
		e.Time.Add(q.Window + q.Lookback + time.Microsecond), end, end.Add(-time.Duration(rapid.Int64Range(0, int64(40*day)).Draw(t, "ago"))),
	}).Draw(t, "asOf")
	if e.Future {
		return end
	}
	return at
}

func TestTruthAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		events := w.Events()
		q := Question{Window: 7 * day, Lookback: rapid.SampledFrom([]time.Duration{day, 10 * day, 30 * day}).Draw(t, "lookback")}
		q.AsOf = drawAsOf(t, q, events)
		if rapid.Bool().Draw(t, "some of it was not received yet") {
			q.Known = end.Add(-time.Duration(rapid.Int64Range(0, int64(50*day)).Draw(t, "unknown")))
			events = slices.DeleteFunc(events, func(e world.Event) bool { return e.SentAt().After(q.Known) })
		}
		got := Compute(q, w)
		want := slowReport(q, events)
		got.Unsure, got.Coverage.Unsure = 0, 0
		require.Empty(t, cmp.Diff(want, got, cmp.AllowUnexported(Report{})))
	})
}

// slowReport returns the slow numbers in the same form.
func slowReport(q Question, events []world.Event) *Report {
	s, r := newSlow(q, events), newReport(q)
	for _, e := range s.events {
		if !e.Brand && e.Kind == world.Track && e.Name != "Live Chat Conversation Ended" && !e.Time.Before(q.AsOf.Add(-q.Window-q.Lookback)) {
			if slowStage(e) >= 0 {
				r.Coverage.Matched++
			} else {
				r.Coverage.Unmatched++
				r.Coverage.Names[e.Name]++
			}
		}
	}
	first, last := q.AsOf.Add(-q.Window-q.Lookback), q.AsOf.Add(-q.Window)
	for _, mine := range s.people() {
		for stage := range r.Stages {
			for _, e := range mine {
				if slowStage(e) == stage && !e.Time.Before(first) {
					r.Stages[stage].Reach++
					break
				}
			}
		}
		if run := s.attempt(mine, func(t time.Time) bool { return !t.Before(first) && !t.After(last) }); run != nil {
			r.addPassage(run)
			addTo(r.Personas, slowPersona(mine, run[0].Time), len(run) == len(r.Stages))
		}
		if run := s.attempt(mine, func(t time.Time) bool { return t.After(last) && !t.After(q.AsOf) }); run != nil {
			r.Provisional.Entered++
			if len(run) == len(r.Stages) {
				r.Provisional.Converted++
			} else {
				r.Provisional.InProgress++
			}
		}
	}
	r.finish()
	return sorted(r)
}

func slowPersona(events []*world.Event, at time.Time) string {
	var newest time.Time
	segment := ""
	for _, e := range events {
		if e.Segment != "" && !e.Time.After(at) && !e.Time.Before(newest) {
			newest, segment = e.Time, e.Segment
		}
	}
	switch segment {
	case "discount":
		return "bargain-hunter"
	case "member":
		return "loyal-regular"
	case "project":
		return "big-project"
	}
	return "other"
}

func TestNumbersAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		q := Question{AsOf: end, Window: 7 * day, Lookback: 30 * day}
		r := Compute(q, w)
		for i, s := range r.Stages {
			require.Equal(t, s.Entered, s.Converted+s.Dropped)
			if i > 0 {
				require.Equal(t, r.Stages[i-1].Converted, s.Entered)
			}
			var byChannel int64
			for _, c := range s.ByChannel {
				byChannel += c.Customers
			}
			require.Equal(t, s.Entered, byChannel)
		}
		var customers int64
		for _, s := range r.Personas {
			customers += s.Customers
		}
		require.Equal(t, r.Stages[0].Entered, customers)
		require.Equal(t, r.Provisional.Entered, r.Provisional.InProgress+r.Provisional.Converted)
	})
}

// Draws events exactly at the end of the window, and one millisecond later.
func TestEndOfTheWindowCounts(t *testing.T) {
	p := world.Defaults(end)
	p.Persons = 2000
	w, err := world.New(p)
	require.NoError(t, err)
	exact, beyond := 0, 0
	q := Question{AsOf: end, Window: p.Window, Lookback: 60 * day}
	each(q, []*world.World{w}, func(events []*world.Event) {
		for _, person := range persons(q, events) {
			for _, e := range person {
				if e.Stage != world.Awareness || !q.mature(e.Time) {
					continue
				}
				run := person.passageFrom(e, q)
				if run[len(run)-1].Time.Sub(e.Time) == q.Window {
					exact++
				}
				if next := person.first(len(run), e.Time, end); next != nil && next.Time.Sub(e.Time) == q.Window+time.Millisecond {
					beyond++
				}
			}
		}
	})
	require.Positive(t, exact)
	require.Positive(t, beyond)
}
