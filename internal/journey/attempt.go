// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "math/bits"

// Attempt is one run of a person through the stages.
type Attempt struct {
	// Entry is the time at which it started.
	Entry int64
	// Stages that it reached.
	Stages uint32
	// Event is, for each stage reached, the index of the event that entered it.
	Event [MaxStages]int32
	// Required and Optional are the numbers of stages of each sort that it reached.
	Required, Optional int
}

// Has reports whether the attempt reached a stage.
func (a *Attempt) Has(stage int) bool { return a.Stages&(1<<stage) != 0 }

// Depth is the number of stages reached.
func (a *Attempt) Depth() int { return a.Required + a.Optional }

// Deeper reports whether a counts rather than b: the required stages first, then the optional ones.
func (a *Attempt) Deeper(b *Attempt) bool {
	if a.Required != b.Required {
		return a.Required > b.Required
	}
	return a.Optional > b.Optional
}

// Nth returns the event of the stage that was reached as the nth, from 0, by time.
func (a *Attempt) Nth(n int) (event int, ok bool) {
	if n >= a.Depth() {
		return 0, false
	}
	var order [MaxStages]int
	k := 0
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		e := int(a.Event[bits.TrailingZeros32(rest)])
		at := k
		for at > 0 && e < order[at-1] {
			order[at] = order[at-1]
			at--
		}
		order[at] = e
		k++
	}
	return order[n], true
}

// Uses reports whether an event, by its index, entered a stage of the attempt.
func (a *Attempt) Uses(event int) bool {
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		if int(a.Event[bits.TrailingZeros32(rest)]) == event {
			return true
		}
	}
	return false
}
