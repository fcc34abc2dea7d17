// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Personas finds the persona of a customer. Conditions on traits and groups use the values at the entry of the attempt: for each key, the latest
// value that any event of the person set at or before that instant. All other conditions are evaluated on the event that started the attempt.
type Personas struct {
	Names   []string
	onEvent []Conditions
	onState []Conditions
}

// NewPersonas compiles the personas of a map. An error names the invalid field.
func NewPersonas(list []journey.Persona) (*Personas, error) {
	if len(list) > journey.MaxPersonas {
		return nil, fmt.Errorf("spec.personas: at most %d personas", journey.MaxPersonas)
	}
	p := &Personas{}
	for i, persona := range list {
		all, err := Compile(persona.Where, fmt.Sprintf("spec.personas[%d].where", i))
		if err != nil {
			return nil, err
		}
		var onEvent, onState Conditions
		for _, c := range all {
			if c.key.field == fieldTraits || c.key.field == fieldGroups {
				onState = append(onState, c)
			} else {
				onEvent = append(onEvent, c)
			}
		}
		p.Names = append(p.Names, persona.Name)
		p.onEvent = append(p.onEvent, onEvent)
		p.onState = append(p.onState, onState)
	}
	return p, nil
}

// Match returns the set of personas whose conditions the event fulfils.
func (p *Personas) Match(v *Values) uint16 {
	var set uint16
	for i, where := range p.onEvent {
		if where.AllHold(v) {
			set |= 1 << i
		}
	}
	return set
}

// Of returns the index of the first persona that fits an entry. candidates is the set that Match returned for the entering event. The index after the
// last persona means "other".
func (p *Personas) Of(known *Known, candidates uint16, entry int64) int {
	for i, where := range p.onState {
		if candidates&(1<<i) != 0 && stateHolds(where, known, entry) {
			return i
		}
	}
	return len(p.Names)
}

func stateHolds(where Conditions, known *Known, at int64) bool {
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

// OfClass reports whether the conditions on the event use only what all rows of a class have in common.
func (p *Personas) OfClass() bool {
	return !slices.ContainsFunc(p.onEvent, func(where Conditions) bool { return !where.ofClass() })
}
