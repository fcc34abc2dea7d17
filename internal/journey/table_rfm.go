// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/stats/rfm"

// RFM sorts all customers to date by how recently, how often and for how much they ordered, and counts the named segments. Scores are quintiles
// among the customers themselves, orders of one calendar day count as one; the segments are those of internal/stats/rfm.
type RFM Orders

// Matches lists the events that it looks at, by role.
func (r RFM) Matches() [][]Match { return Orders(r).Matches() }

// Read notes what it needs of an event.
func (r RFM) Read(v *Values, role uint8, h *Hit) { Orders(r).Read(v, role, h) }

// Needs marks the columns that Read looks at.
func (r RFM) Needs(n *Needs) { Orders(r).Needs(n) }

// Since is the time from which on it needs events.
func (RFM) Since(*Period, *Calendar) int64 { return 0 }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (r RFM) NewAccumulator(c *TableContext) (TableAccumulator, error) {
	return &RFMSums{Customers: rfm.New(), calendar: c.Calendar, purchases: NewPurchases()}, nil
}

// RFMSums keeps the customers of an RFM.
type RFMSums struct {
	// Customers by what they did.
	Customers *rfm.Customers

	calendar  *Calendar
	purchases *Purchases
	persons   int64
	leftOut   int64
}

// AddPerson adds a person.
func (s *RFMSums) AddPerson(v *View) {
	end := v.Period.EventsTo
	list, leftOut := s.purchases.Of(v.Hits, Beginning, end)
	s.leftOut += leftOut
	list = ByDay(list, s.calendar)
	if len(list) == 0 {
		return
	}
	customer := rfm.Customer{Frequency: int64(len(list)), Recency: s.calendar.Day(end-1) - s.calendar.Day(list[len(list)-1].Time)}
	for i := range list {
		customer.Monetary = AddCapped(customer.Monetary, list[i].Amount)
	}
	s.persons++
	s.Customers.Add(customer, 1)
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
		g.Rows = append(g.Rows, GridRow{Values: []string{string(segment.Segment), Whole(segment.Customers), Ratio(segment.Customers, s.persons)}})
	}
	return g
}
