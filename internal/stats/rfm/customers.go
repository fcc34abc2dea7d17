// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rfm

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/stats/grid"
)

// Customer is the history of a customer, in whole numbers of any unit.
type Customer struct {
	// Recency is the time since the last purchase, usually in days; lower is better.
	Recency int64
	// Frequency is the number of purchases; higher is better.
	Frequency int64
	// Monetary is the amount spent, in micro-units; higher is better. Refunds can make it negative.
	Monetary int64
}

// MaxCells is the number of distinct customers that are kept apart.
const MaxCells = 1 << 18

// Customers counts customers in bounded memory. Shards merge exactly. Up to 262,144 distinct customers are stored exactly. Beyond that, all numbers
// keep only 21, 20, 19 … leading bits, so that values with a relative difference of about a millionth or more count as equal. Create one with New.
type Customers struct {
	cells *grid.Grid[Customer, grid.Count]
}

// New returns an empty set of customers.
func New() *Customers { return newCustomers(MaxCells) }

func newCustomers(limit int) *Customers {
	return &Customers{cells: grid.New[Customer, grid.Count](limit, coarser)}
}

func coarser(c Customer, level int) Customer {
	return Customer{grid.Leading(c.Recency, level), grid.Leading(c.Frequency, level), grid.Leading(c.Monetary, level)}
}

// Add adds a number of equal customers; a count below 1 adds none.
func (c *Customers) Add(customer Customer, count int64) {
	if count > 0 {
		c.cells.Add(customer, grid.Count(count))
	}
}

// Merge adds the customers of another set.
func (c *Customers) Merge(other *Customers) { c.cells.Merge(other.cells) }

// Exact reports whether all customers are stored exactly.
func (c *Customers) Exact() bool { return c.cells.Level() == 0 }

// list returns the cells in the order of the customers.
func (c *Customers) list() []grid.Cell[Customer, grid.Count] {
	return c.cells.Cells(func(a, b Customer) int {
		return cmp.Or(cmp.Compare(a.Recency, b.Recency), cmp.Compare(a.Frequency, b.Frequency), cmp.Compare(a.Monetary, b.Monetary))
	})
}

// Score is the rank of a customer among all, by each number, from 1 (worst) to 5 (best).
type Score struct{ Recency, Frequency, Monetary int }

// Scorer computes the scores of customers. Create one with Customers.Scorer.
type Scorer struct {
	level                        int
	recency, frequency, monetary quintiles
}

// Scorer returns the scores of this set, or false if it is empty. Scores use the middle rank: with b worse customers and e equal ones (including this
// one) of n, the score is 1 + ⌊5 (b + e/2)/n⌋. Equal customers thus always have equal scores, customers that all differ make five groups of the same
// size, and if all are equal, all have 3. Where many are equal, such as those who bought once, groups differ in size and some scores can be missing.
func (c *Customers) Scorer() (*Scorer, bool) {
	list := c.list()
	if len(list) == 0 {
		return nil, false
	}
	of := func(value func(Customer) int64) quintiles {
		counts := map[int64]int64{}
		for _, e := range list {
			counts[value(e.Key)] += int64(e.Value)
		}
		return cut(counts)
	}
	return &Scorer{
		level:     c.cells.Level(),
		recency:   of(func(c Customer) int64 { return c.Recency }),
		frequency: of(func(c Customer) int64 { return c.Frequency }),
		monetary:  of(func(c Customer) int64 { return c.Monetary }),
	}, true
}

// Score returns the scores of a customer. A customer who is not in the set gets those of the nearest worse or equal one in the set, by each number,
// or 1 if there is none.
func (s *Scorer) Score(c Customer) Score {
	c = coarser(c, s.level)
	return Score{
		Recency:   s.recency.fromAbove(c.Recency),
		Frequency: s.frequency.fromBelow(c.Frequency),
		Monetary:  s.monetary.fromBelow(c.Monetary),
	}
}

// quintiles holds the distinct values in order, each with its score if higher is better and if lower is.
type quintiles struct {
	values     []int64
	more, less []int8
}

func cut(counts map[int64]int64) quintiles {
	var q quintiles
	total := int64(0)
	for v, n := range counts {
		q.values = append(q.values, v)
		total += n
	}
	slices.Sort(q.values)
	below := int64(0)
	for _, v := range q.values {
		n := counts[v]
		q.more = append(q.more, middleRank(below, n, total))
		q.less = append(q.less, middleRank(total-below-n, n, total))
		below += n
	}
	return q
}

// middleRank returns 1 + ⌊5 (2 worse + equal) / (2 total)⌋, in integers.
func middleRank(worse, equal, total int64) int8 { return int8(1 + 5*(2*worse+equal)/(2*total)) }

func (q quintiles) fromBelow(v int64) int {
	i, found := slices.BinarySearch(q.values, v)
	switch {
	case found:
		return int(q.more[i])
	case i == 0:
		return 1
	}
	return int(q.more[i-1])
}

func (q quintiles) fromAbove(v int64) int {
	i, _ := slices.BinarySearch(q.values, v)
	if i == len(q.values) {
		return 1
	}
	return int(q.less[i])
}
