// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
)

// Reader looks at events. Measures and tables are readers: the engine notes for each the events that it asks for, as hits.
type Reader interface {
	// Matches lists the events that the reader looks at, by role; nil for none.
	Matches() [][]Match
	// Read notes what the reader needs of an event in a role.
	Read(v *Values, role uint8, h *Hit)
}

// hitRule is one match of one reader.
type hitRule struct {
	// reader is the number among the readers of the plan: the KPIs first, then the tables.
	reader, role uint8
	where        []condition
}

// readers knows the events that the KPIs and tables of a plan look at.
type readers struct {
	list []Reader
	// byName holds the rules of an event name, those of any event under the empty name.
	byName map[string][]hitRule
}

func newReaders(plan *Plan) (*readers, error) {
	r := &readers{byName: map[string][]hitRule{}}
	if len(plan.KPIs) > MaxKPIs {
		return nil, fmt.Errorf("spec.kpis: at most %d KPIs", MaxKPIs)
	}
	if len(plan.Tables) > MaxTables {
		return nil, fmt.Errorf("spec.tables: at most %d tables", MaxTables)
	}
	for i, k := range plan.KPIs {
		if err := r.add(k.Measure, fmt.Sprintf("spec.kpis[%d].measure", i)); err != nil {
			return nil, err
		}
	}
	for i, t := range plan.Tables {
		if err := r.add(t.Table, fmt.Sprintf("spec.tables[%d]", i)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *readers) add(x Reader, path string) error {
	for role, matches := range x.Matches() {
		for i, m := range matches {
			where, err := compileConditions(m.Where, fmt.Sprintf("%s, match %d, where", path, i))
			if err != nil {
				return err
			}
			r.byName[m.Event] = append(r.byName[m.Event], hitRule{reader: uint8(len(r.list)), role: uint8(role), where: where})
		}
	}
	r.list = append(r.list, x)
	return nil
}

// of gives the rules for an event name.
func (r *readers) of(name string) []hitRule {
	named, always := r.byName[name], r.byName[""]
	if name == "" || len(always) == 0 {
		return named
	}
	return append(append(make([]hitRule, 0, len(named)+len(always)), named...), always...)
}

// keepHits notes the event of a row for every reader that looks at it, once for each role.
func (e *Engine) keepHits(rules []hitRule, r *Row) {
	for i := range rules {
		rule := &rules[i]
		hits := e.person.hits[rule.reader]
		if hasHit(hits, rule.role, r) || !allHold(rule.where, &e.values) {
			continue
		}
		// Read fills the hit where it stays: a hit of its own would be put on the heap for each event.
		hits = append(hits, Hit{Role: rule.role, Time: r.Time, ReceivedAt: r.ReceivedAt, Seq: r.Seq, Index: r.Index})
		e.person.hits[rule.reader] = hits
		h := &hits[len(hits)-1]
		e.readers.list[rule.reader].Read(&e.values, rule.role, h)
		h.Public = h.HasOrder && slices.Contains(e.plan.PublicSources, r.Source)
	}
}

// hasHit says whether the row was noted already, in that role.
func hasHit(hits []Hit, role uint8, r *Row) bool {
	for i := len(hits) - 1; i >= 0; i-- {
		h := &hits[i]
		if h.Seq != r.Seq || h.Index != r.Index || h.Time != r.Time {
			return false
		}
		if h.Role == role {
			return true
		}
	}
	return false
}
