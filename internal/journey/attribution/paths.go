// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/stats"
	maths "github.com/journeyman-dev/journeyman/internal/stats/attribution"
)

// Limits of the models that use all paths.
const (
	// MaxPaths is the number of distinct paths that one run keeps. Any further ones are left out and counted.
	MaxPaths = 200_000
	// maxPathTouches is the number of touches of a path that are kept, from its end.
	maxPathTouches = 64
)

// pathCount counts the paths with the same values in the same order.
type pathCount struct {
	converted, lost int64
	value           stats.Total
}

// endInConversion counts the path of a conversion: the touches since the previous conversion that are within its reach. The other touches since then
// led to nothing. A conversion that does not count also ends the path.
func (s *Sums) endInConversion(v *metric.View, h *metric.Hit, counts bool) {
	s.find(h, s.segment)
	used := s.eligible
	if counts {
		worth := s.worth(h)
		s.Conversions++
		s.Value.Add(worth)
		if len(used) == 0 {
			s.Unattributed++
			s.UnattributedValue.Add(worth)
		} else {
			s.addPath(s.pathKey(used), 1, 0, stats.TotalOf(worth))
		}
	}
	s.endInNothing(v)
}

// endInNothing counts the touches of the segment that belong to no conversion, inside the period, as a path without conversion, and starts the next segment.
func (s *Sums) endInNothing(v *metric.View) {
	s.eligible = s.eligible[:0]
	for i := s.segment; i < len(s.touches); i++ {
		if !s.taken[i] && v.InPeriod(s.touches[i].time) {
			s.eligible = append(s.eligible, s.touches[i])
		}
	}
	s.segment = len(s.touches)
	if len(s.eligible) > 0 {
		s.addPath(s.pathKey(s.eligible), 0, 1, stats.Total{})
	}
}

// pathKey encodes the values of a path, without consecutive repeats.
func (s *Sums) pathKey(touches []touch) string {
	var key []byte
	for i, t := range touches {
		if i == 0 || touches[i-1].value != t.value {
			key = binary.BigEndian.AppendUint32(key, t.value)
		}
	}
	return string(key[max(0, len(key)-4*maxPathTouches):])
}

// valuesOf decodes a path.
func valuesOf(key string) []uint32 {
	out := make([]uint32, 0, len(key)/4)
	for i := 0; i < len(key); i += 4 {
		out = append(out, binary.BigEndian.Uint32([]byte(key[i:i+4])))
	}
	return out
}

func (s *Sums) addPath(key string, converted, lost int64, value stats.Total) {
	p := s.paths[key]
	if p == nil {
		if len(s.paths) >= MaxPaths {
			s.LeftOut += converted + lost
			return
		}
		p = &pathCount{}
		s.paths[key] = p
	}
	p.converted += converted
	p.lost += lost
	p.value.Merge(value)
}

func (s *Sums) mergePaths(o *Sums) {
	for key, p := range o.paths {
		var here []byte
		for _, value := range valuesOf(key) {
			here = binary.BigEndian.AppendUint32(here, s.texts.Number(o.texts.Text(value)))
		}
		s.addPath(string(here), p.converted, p.lost, p.value)
	}
}

// pathCredits shares the value of all conversions by the model.
func (s *Sums) pathCredits() []Credit {
	limit := maths.MaxStates
	if s.attribution.Model == Shapley {
		limit = maths.MaxPlayers
	}
	names, numbers := s.players(limit)
	if len(names) == 0 {
		return nil
	}
	list := make([]Credit, len(names))
	for i, name := range names {
		list[i] = Credit{Name: name}
	}
	total := new(big.Int)
	for key, p := range s.paths {
		total.Add(total, p.value.Big())
		seen := map[int]bool{}
		for _, value := range valuesOf(key) {
			if i := numbers[value]; !seen[i] {
				seen[i] = true
				list[i].Conversions += p.converted
			}
		}
	}
	weights := s.markov(list, numbers)
	if s.attribution.Model == Shapley {
		weights = s.shapley(len(list), numbers)
	}
	for i, part := range apportionBig(total, weights) {
		list[i].Micros = part
	}
	return list
}

// players returns the names of the values with the most paths, in the order of their names, and the index of every value among them. Any further
// values are "other".
func (s *Sums) players(limit int) (names []string, numbers map[uint32]int) {
	paths := map[uint32]int64{}
	for key, p := range s.paths {
		for _, value := range valuesOf(key) {
			paths[value] += p.converted + p.lost
		}
	}
	values := slices.SortedFunc(maps.Keys(paths), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(paths[b], paths[a]), cmp.Compare(s.texts.Text(a), s.texts.Text(b)))
	})
	numbers = map[uint32]int{}
	for i, value := range values {
		name := s.texts.Text(value)
		if len(values) > limit && i >= limit-1 {
			name = journey.OtherName
		}
		at := slices.Index(names, name)
		if at < 0 {
			at, names = len(names), append(names, name)
		}
		numbers[value] = at
	}
	return names, numbers
}

// markov returns the credits of the players by a Markov chain, and records their removal effects.
func (s *Sums) markov(list []Credit, numbers map[uint32]int) []float64 {
	weights := make([]float64, len(list))
	chain, err := maths.NewTransitions(len(list))
	if err != nil {
		return weights
	}
	for key, p := range s.paths {
		if chain.Add(playersOf(key, numbers), true, p.converted) != nil || chain.Add(playersOf(key, numbers), false, p.lost) != nil {
			return weights
		}
	}
	removals, _ := chain.Markov()
	for i, r := range removals {
		weights[i], list[i].Effect = r.Credit, r.Effect
	}
	return weights
}

// shapley returns the credits of the players by the Shapley value of the conversions.
func (s *Sums) shapley(players int, numbers map[uint32]int) []float64 {
	weights := make([]float64, players)
	sets, err := maths.NewSets(players)
	if err != nil {
		return weights
	}
	for key, p := range s.paths {
		// A path worth more than nine billion units of money counts as nine billion.
		worth := int64(math.MaxInt64 / 1_000)
		if value := p.value.Big(); value.IsInt64() {
			worth = min(worth, value.Int64())
		}
		if sets.Add(playersOf(key, numbers), true, worth) != nil {
			return weights
		}
	}
	if credits, ok := sets.Shapley(maths.Conversions); ok {
		return credits
	}
	return weights
}

func playersOf(key string, numbers map[uint32]int) []int {
	var out []int
	for _, value := range valuesOf(key) {
		out = append(out, numbers[value])
	}
	return out
}

// apportionBig shares a total in proportion to weights that a model computed, in whole micro-units that add up exactly to it. All parts are zero if
// all weights are 0.
func apportionBig(total *big.Int, weights []float64) []*big.Int {
	greatest := 0.0
	for _, w := range weights {
		greatest = max(greatest, w)
	}
	parts, whole := make([]*big.Int, len(weights)), make([]uint64, len(weights))
	sum := new(big.Int)
	for i, w := range weights {
		parts[i] = new(big.Int)
		if greatest > 0 && w > 0 {
			whole[i] = uint64(math.Round(w / greatest * (1 << 50)))
			sum.Add(sum, new(big.Int).SetUint64(whole[i]))
		}
	}
	if sum.Sign() == 0 {
		return parts
	}
	left := new(big.Int).Set(total)
	remainders, order := make([]*big.Int, len(weights)), make([]int, len(weights))
	for i, w := range whole {
		order[i], remainders[i] = i, new(big.Int)
		product := new(big.Int).Mul(total, new(big.Int).SetUint64(w))
		parts[i].QuoRem(product, sum, remainders[i])
		left.Sub(left, parts[i])
	}
	slices.SortStableFunc(order, func(i, j int) int { return remainders[j].Cmp(remainders[i]) })
	for _, i := range order[:left.Int64()] {
		parts[i].Add(parts[i], big.NewInt(1))
	}
	return parts
}
