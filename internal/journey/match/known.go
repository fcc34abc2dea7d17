// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/journeyman-dev/journeyman/internal/journey"

// Known is the state of a person after the rows so far: everything that a Values needs in addition to the current row. It is reused for the next person.
type Known struct {
	traits, groups history
	// firsts holds, for each touchpoint with firstEver, the number of its first row; 0 for none yet.
	firsts []int32
	// row is the number of the current row.
	row   int32
	holds holds
}

// NewKnown returns an empty state for a map with that many touchpoints with firstEver.
func NewKnown(firsts int) *Known { return &Known{firsts: make([]int32, firsts)} }

// Reset forgets the person.
func (k *Known) Reset() {
	clear(k.firsts)
	k.row = 0
	k.holds.reset()
	k.traits.reset()
	k.groups.reset()
}

// At sets the current row of the person, counted from 1.
func (k *Known) At(row int) { k.row = int32(row) }

// Add adds the traits and groups of a row.
func (k *Known) Add(r *journey.Row, public bool) {
	k.traits.add(r.Time, r.Traits, public)
	k.groups.add(r.Time, r.Groups, public)
}

// Trait returns the latest value of a trait at or before an instant, in microseconds, as text. ok is false if there is none.
func (k *Known) Trait(path string, instant int64) (value string, ok bool) {
	return k.traits.at(path, instant)
}

// Hold returns the number of the combination of values that an event holds constant, within the person; 0 if one of them is missing.
func (k *Known) Hold(keys []Key, v *Values) uint32 { return k.holds.of(keys, v) }

// NoteFirsts makes the current row the first one of those touchpoints that have none yet. Filters of the analysis and conditions are not considered:
// the first event is the first one that happened. An event of nobody is never the first of a person.
func (k *Known) NoteFirsts(firsts []uint16, nobody bool) {
	for _, f := range firsts {
		if nobody {
			k.firsts[f] = -1
		}
		if k.firsts[f] == 0 {
			k.firsts[f] = k.row
		}
	}
}

// isFirst reports whether the current row is the first one of a touchpoint with firstEver, counted from 1.
func (k *Known) isFirst(touchpoint uint16) bool { return k.firsts[touchpoint-1] == k.row }
