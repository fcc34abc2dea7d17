// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats/clv"
)

// LifetimeValue predicts the future orders of all customers to date, and their amounts, by the BG/NBD and the gamma-gamma model (internal/stats/clv).
// Both are estimated from the customers themselves. Time is in calendar days, from a customer's first order to the end of the period; parameters are
// in weeks.
type LifetimeValue struct {
	money.Orders
	// Apart counts the orders of one calendar day separately instead of together.
	Apart bool
	// Months is the number of months to predict, each a twelfth of a year.
	Months int
	// Discount rate per month, in micro-units.
	Discount int64
}

// Limits of the forecast of a LifetimeValue.
const (
	maxMonths = 120
	// daysPerWeek is the number of ticks of a history in the unit of the parameters.
	daysPerWeek = 7
	// weeksPerMonth is a twelfth of a mean year.
	weeksPerMonth = 365.25 / 12 / daysPerWeek
)

// Since returns the time from which the metric needs events.
func (LifetimeValue) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// Extent is the whole past.
func (LifetimeValue) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return p.EventsToDate()
}

// NewSums returns empty sums. An error names the invalid field.
func (l LifetimeValue) NewSums(c *metric.Context) (metric.Sums, error) {
	if l.Months < 1 || l.Months > maxMonths {
		return nil, fmt.Errorf("lifetimeValue.months: from 1 to %d", maxMonths)
	}
	if l.Discount < 0 {
		return nil, fmt.Errorf("lifetimeValue.monthlyDiscountRate: not below zero")
	}
	return &LifetimeValueSums{Customers: clv.New(), table: l, calendar: c.Calendar, purchases: money.NewPurchases()}, nil
}

// LifetimeValueSums holds the customers of a LifetimeValue.
type LifetimeValueSums struct {
	// Customers by their order history.
	Customers *clv.Customers

	table              LifetimeValue
	calendar           *journey.Calendar
	purchases          *money.Purchases
	persons, repeaters int64
	left               money.LeftOut
	// impossible counts customers with an impossible history.
	impossible int64
}

// AddPerson adds a person.
func (s *LifetimeValueSums) AddPerson(v *metric.View) {
	list, left := s.purchases.Of(v.Hits, money.Beginning, v.Period.EventsTo)
	s.left.Add(left)
	if !s.table.Apart {
		list = money.ByDay(list, s.calendar)
	}
	if len(list) == 0 {
		return
	}
	first := s.calendar.Day(list[0].Time)
	h := clv.History{
		Repeat: int64(len(list) - 1), Last: s.calendar.Day(list[len(list)-1].Time) - first, Age: s.calendar.Day(v.Period.EventsTo-1) - first,
	}
	if err := s.Customers.Add(h, spent(list[1:])); err != nil {
		s.impossible++
		return
	}
	s.persons++
	if h.Repeat > 0 {
		s.repeaters++
	}
}

// spent returns the total amount of the orders. An order without an amount counts as the mean of the others, because 0 would make it a gift. The
// result is 0, which the model treats as unknown, if no order has an amount.
func spent(list []money.Report) int64 {
	total, valued := int64(0), uint64(0)
	for i := range list {
		if list[i].Valued {
			total, valued = number.AddCapped(total, list[i].Amount), valued+1
		}
	}
	if valued == 0 || int(valued) == len(list) {
		return total
	}
	high, low := bits.Mul64(uint64(total), uint64(len(list)))
	if high >= valued {
		return math.MaxInt64
	}
	whole, _ := bits.Div64(high, low, valued)
	return int64(min(whole, math.MaxInt64))
}

// Merge adds the customers of others.
func (s *LifetimeValueSums) Merge(other metric.Sums) {
	o := other.(*LifetimeValueSums)
	s.Customers.Merge(o.Customers)
	s.persons, s.repeaters, s.impossible = s.persons+o.persons, s.repeaters+o.repeaters, s.impossible+o.impossible
	s.left.Add(o.left)
}

// Fit estimates both models.
func (s *LifetimeValueSums) Fit() (clv.PurchasesFit, clv.SpendingFit, error) {
	purchases, err := clv.FitPurchases(s.Customers, daysPerWeek)
	if err != nil {
		return purchases, clv.SpendingFit{}, err
	}
	spending, err := clv.FitSpending(s.Customers)
	return purchases, spending, err
}

// Persons returns the number of persons with an order, and of those with a repeat purchase.
func (s *LifetimeValueSums) Persons() (all, repeaters int64) { return s.persons, s.repeaters }

// Grid returns a row for each quantity. If the models cannot be estimated, it has the counts, and a row with the reason.
func (s *LifetimeValueSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.persons, LeftOut: s.left.Orders + s.left.Refunds + s.impossible,
		Note: s.left.Note("count as the mean of the customer's others"), Columns: []metric.Column{
			{Name: "quantity", Unit: metric.UnitText}, {Name: "value", Unit: metric.UnitNumber}, {Name: "standardError", Unit: metric.UnitNumber},
			{Name: "unit", Unit: metric.UnitText},
		}}
	add := func(name, value, deviation, unit string) {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{name, value, deviation, unit}})
	}
	add("customers", number.Whole(s.persons), "", metric.UnitCount)
	add("repeaters", number.Whole(s.repeaters), "", metric.UnitCount)
	purchases, spending, err := s.Fit()
	if err != nil {
		add("no estimate: "+err.Error(), "", "", "")
		return g
	}
	s.addForecast(add, clv.Model{Purchases: purchases.Purchases, Spending: spending.Spending})
	for i, v := range []float64{purchases.R, purchases.Alpha, purchases.A, purchases.B} {
		add([]string{"r", "alpha", "a", "b"}[i], digits(v, 6), deviation(purchases.Errors, i), []string{"", "weeks", "", ""}[i])
	}
	for i, v := range []float64{spending.P, spending.Q, spending.Gamma} {
		add([]string{"p", "q", "gamma"}[i], digits(v, 6), deviation(spending.Errors, i), []string{"", "", s.table.Currency}[i])
	}
	add("logLikelihood", digits(purchases.LogLikelihood, 2), "", "")
	add("correlation", digits(spending.Correlation, 6), "", "")
	if purchases.AtEdge || spending.AtEdge {
		add("the data do not determine all parameters", "", "", "")
	}
	if !s.Customers.Exact() {
		add("times and amounts were rounded to keep memory bounded", "", "", "")
	}
	return g
}

// addForecast adds the expected orders of all customers together.
func (s *LifetimeValueSums) addForecast(add func(name, value, deviation, unit string), m clv.Model) {
	over := clv.Horizon{Periods: s.table.Months, Length: weeksPerMonth, Discount: float64(s.table.Discount) / 1e6}
	f, ok := m.Forecast(s.Customers, over)
	if !ok {
		return
	}
	add("active", digits(f.Alive, 1), "", metric.UnitCount)
	add("orders", digits(f.Purchases, 1), "", metric.UnitCount)
	if f.Valued {
		add("value", digits(f.Value, number.MoneyDigits), "", s.table.Currency)
		add("valuePerCustomer", digits(f.Value/float64(f.Customers), number.MoneyDigits), "", s.table.Currency)
	}
}

func digits(f float64, n int) string { return strconv.FormatFloat(f, 'f', n, 64) }

// deviation returns the standard error of a parameter, or an empty text.
func deviation(errors []float64, i int) string {
	if i >= len(errors) {
		return ""
	}
	return digits(errors[i], 6)
}
