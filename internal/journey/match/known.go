// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import "github.com/journeyman-dev/journeyman/internal/journey"

// Known is what is known about a person from the rows so far: what a Values asks beyond the row at hand. It is used again for the next person.
type Known struct {
	traits, groups history
	// firsts has, for each touchpoint that wants the first event ever, the number of the row that it was; 0 for none yet.
	firsts []int32
	// row is the number of the row at hand.
	row   int32
	holds holds
}

// NewKnown returns what is known about nobody yet, for a map with so many touchpoints that want the first event ever.
func NewKnown(firsts int) *Known { return &Known{firsts: make([]int32, firsts)} }

// Reset forgets the person.
func (k *Known) Reset() {
	clear(k.firsts)
	k.row = 0
	k.holds.reset()
	k.traits.reset()
	k.groups.reset()
}

// At says which row of the person, counted from 1, is at hand.
func (k *Known) At(row int) { k.row = int32(row) }

// Add takes what a row says of the person.
func (k *Known) Add(r *journey.Row, public bool) {
	k.traits.add(r.Time, r.Traits, public)
	k.groups.add(r.Time, r.Groups, public)
}

// Trait returns what was known of the person at an instant, in microseconds: the newest value of a trait until then, as text; ok says that there is one.
func (k *Known) Trait(path string, instant int64) (value string, ok bool) {
	return k.traits.at(path, instant)
}

// Hold numbers the values that an event holds constant, within the person; 0 when one of them is missing.
func (k *Known) Hold(keys []Key, v *Values) uint32 { return k.holds.of(keys, v) }

// NoteFirsts marks the row at hand as the first one of the touchpoints that had none. Filters of the analysis and conditions play no part: the first
// event is the first one that happened. Of nobody in particular, nobody knows whether it was.
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

// isFirst reports whether the row at hand is the first one of a touchpoint, counted from 1.
func (k *Known) isFirst(touchpoint uint16) bool { return k.firsts[touchpoint-1] == k.row }
