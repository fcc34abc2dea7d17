// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Matcher finds the touchpoints that an event makes.
type Matcher struct {
	rules ByName[Candidate]
	// Firsts is the number of touchpoints with firstEver.
	Firsts      int
	Touchpoints []journey.TouchpointName
}

// Candidate is one match of one touchpoint.
type Candidate struct {
	place      int // in the order of the map
	stage      uint8
	touchpoint uint16
	channel    string
	where      Conditions
	// first is the number of the touchpoint among those with firstEver, from 1; 0 for the others.
	first uint16
}

// NewMatcher compiles the touchpoints. Candidates stay in the order of the map, so the first listed touchpoint of a stage is used.
func NewMatcher(stages []journey.Stage) (*Matcher, error) {
	if len(stages) == 0 || len(stages) > journey.MaxStages {
		return nil, fmt.Errorf("spec.stages: a map has 1 to %d stages, this one has %d", journey.MaxStages, len(stages))
	}
	m, place := &Matcher{rules: ByName[Candidate]{}}, 0
	for s, stage := range stages {
		for t, touchpoint := range stage.Touchpoints {
			var first uint16
			if touchpoint.FirstEver {
				m.Firsts++
				first = uint16(m.Firsts)
			}
			for i, match := range touchpoint.Match {
				path := fmt.Sprintf("spec.stages[%d].touchpoints[%d].match[%d].where", s, t, i)
				where, err := Compile(match.Where, path)
				if err != nil {
					return nil, err
				}
				place++
				m.rules[match.Event] = append(m.rules[match.Event], Candidate{
					place: place, stage: uint8(s), touchpoint: uint16(len(m.Touchpoints)), channel: touchpoint.Channel, where: where, first: first,
				})
			}
			m.Touchpoints = append(m.Touchpoints, journey.TouchpointName{Stage: stage.Name, Touchpoint: touchpoint.Name})
		}
	}
	return m, nil
}

// Of returns the candidates for an event name, in the order of the map.
func (m *Matcher) Of(name string) []Candidate {
	all := m.rules.Of(name)
	if len(m.rules[name]) < len(all) {
		slices.SortFunc(all, func(a, b Candidate) int { return a.place - b.place })
	}
	return all
}

// Stages returns the set of stages that an event can enter through the candidates, and appends the touchpoint of each.
func Stages(candidates []Candidate, v *Values, found []uint16) (uint32, []uint16) {
	var stages uint32
	for i := range candidates {
		c := &candidates[i]
		if stages&(1<<c.stage) != 0 || c.channel != "" && c.channel != v.Row.Channel || c.first > 0 && !v.known.isFirst(c.first) {
			continue
		}
		if c.where.AllHold(v) {
			stages |= 1 << c.stage
			found = append(found, c.touchpoint)
		}
	}
	return stages, found
}

// Knows reports whether a touchpoint matches events of that exact name.
func (m *Matcher) Knows(name string) bool { return m.rules.Knows(name) }

// FirstsOf returns the touchpoints with firstEver that match a name, counted among those with firstEver from 0.
func (m *Matcher) FirstsOf(name string) []uint16 {
	var out []uint16
	for _, c := range m.Of(name) {
		if c.first > 0 && !slices.Contains(out, c.first-1) {
			out = append(out, c.first-1)
		}
	}
	return out
}

// OfClass reports whether candidates use only what all rows of a class have in common.
func OfClass(candidates []Candidate) bool {
	return !slices.ContainsFunc(candidates, func(c Candidate) bool { return !c.where.ofClass() })
}
