// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
)

// matcher finds the touchpoints that an event makes.
type matcher struct {
	rules byName[candidate]
	// firsts is the number of touchpoints that want the person's first event ever of their names.
	firsts      int
	touchpoints []TouchpointName
}

// candidate is one match of one touchpoint.
type candidate struct {
	place      int // in the order of the map
	stage      uint8
	touchpoint uint16
	channel    string
	where      conditions
	// first is the touchpoint's number, from 1, among those that want the first event ever; 0 for the others.
	first uint16
}

// TouchpointName names a touchpoint of a map.
type TouchpointName struct {
	Stage, Touchpoint string
}

// newMatcher compiles the touchpoints. Candidates stay in the order of the map, so that the first listed
// touchpoint of a stage wins.
func newMatcher(stages []Stage) (*matcher, error) {
	if len(stages) == 0 || len(stages) > MaxStages {
		return nil, fmt.Errorf("spec.stages: a map has 1 to %d stages, this one %d", MaxStages, len(stages))
	}
	m, place := &matcher{rules: byName[candidate]{}}, 0
	for s, stage := range stages {
		for t, touchpoint := range stage.Touchpoints {
			var first uint16
			if touchpoint.FirstEver {
				m.firsts++
				first = uint16(m.firsts)
			}
			for i, match := range touchpoint.Match {
				path := fmt.Sprintf("spec.stages[%d].touchpoints[%d].match[%d].where", s, t, i)
				where, err := compile(match.Where, path)
				if err != nil {
					return nil, err
				}
				place++
				m.rules[match.Event] = append(m.rules[match.Event], candidate{
					place: place, stage: uint8(s), touchpoint: uint16(len(m.touchpoints)), channel: touchpoint.Channel, where: where, first: first,
				})
			}
			m.touchpoints = append(m.touchpoints, TouchpointName{Stage: stage.Name, Touchpoint: touchpoint.Name})
		}
	}
	return m, nil
}

// of gives the candidates for an event name, in the order of the map.
func (m *matcher) of(name string) []candidate {
	all := m.rules.of(name)
	if len(m.rules[name]) < len(all) {
		slices.SortFunc(all, func(a, b candidate) int { return a.place - b.place })
	}
	return all
}

// match gives the set of stages that an event can enter through the candidates, and appends the touchpoint of each.
func match(candidates []candidate, v *Values, found []uint16) (uint32, []uint16) {
	var stages uint32
	for i := range candidates {
		c := &candidates[i]
		if stages&(1<<c.stage) != 0 || c.channel != "" && c.channel != v.Row.Channel || c.first > 0 && !v.known.isFirst(c.first) {
			continue
		}
		if c.where.allHold(v) {
			stages |= 1 << c.stage
			found = append(found, c.touchpoint)
		}
	}
	return stages, found
}

// knows says whether a touchpoint looks at events of that very name.
func (m *matcher) knows(name string) bool { return m.rules.knows(name) }

// firstsOf gives the touchpoints that want the person's first event ever of a name, counted from 0 among such touchpoints.
func (m *matcher) firstsOf(name string) []uint16 {
	var out []uint16
	for _, c := range m.of(name) {
		if c.first > 0 && !slices.Contains(out, c.first-1) {
			out = append(out, c.first-1)
		}
	}
	return out
}

// ofClass tells whether candidates look at nothing but what the rows of a class have in common.
func ofClass(candidates []candidate) bool {
	return !slices.ContainsFunc(candidates, func(c candidate) bool { return !c.where.ofClass() })
}
