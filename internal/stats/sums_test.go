// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64(), 0, 40).Draw(t, "values")
		var whole, left, right Sums
		sum, squares := new(big.Int), new(big.Int)
		for i, v := range values {
			whole.Add(v)
			if i%3 == 0 {
				left.Add(v)
			} else {
				right.Add(v)
			}
			b := big.NewInt(v)
			sum.Add(sum, b)
			squares.Add(squares, b.Mul(b, b))
		}
		left.Merge(&right)
		require.Equal(t, whole, left)
		require.Zero(t, sum.Cmp(whole.Sum.Big()))
		n := int64(len(values))
		mean, ok := whole.Mean()
		require.Equal(t, n > 0, ok)
		if ok {
			want, _ := new(big.Rat).SetFrac(sum, big.NewInt(n)).Float64()
			require.Equal(t, want, mean)
		}
		variance, ok := whole.Variance()
		require.Equal(t, n > 1, ok)
		if ok {
			over := squares.Mul(squares, big.NewInt(n))
			want, _ := new(big.Rat).SetFrac(over.Sub(over, sum.Mul(sum, sum)), big.NewInt(n*(n-1))).Float64()
			require.Equal(t, want, variance)
			i, ok := whole.MeanInterval(0.95)
			require.True(t, ok)
			require.True(t, i.Contains(mean))
		}
	})
}

func TestVarianceDoesNotCancel(t *testing.T) {
	var s Sums
	for _, v := range []int64{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 - 2} {
		s.Add(v)
	}
	variance, ok := s.Variance()
	require.True(t, ok)
	require.Equal(t, 1.0, variance)
	var many Sums
	for range 60 { // doubling, up to 3·2⁶⁰ values of the maximum size
		one := s
		many.Merge(&one)
		s.Merge(&one)
	}
	require.Positive(t, s.N)
	v, ok := s.Variance()
	require.True(t, ok)
	require.InDelta(t, 2.0/3, v, 1e-9)
}

// Student's own example: the additional hours of sleep of ten patients, with mean 1.58, s = 1.2299, and t = 2.262 for nine degrees of freedom.
func TestMeanInterval(t *testing.T) {
	var s Sums
	for _, tenths := range []int64{12, 24, 13, 13, 0, 10, 18, 8, 46, 14} {
		s.Add(tenths * 100_000)
	}
	mean, _ := s.Mean()
	require.InDelta(t, 1.58e6, mean, 1e-6)
	i, ok := s.MeanInterval(0.95)
	require.True(t, ok)
	require.InDelta(t, 0.7001e6, i.Low, 1e2)
	require.InDelta(t, 2.4599e6, i.High, 1e2)
	_, ok = s.MeanInterval(1)
	require.False(t, ok)
}

func TestStudent(t *testing.T) {
	for _, c := range []struct{ level, degrees, want float64 }{
		{0.95, 1, 12.7062047}, {0.95, 2, 4.30265273}, {0.99, 5, 4.03214298}, {0.95, 30, 2.04227246}, {0.999, 60, 3.46020047}, {0.95, 1e9, 1.95996398},
	} {
		require.InEpsilon(t, c.want, studentQuantile(c.level, c.degrees), 1e-8, c)
	}
	rapid.Check(t, func(t *rapid.T) {
		degrees := rapid.Float64Range(1, 1e6).Draw(t, "degrees")
		x := rapid.Float64Range(-30, 30).Draw(t, "t")
		want := distuv.StudentsT{Sigma: 1, Nu: degrees}.Survival(x)
		require.InDelta(t, want, StudentTail(x, degrees), 1e-9)
	})
}

// Compares with the textbook's formula, and with the simple t test for equal variances and sizes.
func TestWelch(t *testing.T) {
	var a, b Sums
	for _, v := range []int64{1, 2, 3, 4, 5} {
		a.Add(v)
		b.Add(v + 2)
	}
	d, ok := Welch(&b, &a, 0.95)
	require.True(t, ok)
	require.InDelta(t, 2, d.Value, 1e-12)
	require.InDelta(t, 2-2.306004, d.Interval.Low, 1e-5) // s²/5 + s²/5 = 1, eight degrees of freedom
	require.InDelta(t, 0.080516, d.P, 1e-5)
	for range 10 {
		b.Add(30)
	}
	// different sizes and variances
	d, ok = Welch(&b, &a, 0.95)
	require.True(t, ok)
	v1, _ := b.Variance()
	v1 /= 15
	degrees := (v1 + 0.5) * (v1 + 0.5) / (v1*v1/14 + 0.25/4)
	want := 2 * distuv.StudentsT{Sigma: 1, Nu: degrees}.Survival(d.Value/math.Sqrt(v1+0.5))
	require.InEpsilon(t, want, d.P, 1e-6)
	_, ok = Welch(&a, &Sums{N: 1}, 0.95)
	require.False(t, ok)
}
