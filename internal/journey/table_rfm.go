// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/stats/rfm"

// RFM sorts all customers to date by how recently, how often and for how much they ordered, and counts the named segments. Scores are quintiles
// among the customers themselves, orders of one calendar day count as one; the segments are those of internal/stats/rfm.
type RFM Orders

func (r RFM) matches() [][]Match { return Orders(r).matches() }

func (r RFM) read(v *values, role uint8, h *Hit) { Orders(r).read(v, role, h) }

func (r RFM) needs(n *Needs) { Orders(r).needs(n) }

func (RFM) since(*Period, *Calendar) int64 { return 0 }

func (r RFM) accumulator(c *TableContext) (TableAccumulator, error) { //nolint:unparam // Tables may refuse; this one has nothing to refuse.
	return &RFMSums{Customers: rfm.New(), calendar: c.Calendar, purchases: newPurchases()}, nil
}

// RFMSums keeps the customers of an RFM.
type RFMSums struct {
	// Customers by what they did.
	Customers *rfm.Customers

	calendar  *Calendar
	purchases *purchases
	persons   int64
	leftOut   int64
}

func (s *RFMSums) person(v *View) {
	end := v.Period.EventsTo
	list, leftOut := s.purchases.of(v.Hits, beginning, end)
	s.leftOut += leftOut
	list = byDay(list, s.calendar)
	if len(list) == 0 {
		return
	}
	customer := rfm.Customer{Frequency: int64(len(list)), Recency: s.calendar.day(end-1) - s.calendar.day(list[len(list)-1].time)}
	for i := range list {
		customer.Monetary = addCapped(customer.Monetary, list[i].amount)
	}
	s.persons++
	s.Customers.Add(customer, 1)
}

// day numbers the calendar days.
func (c *Calendar) day(instant int64) int64 {
	_, offset := c.time(instant).Zone()
	return floorDiv(instant+int64(offset)*1_000_000, 24*hourMicros)
}

// Merge adds the customers of others.
func (s *RFMSums) Merge(other TableAccumulator) {
	o := other.(*RFMSums)
	s.Customers.Merge(o.Customers)
	s.persons, s.leftOut = s.persons+o.persons, s.leftOut+o.leftOut
}

// Grid has a row for each segment, best first.
func (s *RFMSums) Grid() Grid {
	g := Grid{Samples: s.persons, LeftOut: s.leftOut, Columns: []Column{
		{Name: "segment", Unit: UnitText}, {Name: "customers", Unit: UnitCount}, {Name: "share", Unit: UnitRatio},
	}}
	for _, segment := range s.Customers.Segments() {
		g.Rows = append(g.Rows, GridRow{Values: []string{string(segment.Segment), count(segment.Customers), share(segment.Customers, s.persons)}})
	}
	return g
}
