// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
)

// personas sorts customers into kinds. Conditions on traits and groups are judged by what was known of the
// person at the entry of the attempt: for each key the newest value that any event of the person set at or before that
// instant. All other conditions are judged on the event that entered.
type personas struct {
	names   []string
	onEvent []conditions
	onState []conditions
}

func newPersonas(list []Persona) (*personas, error) {
	if len(list) > MaxPersonas {
		return nil, fmt.Errorf("spec.personas: at most %d personas", MaxPersonas)
	}
	p := &personas{}
	for i, persona := range list {
		all, err := compile(persona.Where, fmt.Sprintf("spec.personas[%d].where", i))
		if err != nil {
			return nil, err
		}
		var onEvent, onState conditions
		for _, c := range all {
			if c.key.field == fieldTraits || c.key.field == fieldGroups {
				onState = append(onState, c)
			} else {
				onEvent = append(onEvent, c)
			}
		}
		p.names = append(p.names, persona.Name)
		p.onEvent = append(p.onEvent, onEvent)
		p.onState = append(p.onState, onState)
	}
	return p, nil
}

// match gives the set of personas whose conditions on the event hold.
func (p *personas) match(v *Values) uint16 {
	var set uint16
	for i, where := range p.onEvent {
		if where.allHold(v) {
			set |= 1 << i
		}
	}
	return set
}

// of gives the number of the first persona that fits an entry: candidates is the set that match gave for the entering event.
// The number after the last one stands for "other".
func (p *personas) of(known *Known, candidates uint16, entry int64) int {
	for i, where := range p.onState {
		if candidates&(1<<i) != 0 && stateHolds(where, known, entry) {
			return i
		}
	}
	return len(p.names)
}

func stateHolds(where conditions, known *Known, at int64) bool {
	for i := range where {
		history := &known.traits
		if where[i].key.field == fieldGroups {
			history = &known.groups
		}
		if value, ok := history.at(where[i].key.path, at); !where[i].holds(value, ok) {
			return false
		}
	}
	return true
}

// ofClass tells whether the conditions on the event look at nothing but what the rows of a class have in common.
func (p *personas) ofClass() bool {
	return !slices.ContainsFunc(p.onEvent, func(where conditions) bool { return !where.ofClass() })
}
