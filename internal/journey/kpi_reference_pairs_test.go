// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// refEuros converts an amount: one dollar is 0.912345 euro, to a millionth, halves up. Other currencies and amounts below zero are not usable.
func refEuros(r *Row) (micro int64, usable bool) {
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

// receivedBefore says which row came first.
func receivedBefore(a, b *Row) bool { return a.Seq < b.Seq || a.Seq == b.Seq && a.Index < b.Index }

// isFirstReport says that no other of the rows that fit reports the same order and came before.
func isFirstReport(r *Row, rows []Row, fits func(r *Row) bool) bool {
	if r.OrderID == "" {
		return true
	}
	return !slices.ContainsFunc(rows, func(o Row) bool {
		return o.Name == "Order Completed" && o.OrderID == r.OrderID && receivedBefore(&o, r) && fits(&o)
	})
}

// refunds gives what the source of an order paid back among the rows that fit, at most the amount.
func refunds(r *Row, rows []Row, amount int64, fits func(r *Row) bool) int64 {
	sum := int64(0)
	for i := range rows {
		o := &rows[i]
		if back, usable := refEuros(o); o.Name == RefundEvent && usable && fits(o) && r.OrderID != "" && o.OrderID == r.OrderID && o.Source == r.Source {
			sum += back
		}
	}
	return min(sum, amount)
}

// refOrderValue is the revenue of the period, or its mean for an order.
func refOrderValue(mean bool) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		usable := func(r *Row) bool {
			_, ok := refEuros(r)
			return ok && q.inPeriod(r) && (r.Name != RefundEvent || r.OrderID != "")
		}
		var sum, orders, leftOut int64
		for i := range q.rows {
			r := &q.rows[i]
			if !q.inPeriod(r, "Order Completed", RefundEvent) {
				continue
			}
			if !usable(r) {
				leftOut++
			} else if r.Name == "Order Completed" && isFirstReport(r, q.rows, usable) {
				amount, _ := refEuros(r)
				orders++
				sum += amount - refunds(r, q.rows, amount, usable)
			}
		}
		n := refNumber{value: refRat(sum, event.MicroUnits), digits: 2, unit: "EUR", samples: orders, leftOut: leftOut}
		if mean {
			n.value = refRat(sum, orders*event.MicroUnits)
		}
		return n
	}
}

// ordersOf lists the orders of one person among the rows that fit, each order id once.
func ordersOf(rows []Row, fits func(r *Row) bool) (list []Row) {
	for i := range rows {
		if r := &rows[i]; r.Name == "Order Completed" && fits(r) && isFirstReport(r, rows, fits) {
			list = append(list, *r)
		}
	}
	return list
}

func refFrequency(q *refAsk) refNumber {
	var orders, customers int64
	for _, rows := range q.persons() {
		if n := int64(len(ordersOf(rows, func(r *Row) bool { return q.inPeriod(r) }))); n > 0 {
			orders, customers = orders+n, customers+1
		}
	}
	return refNumber{value: refRat(orders, customers), digits: 4, unit: UnitRatio, samples: customers}
}

// refRepeat counts orders, or days with orders where a zone is given.
func refRepeat(zone *time.Location) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		orders := func(rows []Row) int {
			list, days := ordersOf(rows, func(r *Row) bool { return q.inPeriod(r) }), map[string]bool{}
			for i, r := range list {
				day := fmt.Sprint(i)
				if zone != nil {
					day = time.UnixMicro(r.Time).In(zone).Format(time.DateOnly)
				}
				days[day] = true
			}
			return len(days)
		}
		return refShare(q, func(rows []Row) bool { return orders(rows) > 0 }, func(rows []Row) bool { return orders(rows) > 1 })
	}
}

func refLifetimeValue(q *refAsk) refNumber {
	var sum, customers, leftOut int64
	known := func(r *Row) bool { return r.Time < q.to }
	for _, rows := range q.persons() {
		valued := int64(0)
		for _, r := range ordersOf(rows, known) {
			amount, usable := refEuros(&r)
			if !usable {
				leftOut++
				continue
			}
			valued++
			sum += amount - refunds(&r, rows, amount, known)
		}
		if valued > 0 {
			customers++
		}
	}
	return refNumber{value: refRat(sum, customers*event.MicroUnits), digits: 2, unit: "EUR", samples: customers, leftOut: leftOut}
}

// refStatistic is made of numbers in micro-units, in the unit.
func refStatistic(s Statistic, list []int64, digits int) *big.Rat {
	n := len(list)
	if n == 0 && s != Sum {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	sum := int64(0)
	for _, x := range list {
		sum += x
	}
	switch s {
	case Sum:
		return big.NewRat(sum, event.MicroUnits)
	case Mean:
		return big.NewRat(sum, int64(n)*event.MicroUnits)
	case Median:
		return big.NewRat(list[(n-1)/2]+list[n/2], 2*event.MicroUnits)
	}
	var percent int
	if _, err := fmt.Sscanf(string(s), "P%d", &percent); err != nil {
		panic(err)
	}
	for _, x := range list {
		atMost := 0
		for _, y := range list {
			if y <= x {
				atMost++
			}
		}
		if atMost*100 >= percent*n {
			return big.NewRat(x, event.MicroUnits)
		}
	}
	panic("the greatest value is at least all")
}

// refValues is a statistic of the numbers of rows; ranks want numbers that are not below zero.
func refValues(q *refAsk, s Statistic, name string, digits int, unit string, number func(r *Row) (int64, bool)) refNumber {
	var list []int64
	leftOut := int64(0)
	for i := range q.rows {
		if r := &q.rows[i]; q.inPeriod(r, name) {
			if x, ok := number(r); ok && (x >= 0 || s == Sum || s == Mean) {
				list = append(list, x)
			} else {
				leftOut++
			}
		}
	}
	return refNumber{value: refStatistic(s, list, digits), digits: digits, unit: unit, samples: int64(len(list)), leftOut: leftOut}
}

func refAmounts(s Statistic) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber { return refValues(q, s, "Order Completed", 2, "EUR", refEuros) }
}

// refProperty takes the property n; these are all that are drawn.
func refProperty(s Statistic) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		return refValues(q, s, "A", 4, UnitNumber, func(r *Row) (int64, bool) {
			for text, micro := range map[string]int64{`0`: 0, `2`: 2_000_000, `7.25`: 7_250_000, `-3.5`: -3_500_000, `0.000001`: 1} {
				if strings.HasPrefix(r.Properties, `{"n":`+text+`,`) || r.Properties == `{"n":`+text+`}` {
					return micro, true
				}
			}
			return 0, false
		})
	}
}

// withKey splits the rows of a person by the property k; without a key all are together. The rest has no key.
func withKey(rows []Row, key string) (groups [][]Row, rest []Row) {
	if key == "" {
		return [][]Row{rows}, nil
	}
	for _, value := range []string{"x", "y"} {
		var group []Row
		for _, r := range rows {
			if strings.Contains(r.Properties, `"k":"`+value+`"`) {
				group = append(group, r)
			}
		}
		groups = append(groups, group)
	}
	for _, r := range rows {
		if !strings.Contains(r.Properties, `"k":`) {
			rest = append(rest, r)
		}
	}
	return groups, rest
}

// refTimeBetween waits from A to the next event of a name, or of any, for up to two days.
func refTimeBetween(s Statistic, key, closes string) func(q *refAsk) refNumber {
	const within = 2 * daily
	return func(q *refAsk) refNumber {
		var list []int64
		leftOut := int64(0)
		for _, rows := range q.persons() {
			groups, rest := withKey(rows, key)
			for _, r := range rest {
				if q.inPeriod(&r, "A") {
					leftOut++
				}
			}
			for _, group := range groups {
				for at := 0; at < len(group); {
					opened := group[at].Time
					if group[at].Name != "A" || opened < q.from {
						at++
						continue
					}
					closed := at + 1
					for closed < len(group) && closes != "" && group[closed].Name != closes && group[closed].Time <= opened+within {
						closed++
					}
					answered := closed < len(group) && group[closed].Time <= opened+within
					switch {
					case opened >= q.to || opened+within > q.asOf:
					case answered:
						list = append(list, group[closed].Time-opened)
					default:
						leftOut++
					}
					at = closed
				}
			}
		}
		return refNumber{value: refStatistic(s, list, 0), unit: UnitSeconds, samples: int64(len(list)), leftOut: leftOut}
	}
}

// refEventShare is the share of persons, or of values of a key, with A who have B.
func refEventShare(key string, within int64, without bool) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		var whole, part, leftOut int64
		for _, rows := range q.persons() {
			groups, rest := withKey(rows, key)
			for _, r := range rest {
				if q.inPeriod(&r, "A") {
					leftOut++
				}
			}
			for _, group := range groups {
				first := slices.IndexFunc(group, func(r Row) bool { return q.inPeriod(&r, "A") })
				if first < 0 || within > 0 && group[first].Time+within > q.asOf {
					continue
				}
				whole++
				has := active(group, "B", q.from, q.to)
				if within > 0 {
					has = active(group, "B", group[first].Time, group[first].Time+within+1)
				}
				if has != without {
					part++
				}
			}
		}
		return refNumber{value: refRat(part, whole), digits: 4, unit: UnitRatio, samples: whole, leftOut: leftOut}
	}
}

// refSessions is the share of the sessions with a page that end with it, or without a page of all sessions those of one event.
func refSessions(page string, gap int64, activity ...string) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		var whole, part int64
		for _, rows := range q.persons() {
			rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !slices.Contains(activity, r.Name) })
			for i := range rows {
				if i > 0 && rows[i].Time < rows[i-1].Time+gap || !q.inPeriod(&rows[i]) {
					continue // it does not begin a session of the period
				}
				end := i + 1
				for end < len(rows) && rows[end].Time < rows[end-1].Time+gap {
					end++
				}
				hasPage := slices.ContainsFunc(rows[i:end], func(r Row) bool { return r.Name == page })
				if rows[end-1].Time+gap > q.asOf+1 || page != "" && !hasPage {
					continue // it may go on after asOf, or is of no interest
				}
				whole++
				if page == "" && end == i+1 || page != "" && rows[end-1].Name == page {
					part++
				}
			}
		}
		return refNumber{value: refRat(part, whole), digits: 4, unit: UnitRatio, samples: whole}
	}
}
