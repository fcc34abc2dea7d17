// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Plan is what a run computes.
type Plan struct {
	// Map with its stages and personas.
	Map journey.Map
	// Policy of progression.
	Policy journey.Policy
	// Periods to evaluate, the one that is asked for first.
	Periods []journey.Period
	// Exclude lists conditions: an event for which any holds is left out.
	Exclude []journey.Condition
	// IgnoreEvents are names that coverage leaves out.
	IgnoreEvents []string
	// KPIs to compute.
	KPIs []metric.Named
	// Tables to compute.
	Tables []metric.Named
	// Breakdowns of the funnel and of KPIs that look at attempts.
	Breakdowns []journey.Breakdown
	// Filters that an event has to pass, all of them. What a customer did before the first event that passes is not looked at either.
	Filters []journey.Clause
	// Calendar for calendar periods.
	Calendar journey.Calendar
	// PublicSources are those whose events' traits and groups hold only as long as no other source has said anything of the same key.
	PublicSources []string
	// Each, if set, is called with every person in the first period, after the person was counted, and with the person's places in the breakdowns, in
	// their order; lists and counts so come from one pass. Both are valid during the call only.
	Each func(v *metric.View, groups [][]breakdown.Placement)
}

// Needs of the plan. Keys that do not parse need nothing; NewEngine refuses them.
func (p *Plan) Needs() match.Needs {
	var n match.Needs
	for _, persona := range p.Map.Personas {
		n.AddState(persona.Where)
	}
	for _, s := range p.Map.Stages {
		for _, t := range s.Touchpoints {
			n.History = n.History || t.FirstEver
			n.AddMatches(t.Match)
		}
	}
	for _, x := range p.Policy.Exclusions {
		n.AddMatches(x.Match)
	}
	for _, key := range p.Policy.HoldConstant {
		n.AddKey(key)
	}
	for _, m := range p.metrics() {
		for _, matches := range m.Matches() {
			n.AddMatches(matches)
		}
		if m, ok := m.(metric.Needy); ok {
			m.Needs(&n)
		}
	}
	for _, f := range p.Filters {
		n.Add(f.AnyOf)
	}
	for _, b := range p.Breakdowns {
		for _, key := range b.Keys {
			n.AddKey(key)
		}
	}
	n.Add(p.Exclude)
	return n
}

// metrics lists those of the KPIs, then those of the tables.
func (p *Plan) metrics() []metric.Metric {
	list := make([]metric.Metric, 0, len(p.KPIs)+len(p.Tables))
	for _, k := range p.KPIs {
		list = append(list, k.Metric)
	}
	for _, t := range p.Tables {
		list = append(list, t.Metric)
	}
	return list
}

// Since is the time from which on the plan needs events; 0 means all.
func (p *Plan) Since() int64 {
	if p.Needs().History {
		return 0
	}
	var needed []int64
	for i := range p.Periods {
		period := &p.Periods[i]
		needed = append(needed, period.From-p.lead(), period.EventsFrom)
		for _, m := range p.metrics() {
			if m, ok := m.(metric.Historic); ok {
				needed = append(needed, m.Since(period, &p.Calendar))
			}
		}
	}
	if slices.Contains(needed, 0) {
		return 0 // whatever the others need, before 1970 included
	}
	return slices.Min(needed)
}

// lead is how long before its entry an attempt may use an event: with a grace, unless all has to lie in the range.
func (p *Plan) lead() int64 {
	if p.Policy.Conversions == journey.InRange {
		return 0
	}
	return int64(len(p.Map.Stages)) * p.Policy.Grace.Microseconds()
}

// EventNames returns the names of all events that the stages, exclusions, KPIs and tables match; an empty one stands for any event.
func (p *Plan) EventNames() []string {
	var names []string
	seen := map[string]bool{}
	add := func(list []journey.Match) {
		for _, m := range list {
			if !seen[m.Event] {
				seen[m.Event] = true
				names = append(names, m.Event)
			}
		}
	}
	for _, s := range p.Map.Stages {
		for _, t := range s.Touchpoints {
			add(t.Match)
		}
	}
	for _, x := range p.Policy.Exclusions {
		add(x.Match)
	}
	for _, m := range p.metrics() {
		for _, matches := range m.Matches() {
			add(matches)
		}
	}
	return names
}
