// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// flush adds the person to all evaluations. It drops rows that are out of order: the search for attempts relies on the order.
func (e *Engine) flush() {
	if !e.open || e.disorder != nil {
		return
	}
	if e.person.isOversized() {
		e.counts.Oversized++
		return
	}
	if over := e.person.public - journey.MaxEvents; over > 0 {
		e.counts.Crowded++
		e.counts.CrowdedOut += int64(over)
	}
	if e.person.Nobody {
		for _, eval := range e.evals {
			e.evaluateNobody(eval)
		}
		return
	}
	if e.person.First == onlyBefore {
		e.noteOutside(&e.evals[0].Period, false, false)
		return
	}
	for i, eval := range e.evals {
		e.evaluate(eval)
		if i == 0 && e.plan.Each != nil {
			e.plan.Each(&e.view, e.placed)
		}
	}
}

// evaluate adds the person to one period and leaves their view for the caller.
func (e *Engine) evaluate(eval *Evaluation) {
	p, period, v := &e.person, &eval.Period, &e.view
	*v = metric.View{Person: &p.Person, Period: period, Progression: e.progression, Persona: len(e.personas.Names)}
	eval.Funnel.AddReach(eval.Coverage.Add(p.Events, p.Touches, period.From, period.SpanEnd(e.plan.Policy), e.ignored))
	if p.seen(period) {
		eval.Seen++
	}
	next := e.findAttempts(v)
	for i := range v.Attempts {
		c := &v.Attempts[i]
		eval.Funnel.Add(p.Events, &c.Attempt, c.Converted, c.Persona)
		if v.Attempt == nil || c.Attempt.Deeper(v.Attempt) {
			v.Attempt, v.Converted, v.Persona = &c.Attempt, c.Converted, c.Persona
		}
	}
	e.found, _ = e.progression.All(period.From, p.Events, next, period.YoungTo, period.YoungLimit, e.found[:0])
	for i := range e.found {
		eval.Funnel.AddYoung(e.progression.Converted(&e.found[i]))
	}
	if eval == e.evals[0] {
		e.noteOutside(period, len(v.Attempts) > 0, len(e.found) > 0)
	}
	for i, sums := range eval.sums {
		v.Hits = p.hits[i]
		sums.AddPerson(v)
	}
	e.breakDown(eval, v)
}

// evaluateNobody adds an event without identities to everything that counts events: coverage, and the metrics that count single events.
func (e *Engine) evaluateNobody(eval *Evaluation) {
	p, period, v := &e.person, &eval.Period, &e.view
	*v = metric.View{Person: &p.Person, Period: period, Progression: e.progression, Persona: len(e.personas.Names)}
	eval.Coverage.Add(p.Events, p.Touches, period.From, period.SpanEnd(e.plan.Policy), e.ignored)
	for i, sums := range eval.sums {
		if _, ok := sums.(metric.OfEvents); ok {
			v.Hits = p.hits[i]
			sums.AddPerson(v)
		}
	}
}

// breakDown adds the person of a view to the groups of all breakdowns.
func (e *Engine) breakDown(eval *Evaluation, v *metric.View) {
	e.placed = e.placed[:0]
	for i, sums := range eval.Breakdowns {
		placements := e.breakdowns[i].Place(v)
		sums.Add(v.Person.Events, placements)
		e.placed = append(e.placed, placements)
	}
}

// findAttempts finds the mature attempts that count, and the earliest instant at which another one could start.
func (e *Engine) findAttempts(v *metric.View) (next int64) {
	period := v.Period
	e.found, next = e.progression.All(period.From, v.Person.Events, period.From, period.To, period.Limit, e.found[:0])
	e.counted = e.counted[:0]
	for i := range e.found {
		a := &e.found[i]
		e.counted = append(e.counted, metric.Counted{
			Attempt: *a, Converted: e.progression.Converted(a), Persona: e.personas.Of(v.Person.Known, e.entering(a).Personas, a.Entry),
		})
	}
	v.Attempts = e.counted
	return next
}

// entering returns the event that started an attempt.
func (e *Engine) entering(a *journey.Attempt) *journey.Event {
	if e.plan.Policy.Order != journey.AnyOrder {
		return &e.person.Events[a.Event[0]]
	}
	first := a.Event[bits.TrailingZeros32(a.Stages)]
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		first = min(first, a.Event[bits.TrailingZeros32(rest)])
	}
	return &e.person.Events[first]
}
