// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats/rfm"
)

// RFM sorts all customers to date by how recently, how often and for how much they ordered, and counts the named segments. Scores are quintiles
// among the customers themselves, orders of one calendar day count as one; the segments are those of internal/stats/rfm.
type RFM money.Orders

// Matches lists the events that it looks at, by role.
func (r RFM) Matches() [][]journey.Match { return money.Orders(r).Matches() }

// Read notes what it needs of an event.
func (r RFM) Read(v *journey.Values, role uint8, h *journey.Hit) { money.Orders(r).Read(v, role, h) }

// Needs marks the columns that Read looks at.
func (r RFM) Needs(n *journey.Needs) { money.Orders(r).Needs(n) }

// Since is the time from which on it needs events.
func (RFM) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (r RFM) NewAccumulator(c *journey.TableContext) (journey.TableAccumulator, error) {
	return &RFMSums{Customers: rfm.New(), calendar: c.Calendar, purchases: money.NewPurchases()}, nil
}

// RFMSums keeps the customers of an RFM.
type RFMSums struct {
	// Customers by what they did.
	Customers *rfm.Customers

	calendar  *journey.Calendar
	purchases *money.Purchases
	persons   int64
	leftOut   int64
}

// AddPerson adds a person.
func (s *RFMSums) AddPerson(v *journey.View) {
	end := v.Period.EventsTo
	list, leftOut := s.purchases.Of(v.Hits, money.Beginning, end)
	s.leftOut += leftOut
	list = money.ByDay(list, s.calendar)
	if len(list) == 0 {
		return
	}
	customer := rfm.Customer{Frequency: int64(len(list)), Recency: s.calendar.Day(end-1) - s.calendar.Day(list[len(list)-1].Time)}
	for i := range list {
		customer.Monetary = number.AddCapped(customer.Monetary, list[i].Amount)
	}
	s.persons++
	s.Customers.Add(customer, 1)
}

// Merge adds the customers of others.
func (s *RFMSums) Merge(other journey.TableAccumulator) {
	o := other.(*RFMSums)
	s.Customers.Merge(o.Customers)
	s.persons, s.leftOut = s.persons+o.persons, s.leftOut+o.leftOut
}

// Grid has a row for each segment, best first.
func (s *RFMSums) Grid() journey.Grid {
	g := journey.Grid{Samples: s.persons, LeftOut: s.leftOut, Columns: []journey.Column{
		{Name: "segment", Unit: journey.UnitText}, {Name: "customers", Unit: journey.UnitCount}, {Name: "share", Unit: journey.UnitRatio},
	}}
	for _, segment := range s.Customers.Segments() {
		g.Rows = append(g.Rows, journey.GridRow{Values: []string{
			string(segment.Segment), number.Whole(segment.Customers), number.Ratio(segment.Customers, s.persons),
		}})
	}
	return g
}
