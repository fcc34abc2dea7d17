// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import "math"

// Horizon is the time over which future purchases are valued.
type Horizon struct {
	// Periods is the number of periods, such as 12 months; from 1 to 1,000.
	Periods int
	// Length of a period in units of time.
	Length float64
	// Discount is the interest rate per period, such as 0.01, at least 0. Purchases are discounted to now from the end of their period.
	Discount float64
}

const maxPeriods = 1000

func (h Horizon) valid() bool {
	return h.Periods >= 1 && h.Periods <= maxPeriods && h.Length > 0 && !math.IsInf(h.Length, 1) && h.Discount >= 0 && !math.IsInf(h.Discount, 1)
}

// Model predicts customer lifetime value: the number of purchases times their value.
type Model struct {
	Purchases
	Spending
}

// Value returns the expected discounted value of the future purchases of one customer over a horizon, in units of money. total is that of the
// repeat purchases so far, in micro-units, as for Customers.Add: 0 or less means unknown, and the mean of all customers is used instead. It
// returns false if the horizon is invalid or the mean value of a purchase does not exist.
//
//	E(value of a purchase) Σᵢ (E purchases until the end of period i − until its start) / (1+d)ⁱ
func (m Model) Value(h History, total int64, over Horizon) (float64, bool) {
	if !over.valid() {
		return 0, false
	}
	p := m.point(h)
	mean, ok := m.Mean()
	if h.Repeat > 0 && total > 0 {
		mean, ok = m.Spending.Expected(h.Repeat, total)
	}
	_, discounted := m.future(p, over)
	return mean * discounted, ok
}

// future returns the expected purchases over a horizon, plain and discounted.
func (m Model) future(p point, over Horizon) (plain, discounted float64) {
	alive := m.alive(p)
	factor := 1.0
	for i := range over.Periods {
		until := alive * m.whileAlive(p, over.Length*float64(i+1))
		factor /= 1 + over.Discount
		discounted += max(0, until-plain) * factor
		plain = max(plain, until)
	}
	return plain, discounted
}

// Forecast is the expectation for all customers together over a horizon.
type Forecast struct {
	// Customers is the number of customers.
	Customers int64
	// Alive is the expected number of those who have not left.
	Alive float64
	// Purchases is the expected number of purchases.
	Purchases float64
	// Value is their expected discounted value, in units of money, if Valued.
	Value float64
	// Valued is false if the mean value of a purchase does not exist.
	Valued bool
}

// Forecast sums the predictions of all customers. It returns false for an invalid horizon. The expected value of a purchase is linear in what a
// customer spent, so the sum over a cell is exact. Only the times of a grid that is not Exact are rounded.
func (m Model) Forecast(c *Customers, over Horizon) (Forecast, bool) {
	if !over.valid() {
		return Forecast{}, false
	}
	f := Forecast{Valued: true}
	for _, p := range c.points(m.Unit) {
		n := float64(p.cell.customers)
		plain, discounted := m.future(p, over)
		f.Customers += p.cell.customers
		f.Alive += n * m.alive(p)
		f.Purchases += n * plain
		if unknown := p.cell.customers - p.cell.valued; unknown > 0 {
			mean, ok := m.Mean()
			f.Valued = f.Valued && ok
			f.Value += float64(unknown) * mean * discounted
		}
		if p.cell.valued > 0 {
			valued := float64(p.cell.valued)
			mean, ok := m.expected(p.x, p.cell.total.Float()/microUnits/valued)
			f.Valued = f.Valued && ok
			f.Value += valued * mean * discounted
		}
	}
	if !f.Valued {
		f.Value = 0
	}
	return f, true
}
