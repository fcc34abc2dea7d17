// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// touch is one touch before a conversion.
type touch struct {
	value   uint32 // number of the text that gets the credit
	time    int64
	session uint64
	at      eventID
}

// eventID identifies an event of one person.
type eventID struct {
	time, seq int64
	index     int32
}

func idOf(h *metric.Hit) eventID { return eventID{time: h.Time, seq: h.Seq, index: h.Index} }

// weighting appends the weights of the touches of one conversion, in their order; there is at least one touch. Credit is shared in proportion to the
// weights, which are whole numbers, so that nothing is rounded twice.
type weighting func(a *Table, touches []touch, weights []uint64) []uint64

var weightings = map[Model]weighting{
	FirstTouch:    positions(1, 0, 0, 1, 0),
	LastTouch:     positions(0, 0, 1, 0, 1),
	Linear:        positions(1, 1, 1, 1, 1),
	UShaped:       shares(40, 20, 40, 1, 1),
	JShaped:       shares(20, 20, 60, 1, 3),
	InverseJ:      shares(60, 20, 20, 3, 1),
	TimeDecay:     decay,
	Participation: whole,
	SameTouch:     whole, // the rest: the touches of the conversion itself
}

// positions gives fixed weights to the first, each middle, and the last touch. Two touches have their own weights; a single one gets everything.
func positions(first, middle, last, firstOfTwo, lastOfTwo uint64) weighting {
	return func(_ *Table, touches []touch, weights []uint64) []uint64 {
		switch n := len(touches); n {
		case 1:
			return append(weights, 1)
		case 2:
			return append(weights, firstOfTwo, lastOfTwo)
		default:
			weights = append(weights, first)
			for range n - 2 {
				weights = append(weights, middle)
			}
			return append(weights, last)
		}
	}
}

// shares is like positions, but middle is the share of all middle touches together.
func shares(first, middle, last, firstOfTwo, lastOfTwo uint64) weighting {
	return func(a *Table, touches []touch, weights []uint64) []uint64 {
		between := uint64(max(1, len(touches)-2))
		return positions(first*between, middle, last*between, firstOfTwo, lastOfTwo)(a, touches, weights)
	}
}

// decay halves the weight of a touch for every HalfLife of its age. The newest touch has 2⁴⁰; a touch with less than 2⁻⁴⁰ of that gets nothing.
func decay(a *Table, touches []touch, weights []uint64) []uint64 {
	newest := touches[len(touches)-1].time
	for _, t := range touches {
		age := float64(newest-t.time) / float64(a.HalfLife.Microseconds())
		weights = append(weights, uint64(math.Round(math.Exp2(40-age))))
	}
	return weights
}

func whole(_ *Table, touches []touch, weights []uint64) []uint64 {
	for range touches {
		weights = append(weights, 1)
	}
	return weights
}

// apportion shares a value in proportion to the weights, in whole micro-units that add up exactly to the value (the method of the largest remainder).
// Each part is rounded down, and the rest goes, one by one, to the parts with the largest remainder, the earliest first if equal. The weights must
// not all be 0, and their sum has to be below 2⁶⁴.
func apportion(value int64, weights []uint64, parts []int64) []int64 {
	var total uint64
	for _, w := range weights {
		total += w
	}
	left := value
	remainders := make([]uint64, len(weights))
	for i, w := range weights {
		high, low := bits.Mul64(uint64(value), w)
		quotient, remainder := bits.Div64(high, low, total)
		parts, remainders[i] = append(parts, int64(quotient)), remainder
		left -= int64(quotient)
	}
	if left == 0 {
		return parts
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(remainders[j], remainders[i]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}
