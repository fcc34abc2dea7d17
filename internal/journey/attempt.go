// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "math/bits"

// Attempt is one run of a person through the stages of a map.
type Attempt struct {
	// Entry is the start of the attempt, in microseconds since 1970.
	Entry int64
	// Stages is the set of stages that the attempt reached, one bit for each.
	Stages uint32
	// Event holds the index of the event that entered a stage, for each stage in Stages.
	Event [MaxStages]int32
	// Required and Optional are the numbers of required and optional stages that the attempt reached.
	Required, Optional int
}

// Has reports whether the attempt reached a stage.
func (a *Attempt) Has(stage int) bool { return a.Stages&(1<<stage) != 0 }

// Depth returns the number of stages reached.
func (a *Attempt) Depth() int { return a.Required + a.Optional }

// Deeper reports whether a reached more than b: required stages are compared first, then optional ones.
func (a *Attempt) Deeper(b *Attempt) bool {
	if a.Required != b.Required {
		return a.Required > b.Required
	}
	return a.Optional > b.Optional
}

// Nth returns the event of the n-th stage reached, in the order of time and counted from 0.
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

// Uses reports whether an event, given by its index, entered a stage of the attempt.
func (a *Attempt) Uses(event int) bool {
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		if int(a.Event[bits.TrailingZeros32(rest)]) == event {
			return true
		}
	}
	return false
}
