// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"math/big"
	"math/bits"
)

// Total is an exact signed sum of int64 values: 128 bits in two's complement. The zero value is 0.
type Total struct {
	High int64
	Low  uint64
}

// TotalOf returns the sum of one value.
func TotalOf(v int64) Total { return Total{High: v >> 63, Low: uint64(v)} }

// Add adds a value.
func (t *Total) Add(v int64) { t.Merge(TotalOf(v)) }

// Merge adds another total.
func (t *Total) Merge(o Total) {
	var carry uint64
	t.Low, carry = bits.Add64(t.Low, o.Low, 0)
	t.High += o.High + int64(carry)
}

// Big returns the exact sum.
func (t Total) Big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(t.High), 64)
	return n.Add(n, new(big.Int).SetUint64(t.Low))
}

// Float returns the float nearest to the sum.
func (t Total) Float() float64 {
	f, _ := new(big.Float).SetInt(t.Big()).Float64()
	return f
}

// Sums holds exactly what the mean and variance of any number of int64 values need. No value and no number of values overflows them, and the order of
// Add and Merge does not matter. The zero value is empty. All fields are plain integers, so any encoding can carry them between shards.
type Sums struct {
	// N is the number of values.
	N int64
	// Sum is the sum of the values.
	Sum Total
	// Squares is the sum of the squares, lowest word first.
	Squares [3]uint64
}

// Add adds a value, such as an amount in micro-units.
func (s *Sums) Add(v int64) {
	s.N++
	s.Sum.Add(v)
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	high, low := bits.Mul64(size, size)
	s.addSquares([3]uint64{low, high})
}

// Merge adds the values of another Sums.
func (s *Sums) Merge(o *Sums) {
	s.N += o.N
	s.Sum.Merge(o.Sum)
	s.addSquares(o.Squares)
}

func (s *Sums) addSquares(o [3]uint64) {
	var carry uint64
	for i := range s.Squares {
		s.Squares[i], carry = bits.Add64(s.Squares[i], o[i], carry)
	}
}

// Mean returns the sum divided by the number, in the unit of the values. It returns false if there are no values.
func (s *Sums) Mean() (float64, bool) {
	if s.N < 1 {
		return 0, false
	}
	f, _ := new(big.Rat).SetFrac(s.Sum.Big(), big.NewInt(s.N)).Float64()
	return f, true
}

// Variance returns the unbiased variance of the values, (nΣv² − (Σv)²) / n(n−1), in the square of their unit, correctly rounded. The difference is
// computed in integers, so nothing cancels. It returns false for fewer than two values.
func (s *Sums) Variance() (float64, bool) {
	if s.N < 2 {
		return 0, false
	}
	n := big.NewInt(s.N)
	squares := new(big.Int)
	for i := range s.Squares {
		word := new(big.Int).SetUint64(s.Squares[len(s.Squares)-1-i])
		squares.Add(squares.Lsh(squares, 64), word)
	}
	sum := s.Sum.Big()
	over := squares.Mul(squares, n)
	over.Sub(over, sum.Mul(sum, sum))
	f, _ := new(big.Rat).SetFrac(over, new(big.Int).Mul(n, big.NewInt(s.N-1))).Float64()
	return f, !math.IsInf(f, 0)
}
