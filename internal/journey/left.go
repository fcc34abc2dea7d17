// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"math"
	"slices"
)

// CountsRest says that of events whose names are not among EventNames the plan needs no more than counts, so that a store may
// count them instead of giving them.
func (p *Plan) CountsRest() bool {
	needs := p.Needs()
	strict := p.Policy.Order == Strict || slices.Contains(p.Policy.Compat, StrictOrder)
	if strict || p.Policy.CountBy != "" || needs.History || needs.Traits || needs.Groups || p.Each != nil ||
		len(p.Exclude)+len(p.Filters)+len(p.Breakdowns) > 0 {
		return false
	}
	for _, m := range p.metrics() {
		if _, ok := m.(StagesOnly); !ok {
			return false
		}
	}
	return !slices.Contains(p.EventNames(), "")
}

// Left counts events of one sort that a store counted instead of giving them.
type Left struct {
	// Source and Name of the events.
	Source, Name string
	// Flagged are marked as test or robot; Customer events are those that a customer did; Unidentified are of nobody in particular.
	Flagged, Customer, Unidentified bool
	// Rows in the spans of LeftSpans, and those of them that were Late.
	Rows, Late []int64
}

// LeftSpans are the spans of time in which AddLeft needs the counts: all time, the future, the analysed time, then that of each period.
func (e *Engine) LeftSpans() []Span {
	spans := []Span{{From: math.MinInt64, To: math.MaxInt64}, {From: e.asOf + 1, To: math.MaxInt64}, e.span}
	for _, eval := range e.evals {
		spans = append(spans, Span{From: eval.Period.From, To: eval.Period.SpanEnd(e.plan.Policy)})
	}
	return spans
}

// AddLeft takes events that were counted. None may be of a person with over MaxEvents events.
func (e *Engine) AddLeft(l *Left) {
	const everything, future, analysed, periods = 0, 1, 2, 3
	e.counts.Rows += l.Rows[everything]
	e.counts.Future += l.Rows[future]
	if l.Flagged {
		e.counts.Excluded += l.Rows[analysed]
		return
	}
	e.counts.Late += l.Late[analysed]
	e.countSource(l.Source, l.Rows[analysed])
	if l.Unidentified {
		e.counts.Unidentified += l.Rows[analysed]
	}
	name := e.names.Number(l.Name)
	if !l.Customer || e.ignored[name] {
		return
	}
	for i, eval := range e.evals {
		if n := l.Rows[periods+i]; n > 0 {
			eval.Coverage.Unmatched += n
			eval.Coverage.count(name, n)
		}
	}
}
