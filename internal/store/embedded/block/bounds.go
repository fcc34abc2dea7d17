// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package block

import "math"

// Bounds of rows: the smallest and the largest commit and time, in microseconds.
type Bounds struct {
	MinSeq, MaxSeq, MinTime, MaxTime int64
}

// NoBounds returns the bounds of no rows.
func NoBounds() Bounds {
	return Bounds{MinSeq: math.MaxInt64, MaxSeq: math.MinInt64, MinTime: math.MaxInt64, MaxTime: math.MinInt64}
}

// With widens the bounds to include others.
func (b *Bounds) With(o *Bounds) {
	b.MinSeq, b.MaxSeq = min(b.MinSeq, o.MinSeq), max(b.MaxSeq, o.MaxSeq)
	b.MinTime, b.MaxTime = min(b.MinTime, o.MinTime), max(b.MaxTime, o.MaxTime)
}

// Range of person numbers, both ends inclusive.
type Range struct{ From, To uint64 }

// Everybody is the range of all persons.
var Everybody = Range{To: math.MaxUint64}

// Ranges splits all person numbers, which are uniform hashes, into n ranges of equal size.
func Ranges(n int) []Range {
	if n <= 1 {
		return []Range{Everybody}
	}
	step := math.MaxUint64/uint64(n) + 1
	ranges := make([]Range, n)
	for i := range ranges {
		ranges[i] = Range{From: uint64(i) * step, To: uint64(i+1)*step - 1}
	}
	ranges[n-1].To = math.MaxUint64
	return ranges
}
