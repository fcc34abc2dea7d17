// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"cmp"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/stats"
	"github.com/journeyman-dev/journeyman/internal/stats/grid"
)

// History is the input of the BG/NBD model for a customer, counted from the first purchase. Times are whole ticks of any length, usually days.
type History struct {
	// Repeat is the number of purchases after the first (x). Usually, purchases of one day count as one.
	Repeat int64
	// Last is the time of the last purchase (t_x); 0 without repeat purchases.
	Last int64
	// Age is the time of observation (T).
	Age int64
}

// Limits of a history and of the grids.
const (
	// MaxRepeat is the largest number of repeat purchases; more count as this many.
	MaxRepeat = 50_000
	// MaxAge is the largest time, in ticks.
	MaxAge = 1 << 40
	// MaxCells is the number of cells of each grid of customers.
	MaxCells = 1 << 16
)

// ErrHistory means that a history is impossible.
var ErrHistory = errors.New("a history needs Repeat ≥ 0 and 0 ≤ Last ≤ Age, and Last = 0 without repeat purchases")

// Customers holds the sufficient statistics of any number of customers, in bounded memory. Shards merge exactly. Up to 65,536 distinct histories are
// stored exactly. Beyond that, times are rounded down to multiples of 2, 4, 8 … ticks, and spending to 21, 20, 19 … leading bits. Create one with
// New.
type Customers struct {
	histories *grid.Grid[History, cell]
	spending  *grid.Grid[spend, grid.Count]
}

// cell counts the customers with one history.
type cell struct {
	customers int64
	// valued counts those with known spending, and total is its sum in micro-units.
	valued int64
	total  stats.Total
}

// Plus returns the sum.
func (c cell) Plus(o cell) cell {
	c.customers += o.customers
	c.valued += o.valued
	c.total.Merge(o.total)
	return c
}

// spend is the number of repeat purchases of a customer, and their total in micro-units.
type spend struct{ repeat, total int64 }

// New returns an empty set of customers.
func New() *Customers { return newCustomers(MaxCells) }

func newCustomers(limit int) *Customers {
	return &Customers{
		histories: grid.New[History, cell](limit, coarserHistory),
		spending:  grid.New[spend, grid.Count](limit, coarserSpend),
	}
}

func coarserHistory(h History, level int) History {
	h.Last = h.Last >> level << level
	h.Age = h.Age >> level << level
	return h
}

func coarserSpend(s spend, level int) spend {
	// At the coarsest levels, the number of purchases also loses bits, so that any number of customers fits.
	if level > 21 {
		s.repeat = grid.Leading(s.repeat, level-15)
	}
	s.total = grid.Leading(s.total, level)
	return s
}

// Add adds a customer with the total value of the repeat purchases, in micro-units. A total of 0 or less means that it is unknown, or that everything
// was refunded: the customer counts for purchases, but not for their value. It returns ErrHistory for an impossible history.
func (c *Customers) Add(h History, total int64) error {
	if h.Repeat < 0 || h.Last < 0 || h.Last > h.Age || h.Age > MaxAge || h.Repeat == 0 && h.Last != 0 {
		return ErrHistory
	}
	h.Repeat = min(h.Repeat, MaxRepeat)
	one := cell{customers: 1}
	if h.Repeat > 0 && total > 0 {
		one.valued = 1
		one.total.Add(total)
		c.spending.Add(spend{h.Repeat, total}, 1)
	}
	c.histories.Add(h, one)
	return nil
}

// Merge adds the customers of another set.
func (c *Customers) Merge(other *Customers) {
	c.histories.Merge(other.histories)
	c.spending.Merge(other.spending)
}

// Exact reports whether all histories and spending are stored exactly. Otherwise estimates contain the rounding described at Customers.
func (c *Customers) Exact() bool { return c.histories.Level() == 0 && c.spending.Level() == 0 }

// point is a history in units of time, at the middle of its cell.
type point struct {
	x, last, age float64
	cell         cell
}

// points returns the cells in the order of their repeat purchases. scale is the number of ticks in a unit of time.
func (c *Customers) points(scale float64) []point {
	cells := c.histories.Cells(func(a, b History) int {
		return cmp.Or(cmp.Compare(a.Repeat, b.Repeat), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Age, b.Age))
	})
	half := float64(int64(1)<<c.histories.Level()-1) / 2
	list := make([]point, len(cells))
	for i, e := range cells {
		p := point{x: float64(e.Key.Repeat), age: (float64(e.Key.Age) + half) / scale, cell: e.Value}
		if e.Key.Repeat > 0 {
			p.last = (float64(e.Key.Last) + half) / scale
		}
		list[i] = p
	}
	return list
}
