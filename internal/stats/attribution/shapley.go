// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"maps"
	"math/bits"
	"slices"
)

// MaxPlayers is the largest number of channels for the Shapley value, which uses all 2ⁿ sets of them.
const MaxPlayers = 16

// Worth defines the value of a set of channels.
type Worth int

const (
	// Conversions is the number of conversions of persons who met only these channels. The Shapley value then has a closed form: each conversion is
	// shared equally by the distinct channels before it. Persons who did not convert do not matter.
	Conversions Worth = iota
	// Rate is the conversion rate of persons who met some of these channels and no others. Channels that many persons meet without converting get
	// little, or less than nothing.
	Rate
)

// setCount counts the persons who met exactly these channels.
type setCount struct{ persons, converted int64 }

// Sets counts persons by the set of channels that they met, in any order and any number of times. There are at most 2¹⁶ sets. Create one with NewSets.
type Sets struct {
	channels int
	counts   map[uint16]setCount
}

// NewSets returns empty counts for a number of channels, from 1 to MaxPlayers. It returns ErrSize for any other number.
func NewSets(channels int) (*Sets, error) {
	if channels < 1 || channels > MaxPlayers {
		return nil, ErrSize
	}
	return &Sets{channels: channels, counts: map[uint16]setCount{}}, nil
}

// Add adds a number of persons (or attempts) who met these channels, and whether they converted. If it returns ErrChannel or ErrCount, nothing was added.
func (s *Sets) Add(channels []int, converted bool, times int64) error {
	if times < 0 {
		return ErrCount
	}
	var set uint16
	for _, c := range channels {
		if c < 0 || c >= s.channels {
			return ErrChannel
		}
		set |= 1 << c
	}
	n := s.counts[set]
	n.persons += times
	if converted {
		n.converted += times
	}
	s.counts[set] = n
	return nil
}

// Merge adds the persons of another Sets with the same number of channels. It returns ErrSize if the numbers differ.
func (s *Sets) Merge(other *Sets) error {
	if s.channels != other.channels {
		return ErrSize
	}
	for set, o := range other.counts {
		n := s.counts[set]
		n.persons += o.persons
		n.converted += o.converted
		s.counts[set] = n
	}
	return nil
}

// Conversions returns the number of conversions with a channel, and of those without any, which are not attributed.
func (s *Sets) Conversions() (attributed, unattributed int64) {
	for set, n := range s.counts {
		if set != 0 {
			attributed += n.converted
		}
	}
	return attributed, s.counts[0].converted
}

// Shapley returns the credit of each channel in conversions, by its number. The credits sum to the conversions with a channel. For Rate, they are
// the Shapley values of the rates, scaled to that sum, and some can be negative. It returns false if no person with a channel converted.
//
//	value(i) = Σ over the sets S without i: |S|! (n−|S|−1)!/n! · (worth(S with i) − worth(S))
//
// which is the mean, over all orders of the channels, of what i adds to those before it. Persons without a channel are left out.
//
// Sources: L. S. Shapley, A value for n-person games (1953); for conversions, K. Zhao, S. H. Mahboobi, S. R. Bagheri, Shapley value
// methods for attribution modeling in online advertising (arXiv 1804.05327, 2018); for rates, B. Dalessandro et al., Causally motivated
// attribution for online advertising, ADKDD 2012.
func (s *Sets) Shapley(worth Worth) ([]float64, bool) {
	attributed, _ := s.Conversions()
	if attributed == 0 {
		return nil, false
	}
	if worth == Conversions {
		return s.equalParts(), true
	}
	value := shapley(s.channels, s.rates())
	sum := 0.0
	for _, v := range value {
		sum += v
	}
	for i := range value {
		value[i] *= float64(attributed) / sum // the sum is the rate of all, which is above 0
	}
	return value, true
}

// equalParts returns the Shapley value of a sum of games in each of which only one full set is worth something (Shapley's own proof).
func (s *Sets) equalParts() []float64 {
	value := make([]float64, s.channels)
	for _, set := range slices.Sorted(maps.Keys(s.counts)) {
		part := float64(s.counts[set].converted) / float64(max(1, bits.OnesCount16(set)))
		for i := range value {
			if set>>i&1 == 1 {
				value[i] += part
			}
		}
	}
	return value
}

// rates returns, for every set of channels, the conversion rate of those who met some of them and no others.
func (s *Sets) rates() []float64 {
	persons, converted := make([]int64, 1<<s.channels), make([]int64, 1<<s.channels)
	for set, n := range s.counts {
		if set != 0 {
			persons[set], converted[set] = n.persons, n.converted
		}
	}
	// Channel by channel, each set adds the counts of the same set without it.
	for i := range s.channels {
		for set := range persons {
			if set>>i&1 == 1 {
				persons[set] += persons[set&^(1<<i)]
				converted[set] += converted[set&^(1<<i)]
			}
		}
	}
	rates := make([]float64, len(persons))
	for set, n := range persons {
		if n > 0 {
			rates[set] = float64(converted[set]) / float64(n)
		}
	}
	return rates
}

// shapley returns the value of a game of n players whose sets have these worths, indexed by bits.
func shapley(n int, worth []float64) []float64 {
	// weight[k] = k! (n−k−1)!/n!, the share of the orders in which exactly the k players of a set come before a given one.
	weight := make([]float64, n)
	weight[0] = 1 / float64(n)
	for k := 1; k < n; k++ {
		weight[k] = weight[k-1] * float64(k) / float64(n-k)
	}
	value := make([]float64, n)
	for set := range worth {
		for i := range value {
			if set>>i&1 == 0 {
				value[i] += weight[bits.OnesCount(uint(set))] * (worth[set|1<<i] - worth[set])
			}
		}
	}
	return value
}
