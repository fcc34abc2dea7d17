// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Plan is what a run computes.
type Plan struct {
	// Map with its stages and personas.
	Map Map
	// Policy of progression.
	Policy Policy
	// Periods to evaluate, the one that is asked for first.
	Periods []Period
	// Exclude lists conditions: an event for which any holds is left out.
	Exclude []Condition
	// IgnoreEvents are names that coverage leaves out.
	IgnoreEvents []string
	// KPIs to compute.
	KPIs []KPI
}

// Needs says which of the costly columns a plan reads.
type Needs struct {
	Properties, Traits, Groups, SessionID, Money, Survey bool
	// History says that events before the first period matter: personas look at what was known of a person.
	History bool
}

// Needs of the plan. Keys that do not parse need nothing; NewEngine refuses them.
func (p *Plan) Needs() Needs {
	var n Needs
	for _, persona := range p.Map.Personas {
		n.add(persona.Where)
		for _, c := range persona.Where {
			if k, err := parseKey(c.Key); err == nil && (k.field == fieldTraits || k.field == fieldGroups) {
				n.History = true
			}
		}
	}
	for _, s := range p.Map.Stages {
		for _, t := range s.Touchpoints {
			n.addMatches(t.Match)
		}
	}
	for _, k := range p.KPIs {
		for _, matches := range k.Measure.matches() {
			n.addMatches(matches)
		}
		switch k.Measure.(type) {
		case AverageOrderValue:
			n.Money = true
		case NetPromoterScore:
			n.Survey = true
		}
	}
	n.add(p.Exclude)
	return n
}

func (n *Needs) addMatches(list []Match) {
	for _, m := range list {
		n.add(m.Where)
	}
}

func (n *Needs) add(list []Condition) {
	for _, c := range list {
		k, err := parseKey(c.Key)
		if err != nil {
			continue
		}
		switch k.field {
		case fieldProperties:
			n.Properties = true
		case fieldTraits:
			n.Traits = true
		case fieldGroups:
			n.Groups = true
		case fieldSessionID:
			n.SessionID = true
		case fieldOrderID, fieldAmount, fieldCurrency:
			n.Money = true
		case fieldSurveyKind, fieldSurveyScore:
			n.Survey = true
		}
	}
}

// EventNames gives the names of all events that the stages and KPIs match.
func (p *Plan) EventNames() []string {
	var names []string
	seen := map[string]bool{}
	add := func(list []Match) {
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
	for _, k := range p.KPIs {
		for _, matches := range k.Measure.matches() {
			add(matches)
		}
	}
	return names
}
