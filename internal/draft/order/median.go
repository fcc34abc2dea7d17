// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package order

import "math/bits"

// MaxEvents is the number of events that are put in order at once: the work doubles with each of them.
const MaxEvents = 12

// median returns the order of n events with the fewest disagreements: before[a][b] counts those who met a before b, and disagree with an order in which a
// is behind b. Of several such orders, it returns the first by the numbers of the events. In social choice, this is the rule of Kemeny and Young.
func median(before [][]int64) []int {
	n := len(before)
	// least[s] is the number of disagreements of the best order of the events in the set s.
	least := make([]int64, 1<<n)
	head := make([]int, 1<<n)
	for s := 1; s < len(least); s++ {
		least[s] = -1
		for rest := s; rest != 0; rest &= rest - 1 {
			first := bits.TrailingZeros(uint(rest))
			cost := least[s&^(1<<first)] + against(before, first, s)
			if least[s] < 0 || cost < least[s] {
				least[s], head[s] = cost, first
			}
		}
	}
	out := make([]int, 0, n)
	for s := 1<<n - 1; s != 0; s &^= 1 << head[s] {
		out = append(out, head[s])
	}
	return out
}

// against returns the number of disagreements if an event is the first of a set.
func against(before [][]int64, first, set int) (n int64) {
	for ; set != 0; set &= set - 1 {
		n += before[bits.TrailingZeros(uint(set))][first]
	}
	return n
}
