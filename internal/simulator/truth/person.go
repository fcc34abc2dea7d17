// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// stages is the number of stages of the sample map.
const stages = len(world.StageNames)

// passage is one run through the stages from one entry: the events that reached its stages, in order.
type passage []*world.Event

// person is one person as the store can see them, with all their events that count, in the order of time.
type person []*world.Event

func newPerson(events []*world.Event) person {
	slices.SortStableFunc(events, func(a, b *world.Event) int { return a.Time.Compare(b.Time) })
	return events
}

// passageFrom follows the person from one entry: for each next stage, it uses the first event that is not earlier than the previous one and not after
// the end of the window.
func (p person) passageFrom(entry *world.Event, q Question) passage {
	run := passage{entry}
	deadline := entry.Time.Add(q.Window)
	if q.AsOf.Before(deadline) {
		deadline = q.AsOf
	}
	for stage := 1; stage < stages; stage++ {
		next := p.first(stage, run[stage-1].Time, deadline)
		if next == nil {
			break
		}
		run = append(run, next)
	}
	return run
}

// first returns the first event of a stage from one instant to another, both inclusive.
func (p person) first(stage int, from, to time.Time) *world.Event {
	for _, e := range p {
		if e.Stage == stage && !e.Time.Before(from) && !e.Time.After(to) {
			return e
		}
	}
	return nil
}

// best returns the longest passage of those whose start fulfils begins, and of equal ones the first.
func (p person) best(q Question, begins func(time.Time) bool) passage {
	var best passage
	for _, e := range p {
		if e.Stage == world.Awareness && begins(e.Time) {
			if run := p.passageFrom(e, q); len(run) > len(best) {
				best = run
			}
		}
	}
	return best
}

// persona returns the persona of the person at an instant: by the latest segment that was sent until then.
func (p person) persona(t time.Time) string {
	segment := ""
	for _, e := range p {
		if e.Segment != "" && !e.Time.After(t) {
			segment = e.Segment
		}
	}
	return world.PersonaOf(segment)
}

// reached returns the stages in which the person has any event, in the time over which reach is counted.
func (p person) reached(q Question) [stages]bool {
	var out [stages]bool
	for _, e := range p {
		if e.Stage != world.NoStage && q.spanned(e.Time) {
			out[e.Stage] = true
		}
	}
	return out
}
