// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "slices"

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

// noteFirsts marks the row that was just counted as the first one of the touchpoints that had none. Filters of the analysis and conditions
// play no part: the first event is the first one that happened.
func (p *Person) noteFirsts(firsts []uint16) {
	for _, f := range firsts {
		if p.Nobody { // nobody knows whether it was a first one
			p.firsts[f] = -1
		}
		if p.firsts[f] == 0 {
			p.firsts[f] = int32(p.Rows)
		}
	}
}

// isFirst says whether the row that was just counted is the first one of a touchpoint, counted from 1.
func (p *Person) isFirst(touchpoint uint16) bool { return p.firsts[touchpoint-1] == int32(p.Rows) }

// named joins the rules of a name with those of any event, which stand under the empty name.
func named[T any](rules map[string][]T, name string) []T {
	own, all := rules[name], rules[""]
	if name == "" || len(all) == 0 {
		return own
	}
	return append(append(make([]T, 0, len(own)+len(all)), own...), all...)
}
