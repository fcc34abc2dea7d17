// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Transit is the longest duration of a sending: a time that the receiver corrected can be off by that much.
const Transit = 30 * time.Second

// Compute answers a question about the map for all worlds that were sent to one store.
func Compute(q Question, worlds ...*world.World) *Report {
	r := newReport(q)
	each(q, worlds, func(events []*world.Event) {
		for _, e := range events {
			r.cover(e)
		}
		for _, p := range persons(q, events) {
			r.add(p)
			if differs(q, p) {
				r.Unsure++
			}
		}
	})
	r.finish()
	return r
}

// each calls take with the events that count, one part of a world at a time. No person is in two parts.
func each(q Question, worlds []*world.World, take func([]*world.Event)) {
	for _, w := range worlds {
		var public []*world.Event
		for h := range w.Households() {
			var private []*world.Event
			for _, e := range w.Household(h) {
				switch {
				case !counts(q, &e):
				case e.Public():
					public = append(public, &e)
				default:
					private = append(private, &e)
				}
			}
			take(private)
		}
		take(public)
	}
}

// counts reports whether an event is in the store, and neither excluded nor after the analysis.
func counts(q Question, e *world.Event) bool {
	return !e.Robot && !e.Test && !e.Future && !e.Time.After(q.AsOf) &&
		(q.Known.IsZero() || !e.SentAt().After(q.Known)) &&
		(len(q.Sources) == 0 || slices.Contains(q.Sources, string(e.Source)))
}

// persons returns the persons in the order of their keys.
func persons(q Question, events []*world.Event) []person {
	byKey := map[string][]*world.Event{}
	known := q.Known
	if known.IsZero() {
		known = time.Unix(1<<40, 0)
	}
	var keys []string
	for _, e := range events {
		who := e.Who(known)
		if _, ok := byKey[who]; !ok {
			keys = append(keys, who)
		}
		byKey[who] = append(byKey[who], e)
	}
	slices.SortFunc(keys, strings.Compare)
	out := make([]person, len(keys))
	for i, key := range keys {
		out[i] = newPerson(byKey[key])
	}
	return out
}

// differs reports whether the figures of a person change if the events with corrected clocks are late by the longest transit.
func differs(q Question, p person) bool {
	if !slices.ContainsFunc(p, func(e *world.Event) bool { return e.Skewed }) {
		return false
	}
	a, b := figures(q, p), figures(q, p.late(Transit))
	return a != b
}

// late returns the person with the events with corrected clocks moved later.
func (p person) late(by time.Duration) person {
	var late []*world.Event
	for _, e := range p {
		copied := *e
		if copied.Skewed {
			copied.Time = copied.Time.Add(by)
		}
		late = append(late, &copied)
	}
	return newPerson(late)
}

// figure is what a person adds to counts.
type figure struct {
	mature, young int
	persona       string
	channels      [stages]string
	reached       [stages]bool
}

func figures(q Question, p person) figure {
	run := p.best(q, q.mature)
	f := figure{mature: len(run), young: len(p.best(q, q.young)), reached: p.reached(q)}
	for i, e := range run {
		f.channels[i] = e.Source.Channel()
	}
	if len(run) > 0 {
		f.persona = p.persona(run[0].Time)
	}
	return f
}
