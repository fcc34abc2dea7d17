// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package breakdown

import (
	"encoding/json"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Grouping is a compiled Breakdown: it reads the value of an event and finds the groups of a person. It reuses scratch memory, so it must not be used
// by several goroutines at once.
type Grouping struct {
	// number is the index among the breakdowns of the plan, and in Event.Groups.
	number      int
	by          journey.By
	attribution journey.Attribution
	keys        []match.Key
	stage       int
	byPlace     bool
	// strict is set if events without a stage can end an attempt.
	strict bool
	// personas in order; the last one is "other".
	personas []string
	// values numbers the values. A value of several keys is encoded as a JSON list.
	values *journey.Texts

	// The fields below are about the current person: their placements, the span of the events of mature attempts, and scratch memory.
	placements []Placement
	from, to   int64
	events     []journey.Event
	order      []int32
	own        []uint16
	found      []journey.Attempt
}

// noValue is the number of the empty value in Grouping.values; 0 is "other".
const noValue = 1

// Compile compiles the breakdowns of a plan. An error names the invalid field of the spec.
func Compile(list []journey.Breakdown, m *journey.Map, order journey.Order) ([]*Grouping, error) {
	if len(list) > journey.MaxBreakdowns {
		return nil, fmt.Errorf("spec.breakdownBy: at most %d breakdowns", journey.MaxBreakdowns)
	}
	personas := make([]string, 0, len(m.Personas)+1)
	for _, p := range m.Personas {
		personas = append(personas, p.Name)
	}
	personas = append(personas, journey.OtherName)
	var out []*Grouping
	for i, b := range list {
		compiled, err := compileBreakdown(&b, m)
		if err != nil {
			return nil, fmt.Errorf("spec.breakdownBy[%d].%w", i, err)
		}
		if b.ByPlace && (order != journey.AnyOrder || b.Attribution != journey.StageValue) {
			return nil, fmt.Errorf("spec.breakdownBy[%d].compat: is for the attribution Stage in the order Any", i)
		}
		compiled.number, compiled.strict, compiled.personas = i, order == journey.Strict, personas
		out = append(out, compiled)
	}
	return out, nil
}

func compileBreakdown(b *journey.Breakdown, m *journey.Map) (*Grouping, error) {
	out := &Grouping{by: b.By, attribution: b.Attribution, stage: -1, byPlace: b.ByPlace, values: journey.NewTexts()}
	out.values.Number("")
	keys := b.Keys
	switch b.By {
	case journey.ByPersona:
		return out, nil
	case journey.ByChannel:
		keys = []string{"channel"}
	case journey.ByProperty:
		if len(keys) == 0 || len(keys) > journey.MaxBreakdownKeys {
			return nil, fmt.Errorf("keys: must list 1 to %d keys", journey.MaxBreakdownKeys)
		}
	default:
		return nil, fmt.Errorf("by: unsupported value %q", b.By)
	}
	for i, text := range keys {
		k, err := match.ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("keys[%d]: %w", i, err)
		}
		out.keys = append(out.keys, k)
	}
	switch b.Attribution {
	case journey.FirstValue, journey.LastValue, journey.AllValues:
	case journey.StageValue:
		var err error
		if out.stage, err = m.StageNamed(b.Stage); err != nil {
			return nil, fmt.Errorf("stage: %w", err)
		}
	default:
		return nil, fmt.Errorf("attribution: unsupported value %q", b.Attribution)
	}
	return out, nil
}

// Reads reports whether the grouping needs the value of an event. Events without a stage have a value only in a strict order, where they can end an attempt.
func (g *Grouping) Reads(e *journey.Event) bool {
	return g.by != journey.ByPersona && (e.Stages != 0 || e.Excluded != 0 || g.attribution == journey.AllValues && g.strict)
}

// Of returns the number of an event's value. A missing value counts as empty.
func (g *Grouping) Of(v *match.Values) uint16 {
	if len(g.keys) == 1 {
		text, _ := v.Get(g.keys[0])
		return uint16(g.values.Number(text))
	}
	var texts [journey.MaxBreakdownKeys]string
	empty := true
	for i, k := range g.keys {
		texts[i], _ = v.Get(k)
		empty = empty && texts[i] == ""
	}
	if empty {
		return noValue
	}
	combined, err := json.Marshal(texts[:len(g.keys)])
	if err != nil {
		panic(err) // Marshalling texts cannot fail.
	}
	return uint16(g.values.Number(string(combined)))
}

// texts returns a value as one text for each key.
func (g *Grouping) texts(number uint32) []string {
	text := g.values.Text(number)
	if len(g.keys) <= 1 {
		return []string{text}
	}
	out := make([]string, len(g.keys))
	if number == 0 {
		out[0] = text
		return out
	}
	if number != noValue && json.Unmarshal([]byte(text), &out) != nil {
		out[0] = text
	}
	return out
}
