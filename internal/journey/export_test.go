// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// What the tests outside of this package look at, of what is not exported.
const (
	MaxOwnValues = maxOwnValues
)

// FormatWindow writes a window.
var FormatWindow = formatWindow

// UsePlaces makes the lists of places for every person, or for none.
func (p *Progression) UseIndex(use bool) {
	if p.index.least = 0; !use {
		p.index.least = 1 << 62
	}
}

// Looked gives the number of events that were looked at so far.
func (p *Progression) Looked() int { return p.index.looked }
