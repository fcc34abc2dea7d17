// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"encoding/json"
	"fmt"
)

// Limits of breakdowns.
const (
	// MaxBreakdowns of a report.
	MaxBreakdowns = 4
	// MaxBreakdownKeys that make one value.
	MaxBreakdownKeys = 3
	// MaxGroups is the number of values of one breakdown that a run keeps apart; customers of further values are taken together as
	// "other". The groups are exact while a run sees at most so many values.
	MaxGroups = 500
)

// By says what a breakdown goes by.
type By string

// The choices of By.
const (
	// ByPersona takes the persona at the entry of the attempt.
	ByPersona By = "Persona"
	// ByChannel takes the channel of an event.
	ByChannel By = "Channel"
	// ByProperty takes the value of one or more keys of an event.
	ByProperty By = "Property"
)

// Attribution says which event of a person decides on the value.
type Attribution string

// The choices of an Attribution. Only events that match a stage count.
const (
	// FirstValue is the first value that is not empty.
	FirstValue Attribution = "First"
	// LastValue is the last value that is not empty.
	LastValue Attribution = "Last"
	// AllValues gives each value a funnel of its own, in which every stage has that value.
	AllValues Attribution = "All"
	// StageValue is the value at one stage; who does not reach it is in no group.
	StageValue Attribution = "Stage"
)

// Breakdown splits the funnel, and the KPIs that look at attempts, by a value. With All and Stage, one person may be in several groups.
type Breakdown struct {
	// By what.
	By By
	// Keys of the value, for ByProperty; several make one combined value.
	Keys []string
	// Attribution of the value to a person; for ByPersona it means nothing.
	Attribution Attribution
	// Stage for StageValue, by name.
	Stage string
	// ByPlace, for StageValue in the order Any, takes the value of the event that was the n-th of the attempt, for the n-th stage of the map,
	// and puts who has so many stages with one stage into the group of each other value of his events as well. A peer counts so.
	ByPlace bool
}

// breakdown is a compiled Breakdown.
type breakdown struct {
	by          By
	attribution Attribution
	keys        []Key
	stage       int
	byPlace     bool
	// values numbers the values. A value of several keys is a JSON list.
	values *Texts
}

// noValue is the number of the empty value in breakdown.values; 0 is "other".
const noValue = 1

// compileBreakdowns compiles the breakdowns of a plan; an error names the field of the spec.
func compileBreakdowns(list []Breakdown, m *Map, order Order) ([]*breakdown, error) {
	if len(list) > MaxBreakdowns {
		return nil, fmt.Errorf("spec.breakdownBy: at most %d breakdowns", MaxBreakdowns)
	}
	var out []*breakdown
	for i, b := range list {
		compiled, err := compileBreakdown(&b, m)
		if err != nil {
			return nil, fmt.Errorf("spec.breakdownBy[%d].%w", i, err)
		}
		if b.ByPlace && (order != AnyOrder || b.Attribution != StageValue) {
			return nil, fmt.Errorf("spec.breakdownBy[%d].compat: is for the attribution Stage in the order Any", i)
		}
		out = append(out, compiled)
	}
	return out, nil
}

func compileBreakdown(b *Breakdown, m *Map) (*breakdown, error) {
	out := &breakdown{by: b.By, attribution: b.Attribution, stage: noStage, byPlace: b.ByPlace, values: newTexts()}
	out.values.Number("")
	keys := b.Keys
	switch b.By {
	case ByPersona:
		return out, nil
	case ByChannel:
		keys = []string{"channel"}
	case ByProperty:
		if len(keys) == 0 || len(keys) > MaxBreakdownKeys {
			return nil, fmt.Errorf("keys: has to list 1 to %d keys", MaxBreakdownKeys)
		}
	default:
		return nil, fmt.Errorf("by: there is no choice %q", b.By)
	}
	for i, text := range keys {
		k, err := ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("keys[%d]: %w", i, err)
		}
		out.keys = append(out.keys, k)
	}
	switch b.Attribution {
	case FirstValue, LastValue, AllValues:
	case StageValue:
		var err error
		if out.stage, err = m.StageNamed(b.Stage); err != nil {
			return nil, fmt.Errorf("stage: %w", err)
		}
	default:
		return nil, fmt.Errorf("attribution: there is no choice %q", b.Attribution)
	}
	return out, nil
}

// onEvents says that the values are those of events.
func (b *breakdown) onEvents() bool { return b.by != ByPersona }

// of gives the number of an event's value. A missing value is an empty one.
func (b *breakdown) of(v *Values) uint16 {
	if len(b.keys) == 1 {
		text, _ := v.Get(b.keys[0])
		return uint16(b.values.Number(text))
	}
	var texts [MaxBreakdownKeys]string
	empty := true
	for i, k := range b.keys {
		texts[i], _ = v.Get(k)
		empty = empty && texts[i] == ""
	}
	if empty {
		return noValue
	}
	combined, err := json.Marshal(texts[:len(b.keys)])
	if err != nil {
		panic(err) // Texts can always be written.
	}
	return uint16(b.values.Number(string(combined)))
}

// texts of a value, one for each key.
func (b *breakdown) texts(number uint32) []string {
	text := b.values.Text(number)
	if len(b.keys) <= 1 {
		return []string{text}
	}
	out := make([]string, len(b.keys))
	if number == 0 {
		out[0] = text
		return out
	}
	if number != noValue && json.Unmarshal([]byte(text), &out) != nil {
		out[0] = text
	}
	return out
}

// keepGroups notes the values of an event for all breakdowns. Events without a stage have a value in a strict order only, where they
// can break an attempt.
func (e *Engine) keepGroups(kept *Event) {
	for i, b := range e.breakdowns {
		if b.onEvents() && (kept.Stages != 0 || kept.Excluded != 0 || b.attribution == AllValues && e.plan.Policy.Order == Strict) {
			kept.Groups[i] = b.of(&e.values)
		}
	}
}
