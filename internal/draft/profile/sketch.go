// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"maps"
	"math"
	"slices"

	"github.com/zeebo/xxh3"
)

// kept is the number of hashes of a sketch.
const kept = 1024

// sketch keeps the smallest hashes of the values it sees, and counts these exactly: a hash that is among the smallest at the end was so from the start. It
// is the same for any order of the values.
type sketch struct {
	counts map[uint64]int64
	// limit is the largest hash that can still be among the smallest.
	limit uint64
}

func newSketch() sketch { return sketch{counts: map[uint64]int64{}, limit: math.MaxUint64} }

func (s *sketch) add(text string) {
	h := xxh3.HashString(text)
	if h > s.limit {
		return
	}
	s.counts[h]++
	if len(s.counts) > 2*kept {
		s.prune()
	}
}

func (s *sketch) prune() {
	if len(s.counts) <= kept {
		return
	}
	smallest := slices.Sorted(maps.Keys(s.counts))
	for _, h := range smallest[kept:] {
		delete(s.counts, h)
	}
	s.limit = smallest[kept-1]
}

// distinct estimates the number of different values; it is exact for up to that of kept hashes.
func (s *sketch) distinct() float64 {
	s.prune()
	if s.limit == math.MaxUint64 {
		return float64(len(s.counts))
	}
	return float64(len(s.counts)) / (float64(s.limit) / math.MaxUint64)
}

// repeated returns the share of the different values that occur more than once.
func (s *sketch) repeated() float64 {
	s.prune()
	if len(s.counts) == 0 {
		return 0
	}
	n := 0
	for _, times := range s.counts {
		if times > 1 {
			n++
		}
	}
	return float64(n) / float64(len(s.counts))
}

// most returns how often the most frequent of the kept values occurs.
func (s *sketch) most() (n int64) {
	for _, times := range s.counts {
		n = max(n, times)
	}
	return n
}
