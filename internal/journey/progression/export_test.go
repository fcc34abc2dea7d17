// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

// UseIndex makes the index of every person's events, or of none.
func (p *Progression) UseIndex(use bool) {
	if p.index.least = 0; !use {
		p.index.least = 1 << 62
	}
}

// Looked gives the number of events that were looked at so far.
func (p *Progression) Looked() int { return p.index.looked }
