// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rfm

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuintilesByHand(t *testing.T) {
	c := New()
	for i := range int64(10) { // i days ago, with i+1 purchases
		c.Add(Customer{Recency: i, Frequency: i + 1, Monetary: 7}, 1)
	}
	s, ok := c.Scorer()
	require.True(t, ok)
	for i, want := range []Score{{5, 1, 3}, {5, 1, 3}, {4, 2, 3}, {4, 2, 3}, {3, 3, 3}, {3, 3, 3}, {2, 4, 3}, {2, 4, 3}, {1, 5, 3}, {1, 5, 3}} {
		require.Equal(t, want, s.Score(Customer{int64(i), int64(i) + 1, 7}))
	}
	// Other customers get the score of the nearest customer in the set who is not better.
	require.Equal(t, Score{5, 5, 3}, s.Score(Customer{-4, 1000, 8}))
	require.Equal(t, Score{1, 1, 1}, s.Score(Customer{100, 0, 6}))

	// Seven of ten bought once. They are in the middle of the lower seven, so nobody has the score 1.
	c = New()
	c.Add(Customer{Recency: 1, Frequency: 1}, 7)
	c.Add(Customer{Recency: 1, Frequency: 2}, 2)
	c.Add(Customer{Recency: 1, Frequency: 9}, 1)
	s, _ = c.Scorer()
	require.Equal(t, []int{2, 5, 5}, []int{s.Score(Customer{1, 1, 0}).Frequency, s.Score(Customer{1, 2, 0}).Frequency, s.Score(Customer{1, 9, 0}).Frequency})
}

// Compares with the definition, customer by customer.
func TestScoresByCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Customer {
			return Customer{rapid.Int64Range(0, 20).Draw(t, "r"), rapid.Int64Range(1, 5).Draw(t, "f"), rapid.Int64Range(-10, 100).Draw(t, "m")}
		}), 1, 60).Draw(t, "customers")
		whole, left, right := New(), New(), New()
		for i, c := range list {
			whole.Add(c, 1)
			if i%3 == 0 {
				left.Add(c, 1)
			} else {
				right.Add(c, 1)
			}
		}
		left.Merge(right)
		require.Equal(t, whole.Segments(), left.Segments())
		s, ok := whole.Scorer()
		require.True(t, ok)
		score := func(worse, equal func(o Customer) bool) int {
			b, e := 0, 0
			for _, o := range list {
				if worse(o) {
					b++
				} else if equal(o) {
					e++
				}
			}
			return 1 + int(math.Floor(5*(float64(b)+float64(e)/2)/float64(len(list))+1e-12))
		}
		sizes := map[Segment]int64{}
		for _, c := range list {
			want := Score{
				score(func(o Customer) bool { return o.Recency > c.Recency }, func(o Customer) bool { return o.Recency == c.Recency }),
				score(func(o Customer) bool { return o.Frequency < c.Frequency }, func(o Customer) bool { return o.Frequency == c.Frequency }),
				score(func(o Customer) bool { return o.Monetary < c.Monetary }, func(o Customer) bool { return o.Monetary == c.Monetary }),
			}
			require.Equal(t, want, s.Score(c))
			sizes[want.Segment()]++
		}
		total := int64(0)
		for _, g := range whole.Segments() {
			require.Equal(t, sizes[g.Segment], g.Customers)
			total += g.Customers
		}
		require.EqualValues(t, len(list), total)
	})
}

func TestSegmentsAreComplete(t *testing.T) {
	used := map[Segment]bool{}
	for r := 1; r <= 5; r++ {
		for f := 1; f <= 5; f++ {
			for m := 1; m <= 5; m++ {
				name := Score{r, f, m}.Segment()
				require.True(t, slices.Contains(Names(), name))
				used[name] = true
			}
		}
	}
	require.Len(t, used, len(Names()))
	require.Equal(t, Champions, Score{5, 5, 5}.Segment())
	require.Equal(t, CannotLose, Score{1, 5, 5}.Segment())
	require.Equal(t, CannotLose, Score{1, 5, 4}.Segment(), "halves are rounded up")
	require.Equal(t, NewCustomers, Score{5, 1, 1}.Segment())
	require.Empty(t, Score{0, 1, 1}.Segment())
	require.Empty(t, Score{1, 6, 1}.Segment())
	require.Nil(t, New().Segments())
}

// More customers than cells are counted, with the same result for all shards, and close to their exact scores.
func TestBounded(t *testing.T) {
	const n = 5000
	whole, left, right, exact := newCustomers(500), newCustomers(500), newCustomers(500), New()
	var list []Customer
	for i := range int64(n) {
		c := Customer{i * 7919 % 1000, 1 + i*i%13, i * 104_729 % 1_000_003 * 1_000_000}
		list = append(list, c)
		whole.Add(c, 1)
		exact.Add(c, 1)
		if i%4 == 0 {
			left.Add(c, 1)
		} else {
			right.Add(c, 1)
		}
	}
	left.Merge(right)
	require.False(t, whole.Exact())
	require.Equal(t, whole.Segments(), left.Segments())
	a, _ := whole.Scorer()
	b, _ := exact.Scorer()
	far := 0
	for _, c := range list {
		if d := a.Score(c).Monetary - b.Score(c).Monetary; d > 1 || d < -1 {
			far++
		}
	}
	require.Less(t, far, n/20)
}
