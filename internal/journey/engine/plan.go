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

// Plan describes what a run computes.
type Plan struct {
	// Map with its stages and personas.
	Map journey.Map
	// Policy of progression.
	Policy journey.Policy
	// Periods to evaluate; the first one is the period that was requested.
	Periods []journey.Period
	// Exclude lists conditions. An event that fulfils any of them is left out.
	Exclude []journey.Condition
	// IgnoreEvents are event names that coverage ignores.
	IgnoreEvents []string
	// KPIs to compute.
	KPIs []metric.Named
	// Tables to compute.
	Tables []metric.Named
	// Breakdowns of the funnel and of the KPIs that are about attempts.
	Breakdowns []journey.Breakdown
	// Filters lists the filters that an event has to pass, all of them. What a customer did before the first event that passes is ignored, too.
	Filters []journey.Clause
	// Calendar for calendar periods.
	Calendar journey.Calendar
	// PublicSources are the sources whose traits and groups count only until another source sends the same key.
	PublicSources []string
	// Each, if set, is called for each person of the first period after the person was counted, with their placements in the breakdowns. Lists and
	// counts thus come from the same pass. The arguments are valid only during the call.
	Each func(v *metric.View, groups [][]breakdown.Placement)
}

// Needs returns what the plan needs of a scan. Keys that do not parse need nothing; New refuses them.
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

// metrics returns the KPIs, then the tables.
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

// Since returns the time from which the plan needs events; 0 means all.
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
		return 0 // all events, also those before 1970
	}
	return slices.Min(needed)
}

// lead returns how long before its entry an attempt can use an event. It is the grace, or 0 if all events have to be inside the range.
func (p *Plan) lead() int64 {
	if p.Policy.Conversions == journey.InRange {
		return 0
	}
	return int64(len(p.Map.Stages)) * p.Policy.Grace.Microseconds()
}

// EventNames returns the names of all events that stages, exclusions, KPIs and tables match. An empty name means any event.
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
