// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats/rfm"
)

// RFM classifies all customers to date by how recently, how often and for how much they ordered, and counts the named segments. Scores are quintiles
// among these customers. Orders of one calendar day count as one. The segments are those of internal/stats/rfm. A customer without any order with an
// amount is in no segment, because what they spent is unknown and not necessarily low.
type RFM money.Orders

// Matches lists the events by role.
func (r RFM) Matches() [][]journey.Match { return money.Orders(r).Matches() }

// Read records what the metric needs of an event.
func (r RFM) Read(v *match.Values, role uint8, h *metric.Hit) { money.Orders(r).Read(v, role, h) }

// Needs marks the columns that Read uses.
func (r RFM) Needs(n *match.Needs) { money.Orders(r).Needs(n) }

// Since returns the time from which the metric needs events.
func (RFM) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// Extent is the whole past.
func (RFM) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent { return p.EventsToDate() }

// NewSums returns empty sums. An error names the invalid field.
func (r RFM) NewSums(c *metric.Context) (metric.Sums, error) {
	return &RFMSums{Customers: rfm.New(), calendar: c.Calendar, purchases: money.NewPurchases()}, nil
}

// RFMSums holds the customers of an RFM.
type RFMSums struct {
	// Customers by their order history.
	Customers *rfm.Customers

	calendar  *journey.Calendar
	purchases *money.Purchases
	persons   int64
	// unvalued counts the persons without any amount.
	unvalued int64
	left     money.LeftOut
}

// AddPerson adds a person.
func (s *RFMSums) AddPerson(v *metric.View) {
	end := v.Period.EventsTo
	list, left := s.purchases.Of(v.Hits, money.Beginning, end)
	s.left.Add(left)
	if len(list) == 0 {
		return
	}
	s.persons++
	if int64(len(list)) == left.Orders {
		s.unvalued++
		return
	}
	list = money.ByDay(list, s.calendar)
	customer := rfm.Customer{Frequency: int64(len(list)), Recency: s.calendar.Day(end-1) - s.calendar.Day(list[len(list)-1].Time)}
	for i := range list {
		customer.Monetary = number.AddCapped(customer.Monetary, list[i].Amount)
	}
	s.Customers.Add(customer, 1)
}

// Merge adds the customers of others.
func (s *RFMSums) Merge(other metric.Sums) {
	o := other.(*RFMSums)
	s.Customers.Merge(o.Customers)
	s.persons, s.unvalued = s.persons+o.persons, s.unvalued+o.unvalued
	s.left.Add(o.left)
}

// AmountUnknown is the row of the customers without any order with an amount.
const AmountUnknown = "(amount unknown)"

// Grid returns a row for each segment, the best first, and one for the customers in no segment.
func (s *RFMSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.persons, LeftOut: s.left.Orders + s.left.Refunds,
		Note: s.left.Note("add nothing to what a customer spent"), Columns: []metric.Column{
			{Name: "segment", Unit: metric.UnitText}, {Name: "customers", Unit: metric.UnitCount}, {Name: "share", Unit: metric.UnitRatio},
		}}
	for _, segment := range s.Customers.Segments() {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{
			string(segment.Segment), number.Whole(segment.Customers), number.Ratio(segment.Customers, s.persons),
		}})
	}
	if s.unvalued > 0 {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{AmountUnknown, number.Whole(s.unvalued), number.Ratio(s.unvalued, s.persons)}})
	}
	return g
}
