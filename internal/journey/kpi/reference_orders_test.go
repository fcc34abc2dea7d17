// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

// refEuros converts an amount: one dollar is 0.912345 euro, rounded half up to a millionth. Other currencies and negative amounts are not usable.
func refEuros(r *journey.Row) (micro int64, usable bool) {
	switch {
	case r.Amount < 0:
		return 0, false
	case r.Currency == "EUR":
		return r.Amount, true
	case r.Currency == "USD":
		return (r.Amount*912_345 + 500_000) / 1_000_000, true
	}
	return 0, false
}

// isAuthority reports whether no other of the fitting rows reports the same order with a higher rank.
func isAuthority(r *journey.Row, rows []journey.Row, fits func(r *journey.Row) bool) bool {
	if r.OrderID == "" {
		return true
	}
	return !slices.ContainsFunc(rows, func(o journey.Row) bool {
		return o.Name == "Order Completed" && o.OrderID == r.OrderID && journeytest.Counts(&o, r, refEuros) && fits(&o)
	})
}

// refunds returns the refunds of an order by its source in the fitting rows, at most the amount.
func refunds(r *journey.Row, rows []journey.Row, amount int64, fits func(r *journey.Row) bool) int64 {
	sum := int64(0)
	for i := range rows {
		o := &rows[i]
		if back, usable := refEuros(o); o.Name == money.RefundEvent && usable && fits(o) && r.OrderID != "" && o.OrderID == r.OrderID && o.Source == r.Source {
			sum += back
		}
	}
	return min(sum, amount)
}

// refOrderValue computes the revenue of the period, or its mean per order.
func refOrderValue(mean bool) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		usable := func(r *journey.Row) bool {
			_, ok := refEuros(r)
			return ok && q.inPeriod(r) && (r.Name != money.RefundEvent || r.OrderID != "")
		}
		inPeriod := func(r *journey.Row) bool { return q.inPeriod(r) }
		var sum, orders, leftOut, unvalued int64
		for i := range q.rows {
			r := &q.rows[i]
			switch isOrder := r.Name == "Order Completed"; {
			case !q.inPeriod(r, "Order Completed", money.RefundEvent) || isOrder && !isAuthority(r, q.rows, inPeriod):
			case !usable(r):
				leftOut++
				if isOrder {
					unvalued++
				}
			case isOrder:
				amount, _ := refEuros(r)
				orders++
				sum += amount - refunds(r, q.rows, amount, usable)
			}
		}
		n := refNumber{value: refRat(sum, event.MicroUnits), digits: 2, unit: "EUR", samples: orders, leftOut: leftOut}
		if mean {
			n.value = refRat(sum, orders*event.MicroUnits)
		}
		if orders == 0 && unvalued > 0 {
			n.value = nil
		}
		return n
	}
}

// ordersOf returns the orders of a person in the fitting rows, each order id once.
func ordersOf(rows []journey.Row, fits func(r *journey.Row) bool) (list []journey.Row) {
	for i := range rows {
		if r := &rows[i]; r.Name == "Order Completed" && fits(r) && isAuthority(r, rows, fits) {
			list = append(list, *r)
		}
	}
	return list
}

func refFrequency(q *refAsk) refNumber {
	var orders, customers int64
	for _, rows := range q.persons() {
		if n := int64(len(ordersOf(rows, func(r *journey.Row) bool { return q.inPeriod(r) }))); n > 0 {
			orders, customers = orders+n, customers+1
		}
	}
	return refNumber{value: refRat(orders, customers), digits: 4, unit: metric.UnitRatio, samples: customers}
}

// refRepeat counts orders or, with a zone, days with orders.
func refRepeat(zone *time.Location) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		orders := func(rows []journey.Row) int {
			list, days := ordersOf(rows, func(r *journey.Row) bool { return q.inPeriod(r) }), map[string]bool{}
			for i, r := range list {
				day := fmt.Sprint(i)
				if zone != nil {
					day = time.UnixMicro(r.Time).In(zone).Format(time.DateOnly)
				}
				days[day] = true
			}
			return len(days)
		}
		return refShare(q, func(rows []journey.Row) bool { return orders(rows) > 0 }, func(rows []journey.Row) bool { return orders(rows) > 1 })
	}
}

func refLifetimeValue(q *refAsk) refNumber {
	var sum, customers, leftOut int64
	var each []float64
	known := func(r *journey.Row) bool { return r.Time < q.to }
	for _, rows := range q.persons() {
		for i := range rows {
			if _, usable := refEuros(&rows[i]); rows[i].Name == money.RefundEvent && known(&rows[i]) && (rows[i].OrderID == "" || !usable) {
				leftOut++
			}
		}
		valued, spent := int64(0), int64(0)
		for _, r := range ordersOf(rows, known) {
			amount, usable := refEuros(&r)
			if !usable {
				leftOut++
				continue
			}
			valued++
			spent += amount - refunds(&r, rows, amount, known)
		}
		sum += spent
		if valued > 0 {
			customers++
			each = append(each, float64(spent)/1e6)
		}
	}
	return refNumber{value: refRat(sum, customers*event.MicroUnits), digits: 2, unit: "EUR", samples: customers, leftOut: leftOut, interval: refSizes(each, 2)}
}
