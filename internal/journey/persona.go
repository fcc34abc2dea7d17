// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// personas sorts customers into kinds. Conditions on traits and groups are judged by what was known of the
// person at the entry of the attempt: for each key the newest value that any event of the person set at or before that
// instant. All other conditions are judged on the event that entered.
type personas struct {
	names   []string
	onEvent [][]condition
	onState [][]condition
}

func newPersonas(list []Persona) (*personas, error) {
	if len(list) > MaxPersonas {
		return nil, fmt.Errorf("spec.personas: at most %d personas", MaxPersonas)
	}
	p := &personas{}
	for i, persona := range list {
		all, err := compileConditions(persona.Where, fmt.Sprintf("spec.personas[%d].where", i))
		if err != nil {
			return nil, err
		}
		var onEvent, onState []condition
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
		if allHold(where, v) {
			set |= 1 << i
		}
	}
	return set
}

// of gives the number of the first persona that fits an entry: candidates is the set that match gave for the entering event.
// The number after the last one stands for "other".
func (p *personas) of(person *Person, candidates uint16, entry int64) int {
	for i, where := range p.onState {
		if candidates&(1<<i) != 0 && stateHolds(where, person, entry) {
			return i
		}
	}
	return len(p.names)
}

func stateHolds(where []condition, person *Person, at int64) bool {
	for i := range where {
		history := &person.traits
		if where[i].key.field == fieldGroups {
			history = &person.groups
		}
		if value, ok := history.at(where[i].key.path, at); !where[i].holds(value, ok) {
			return false
		}
	}
	return true
}

// history is what was said of a person over time, in the order of the events. The texts lie in one buffer that is used again
// for the next person.
type history struct {
	entries []historyEntry
	texts   []byte
	scratch object
}

type historyEntry struct {
	time     int64
	from, to int
	// public says that anybody can have said it.
	public bool
}

func (h *history) reset() {
	h.entries, h.texts = h.entries[:0], h.texts[:0]
}

func (h *history) add(time int64, raw string, public bool) {
	if raw == "" || raw == "{}" {
		return
	}
	from := len(h.texts)
	h.texts = append(h.texts, raw...)
	h.entries = append(h.entries, historyEntry{time: time, from: from, to: len(h.texts), public: public})
}

// at gives the newest value of a key at or before an instant, of what trusted sources say or, where none of them has said anything of the
// key until then, of what public ones say. A null takes the value away.
func (h *history) at(path string, instant int64) (value string, ok bool) {
	claimed := false
	for i := len(h.entries) - 1; i >= 0; i-- {
		e := &h.entries[i]
		if e.time > instant || e.public && claimed {
			continue
		}
		h.scratch.reset(string(h.texts[e.from:e.to]))
		raw, found := h.scratch.find(path)
		switch {
		case found && !e.public:
			return text(raw)
		case found:
			value, ok = text(raw)
			claimed = true
		}
	}
	return value, ok
}

// Trait gives what was known of a person at an instant, in microseconds: the newest value of a trait until then, as text; ok says that there is one.
func (p *Person) Trait(path string, instant int64) (value string, ok bool) {
	return p.traits.at(path, instant)
}
