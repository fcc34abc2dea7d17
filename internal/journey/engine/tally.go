// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// CountsRest reports whether the plan needs only counts of events whose names are not in EventNames. A store can then count them instead of returning them.
func (p *Plan) CountsRest() bool {
	needs := p.Needs()
	strict := p.Policy.Order == journey.Strict || slices.Contains(p.Policy.Compat, journey.StrictOrder)
	if strict || p.Policy.CountBy != "" || needs.History || needs.Traits || needs.Groups || p.Each != nil ||
		len(p.Exclude)+len(p.Filters)+len(p.Breakdowns) > 0 {
		return false
	}
	for _, m := range p.metrics() {
		if _, ok := m.(metric.StagesOnly); !ok {
			return false
		}
	}
	return !slices.Contains(p.EventNames(), "")
}

// TallySpans returns the time spans for which AddTally needs counts: all time, the future, the analysed time, then each period.
func (e *Engine) TallySpans() []event.Span {
	spans := []event.Span{{From: math.MinInt64, To: math.MaxInt64}, {From: e.asOf + 1, To: math.MaxInt64}, e.span}
	for _, eval := range e.evals {
		spans = append(spans, event.Span{From: eval.Period.From, To: eval.Period.SpanEnd(e.plan.Policy)})
	}
	return spans
}

// AddTally adds events that a store counted. None of them may belong to a person with more than MaxEvents events.
func (e *Engine) AddTally(t *event.Tally) {
	const everything, future, analysed, periods = 0, 1, 2, 3
	e.counts.Rows += t.Rows[everything]
	e.counts.Future += t.Rows[future]
	if t.Flagged {
		e.counts.Excluded += t.Rows[analysed]
		return
	}
	e.counts.Late += t.Late[analysed]
	e.countSource(t.Source, t.Rows[analysed])
	if t.Unidentified {
		e.counts.Unidentified += t.Rows[analysed]
	}
	name := e.names.Number(t.Name)
	if !t.Customer || e.ignored[name] {
		return
	}
	for i, eval := range e.evals {
		if n := t.Rows[periods+i]; n > 0 {
			eval.Coverage.AddUnmatched(name, n)
		}
	}
}
