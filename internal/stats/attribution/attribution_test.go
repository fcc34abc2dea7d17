// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

type path struct {
	channels  []int
	converted bool
	times     int64
}

func drawPaths(t *rapid.T, channels int) []path {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) path {
		return path{
			rapid.SliceOfN(rapid.IntRange(0, channels-1), 0, 6).Draw(t, "path"), rapid.Bool().Draw(t, "converted"), rapid.Int64Range(0, 20).Draw(t, "times"),
		}
	}), 1, 12).Draw(t, "paths")
}

func transitions(t require.TestingT, channels int, paths []path) *Transitions {
	c, err := NewTransitions(channels)
	require.NoError(t, err)
	for _, p := range paths {
		require.NoError(t, c.Add(p.channels, p.converted, p.times))
	}
	return c
}

// Three paths as in Anderl et al.: C1 → C2 → C3 → conversion, C1 → null, C2 → C3 → null.
func TestMarkovByHand(t *testing.T) {
	c := transitions(t, 3, []path{{[]int{0, 1, 2}, true, 1}, {[]int{0}, false, 1}, {[]int{1, 2}, false, 1}})
	list, ok := c.Markov()
	require.True(t, ok)
	// P = 2/3·1/2·1·1/2 + 1/3·1·1/2 = 1/3. Without C1, 1/6 remains; without C2 or C3, 0.
	for i, want := range []float64{0.5, 1, 1} {
		require.InDelta(t, want, list[i].Effect, 1e-12)
		require.InDelta(t, want/2.5, list[i].Credit, 1e-12)
	}
}

// withRepeats builds the chain from the paths as they are, stays included, removes a channel from it, and solves for the
// probability to convert.
func withRepeats(channels int, paths []path, removed int) float64 {
	const start, conversion, nothing = 0, 1, 2 // channels come after
	n := channels + 3
	counts := mat.NewDense(n, n, nil)
	for _, p := range paths {
		if len(p.channels) == 0 {
			continue
		}
		at := start
		step := func(to int) { counts.Set(at, to, counts.At(at, to)+float64(p.times)); at = to }
		for _, c := range p.channels {
			step(c + 3)
		}
		if p.converted {
			step(conversion)
		} else {
			step(nothing)
		}
	}
	a, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		a.Set(i, i, 1)
		total := mat.Sum(counts.Slice(i, i+1, 0, n))
		if i == conversion || i == nothing || total == 0 || i == removed+3 {
			continue
		}
		for to := range n {
			p := counts.At(i, to) / total
			if to == conversion {
				b.SetVec(i, p)
			} else {
				a.Set(i, to, a.At(i, to)-p)
			}
		}
	}
	var h mat.VecDense
	if err := h.SolveVec(a, b); err != nil {
		return math.NaN()
	}
	return h.AtVec(start)
}

// TestMarkovByRemoval: one inversion gives what building and solving the chain again without each channel gives; stays do not matter.
func TestMarkovByRemoval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		channels := rapid.IntRange(1, 6).Draw(t, "channels")
		paths := drawPaths(t, channels)
		c := transitions(t, channels, paths)
		list, ok := c.Markov()
		require.Equal(t, c.Conversions > 0, ok)
		if !ok {
			return
		}
		all, sum, credits := withRepeats(channels, paths, -10), 0.0, 0.0
		for i := range list {
			effect := 1 - withRepeats(channels, paths, i)/all
			require.InDelta(t, effect, list[i].Effect, 1e-9)
			sum += effect
			credits += list[i].Credit
		}
		require.InEpsilon(t, float64(c.Conversions), credits, 1e-9, "efficiency")
		for i := range list {
			require.InDelta(t, float64(c.Conversions)*(1-withRepeats(channels, paths, i)/all)/sum, list[i].Credit, 1e-7)
		}
	})
}

func TestMarkovMergesAndRenames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := drawPaths(t, 4)
		cut := rapid.IntRange(0, len(paths)).Draw(t, "cut")
		whole, left, right := transitions(t, 4, paths), transitions(t, 4, paths[:cut]), transitions(t, 4, paths[cut:])
		require.NoError(t, right.Merge(left))
		require.Equal(t, whole, right)
		// Symmetry: other numbers for the channels, the same credits.
		names := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "names")
		renamed := make([]path, len(paths))
		for i, p := range paths {
			renamed[i] = p
			renamed[i].channels = nil
			for _, c := range p.channels {
				renamed[i].channels = append(renamed[i].channels, names[c])
			}
		}
		a, ok := whole.Markov()
		b, _ := transitions(t, 4, renamed).Markov()
		if !ok {
			return
		}
		for i := range a {
			require.InDelta(t, a[i].Credit, b[names[i]].Credit, 1e-9)
			if !slices.ContainsFunc(paths, func(p path) bool { return slices.Contains(p.channels, i) }) {
				require.Zero(t, a[i].Credit, "a channel on no path")
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, n := range []int{0, -1, MaxStates + 1} {
		_, err := NewTransitions(n)
		require.ErrorIs(t, err, ErrSize)
		_, err = NewSets(n)
		require.ErrorIs(t, err, ErrSize)
	}
	c := transitions(t, 2, []path{{nil, true, 3}, {nil, false, 3}})
	require.EqualValues(t, 3, c.Unattributed)
	_, ok := c.Markov()
	require.False(t, ok)
	require.ErrorIs(t, c.Add([]int{2}, true, 1), ErrChannel)
	require.ErrorIs(t, c.Add([]int{0}, true, -1), ErrCount)
	require.ErrorIs(t, c.Merge(transitions(t, 1, nil)), ErrSize)
	s, err := NewSets(2)
	require.NoError(t, err)
	require.ErrorIs(t, s.Add([]int{-1}, true, 1), ErrChannel)
	require.ErrorIs(t, s.Add(nil, true, -1), ErrCount)
	other, err := NewSets(3)
	require.NoError(t, err)
	require.ErrorIs(t, s.Merge(other), ErrSize)
	require.NoError(t, s.Add(nil, true, 4))
	_, ok = s.Shapley(Rate)
	require.False(t, ok)
	attributed, unattributed := s.Conversions()
	require.Zero(t, attributed)
	require.EqualValues(t, 4, unattributed)
}

// byPermutations averages the contribution of each player over all orders.
func byPermutations(n int, worth func(set uint16) float64) []float64 {
	value := make([]float64, n)
	orders := 0.0
	var extend func(order []int, set uint16)
	extend = func(order []int, set uint16) {
		if len(order) == n {
			orders++
			before := uint16(0)
			for _, i := range order {
				value[i] += worth(before|1<<i) - worth(before)
				before |= 1 << i
			}
			return
		}
		for i := range n {
			if set>>i&1 == 0 {
				extend(append(order, i), set|1<<i)
			}
		}
	}
	extend(nil, 0)
	for i := range value {
		value[i] /= orders
	}
	return value
}

func TestShapleyByPermutations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "channels")
		paths := drawPaths(t, n)
		cut := rapid.IntRange(0, len(paths)).Draw(t, "cut")
		s, left := sets(t, n, paths[cut:]), sets(t, n, paths[:cut])
		require.NoError(t, s.Merge(left))
		persons := func(set uint16) (all, converted float64) {
			for _, p := range paths {
				outside := slices.ContainsFunc(p.channels, func(c int) bool { return set>>c&1 == 0 })
				if len(p.channels) > 0 && !outside {
					all += float64(p.times)
					if p.converted {
						converted += float64(p.times)
					}
				}
			}
			return all, converted
		}
		_, conversions := persons(1<<n - 1)
		got, ok := s.Shapley(Conversions)
		require.Equal(t, conversions > 0, ok)
		if !ok {
			return
		}
		want := byPermutations(n, func(set uint16) float64 { _, k := persons(set); return k })
		rates, _ := s.Shapley(Rate)
		wantRates := byPermutations(n, func(set uint16) float64 {
			all, k := persons(set)
			return k / max(1, all)
		})
		all, _ := persons(1<<n - 1)
		sum, sumRates := 0.0, 0.0
		for i := range n {
			require.InDelta(t, want[i], got[i], 1e-9)
			require.InDelta(t, wantRates[i]*all, rates[i], 1e-7)
			sum += got[i]
			sumRates += rates[i]
			met := slices.ContainsFunc(paths, func(p path) bool { return p.times > 0 && slices.Contains(p.channels, i) })
			if !met {
				require.Zero(t, got[i], "null player")
				require.InDelta(t, 0, rates[i], 1e-9, "null player")
			}
		}
		require.InEpsilon(t, conversions, sum, 1e-9, "efficiency")
		require.InEpsilon(t, conversions, sumRates, 1e-9, "efficiency")
	})
}

func sets(t require.TestingT, n int, paths []path) *Sets {
	s, err := NewSets(n)
	require.NoError(t, err)
	for _, p := range paths {
		require.NoError(t, s.Add(p.channels, p.converted, p.times))
	}
	return s
}

// Two channels with the same role get the same credit.
func TestSymmetry(t *testing.T) {
	s := sets(t, 3, []path{{[]int{0}, true, 5}, {[]int{1}, true, 5}, {[]int{0, 2}, false, 7}, {[]int{1, 2, 1}, false, 7}, {[]int{0, 1, 2}, true, 4}})
	for _, worth := range []Worth{Conversions, Rate} {
		v, ok := s.Shapley(worth)
		require.True(t, ok)
		require.InDelta(t, v[0], v[1], 1e-12)
		require.Less(t, v[2], v[0])
	}
}

// The largest sizes give a result.
func TestAllChannels(t *testing.T) {
	s, err := NewSets(MaxPlayers)
	require.NoError(t, err)
	c, err := NewTransitions(MaxStates)
	require.NoError(t, err)
	for i := range 5000 {
		require.NoError(t, s.Add([]int{i % 16, i / 16 % 16, i / 256 % 16}, i%3 == 0, 1))
		require.NoError(t, c.Add([]int{i % MaxStates, i * 7 % MaxStates, i * 31 % MaxStates}, i%3 == 0, 1))
	}
	v, ok := s.Shapley(Rate)
	require.True(t, ok)
	require.Len(t, v, MaxPlayers)
	list, ok := c.Markov()
	require.True(t, ok)
	sum := 0.0
	for _, r := range list {
		sum += r.Credit
	}
	require.InEpsilon(t, float64(c.Conversions), sum, 1e-9)
}

// FuzzMarkov: any counts of any paths give finite credits whose sum is the number of conversions.
func FuzzMarkov(f *testing.F) {
	f.Add([]byte{1, 2, 3, 255, 1, 254, 2, 3, 255}, int64(1), int64(1)<<40)
	f.Fuzz(func(t *testing.T, data []byte, times, more int64) {
		if times < 0 || more < 0 || times > 1<<48 || more > 1<<48 || len(data) > 1000 {
			t.Skip("beyond counts")
		}
		c, err := NewTransitions(8)
		require.NoError(t, err)
		var walk []int
		for i, b := range data {
			switch {
			case b < 254:
				walk = append(walk, int(b%8))
			default:
				n := times
				if i%2 == 0 {
					n = more
				}
				require.NoError(t, c.Add(walk, b == 255, n))
				walk = nil
			}
		}
		list, ok := c.Markov()
		if !ok {
			require.Zero(t, c.Conversions)
			return
		}
		sum := 0.0
		for _, r := range list {
			require.True(t, r.Effect >= 0 && r.Effect <= 1)
			sum += r.Credit
		}
		require.InEpsilon(t, float64(c.Conversions), sum, 1e-6)
	})
}
