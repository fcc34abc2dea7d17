// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

// UseIndex enables the index for all persons, or disables it.
func (p *Progression) UseIndex(use bool) {
	if p.index.least = 0; !use {
		p.index.least = 1 << 62
	}
}

// Looked returns the number of events that were examined so far.
func (p *Progression) Looked() int { return p.index.looked }
