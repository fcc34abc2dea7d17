// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

// This file computes the tables about orders from the definitions in the docs, customer by customer and by counting.

// refOrder is one order of a customer, or all orders of one day.
type refOrder struct {
	time   time.Time
	amount int64
	valued bool
	rank   []uint64
}

// refEuros converts an amount: one dollar is half a euro, rounded half up to a millionth. Other currencies and negative amounts are not usable.
func refEuros(r *journey.Row) (micro int64, usable bool) {
	switch {
	case r.Amount < 0:
		return 0, false
	case r.Currency == "EUR":
		return r.Amount, true
	case r.Currency == "USD":
		return (r.Amount + 1) / 2, true
	}
	return 0, false
}

// refOrders returns the orders of a customer until an instant, sorted by time and the further criteria of docs/numbers.md, minus refunds by their
// source. It counts orders without a usable amount, and refunds without an order or an amount.
func refOrders(rows []journey.Row, until int64) (list []refOrder, leftOut int64) {
	for _, r := range rows {
		if _, usable := refEuros(&r); r.Name == money.RefundEvent && r.Time < until && (r.OrderID == "" || !usable) {
			leftOut++
		}
		repeated := slices.ContainsFunc(rows, func(o journey.Row) bool {
			return o.Name == "A" && r.OrderID != "" && o.OrderID == r.OrderID && o.Time < until && journeytest.Counts(&o, &r, refEuros)
		})
		if r.Name != "A" || r.Time >= until || repeated {
			continue
		}
		amount, usable := refEuros(&r)
		if !usable {
			leftOut++
		}
		for _, o := range rows {
			back, known := refEuros(&o)
			if o.Name == money.RefundEvent && known && o.Time < until && r.OrderID != "" && o.OrderID == r.OrderID && o.Source == r.Source {
				amount = max(0, amount-back)
			}
		}
		source, unknown := event.Key{}, uint64(0)
		if r.OrderID != "" {
			source = event.KeyOf(r.Source, r.OrderID)
		}
		if !usable {
			unknown = 1
		}
		list = append(list, refOrder{
			time: time.UnixMicro(r.Time).In(journeytest.Berlin), amount: amount, valued: usable,
			rank: []uint64{uint64(r.Time), uint64(r.ReceivedAt), source.Hi, source.Lo, uint64(amount), unknown},
		})
	}
	// orders that are still equal do not differ in anything that a table uses
	slices.SortStableFunc(list, func(a, b refOrder) int { return slices.Compare(a.rank, b.rank) })
	return list, leftOut
}

// refDays combines the orders of one date.
func refDays(list []refOrder) (days []refOrder) {
	for _, o := range list {
		if n := len(days); n > 0 && days[n-1].time.Format(time.DateOnly) == o.time.Format(time.DateOnly) {
			days[n-1].amount += o.amount
			days[n-1].valued = days[n-1].valued || o.valued
		} else {
			days = append(days, o)
		}
	}
	return days
}

// refDaysBetween counts the midnights between two times in one zone.
func refDaysBetween(from, to time.Time) (n int64) {
	for y, m, d := from.Date(); ; n++ {
		if time.Date(y, m, d+int(n), 12, 0, 0, 0, time.UTC).Format(time.DateOnly) >= to.Format(time.DateOnly) {
			return n
		}
	}
}

// refBuyer is a customer in RFM.
type refBuyer struct{ recency, frequency, monetary int64 }

// refScore is 1 plus five times the share of worse customers and half of the equal ones, truncated to an integer.
func refScore(all []refBuyer, of refBuyer, better func(a, b refBuyer) bool) int64 {
	halves := int64(0)
	for _, o := range all {
		if better(of, o) {
			halves += 2
		} else if !better(o, of) {
			halves++
		}
	}
	return 1 + int64(math.Floor(5*float64(halves)/float64(2*len(all))+1e-9))
}

// refSegment returns the segment of the table in docs/statistics.md.
func refSegment(recency, frequency, monetary int64) string {
	value := int64(math.Round(float64(frequency+monetary) / 2))
	names := map[int64][]string{
		1: {"hibernating", "hibernating", "at-risk", "at-risk", "cannot-lose"},
		3: {"about-to-sleep", "about-to-sleep", "need-attention", "loyal", "loyal"},
		4: {"promising", "potential-loyal", "potential-loyal", "loyal", "loyal"},
		5: {"new-customers", "potential-loyal", "potential-loyal", "champions", "champions"},
	}
	names[2] = names[1]
	return names[recency][value-1]
}

// refSegments returns the rows of the table.
func refSegments(byPerson [][]journey.Row, until int64) (rows [][]string, customers, leftOut int64) {
	var all []refBuyer
	unvalued := int64(0)
	for _, own := range byPerson {
		list, out := refOrders(own, until)
		leftOut += out
		if len(list) > 0 && !slices.ContainsFunc(list, func(o refOrder) bool { return o.valued }) {
			unvalued++
		} else if days := refDays(list); len(days) > 0 {
			b := refBuyer{frequency: int64(len(days)), recency: refDaysBetween(days[len(days)-1].time, time.UnixMicro(until-1).In(journeytest.Berlin))}
			for _, d := range days {
				b.monetary += d.amount
			}
			all = append(all, b)
		}
	}
	sizes := map[string]int64{}
	for _, b := range all {
		sizes[refSegment(
			refScore(all, b, func(a, b refBuyer) bool { return a.recency < b.recency }),
			refScore(all, b, func(a, b refBuyer) bool { return a.frequency > b.frequency }),
			refScore(all, b, func(a, b refBuyer) bool { return a.monetary > b.monetary }))]++
	}
	for _, name := range []string{
		"champions", "loyal", "potential-loyal", "new-customers", "promising", "need-attention", "about-to-sleep", "at-risk", "cannot-lose", "hibernating",
	} {
		if len(all) > 0 {
			rows = append(rows, []string{name, fmt.Sprint(sizes[name]), big.NewRat(sizes[name], int64(len(all))+unvalued).FloatString(4)})
		}
	}
	if unvalued > 0 {
		rows = append(rows, []string{AmountUnknown, fmt.Sprint(unvalued), big.NewRat(unvalued, int64(len(all))+unvalued).FloatString(4)})
	}
	return rows, int64(len(all)) + unvalued, leftOut
}

// refOrderTable defines the orders of the tables in the plan.
var refOrderTable = money.Orders{Match: journeytest.EventA(), Currency: "EUR", Rates: map[string]int64{"USD": 500_000}}

// drawOrders draws orders (A), refunds and other events of twelve customers around a clock change. Many are close to midnight or simultaneous.
func drawOrders(t *rapid.T) (rows []journey.Row, byPerson [][]journey.Row) {
	rows = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		at := journeytest.Epoch + rapid.Int64Range(0, 20*4).Draw(t, "quarter")*6*journeytest.Hourly + rapid.SampledFrom([]int64{0, -1, -journeytest.Hourly, -2 * journeytest.Hourly}).Draw(t, "off")
		return journey.Row{
			Person: uint64(rapid.IntRange(1, 12).Draw(t, "person")), Time: at, ReceivedAt: at + rapid.SampledFrom([]int64{0, 0, journeytest.Hourly, journeytest.Daily}).Draw(t, "delay"), Kind: event.Track,
			Name:     rapid.SampledFrom([]string{"A", "A", "A", "A", money.RefundEvent, "B"}).Draw(t, "name"),
			Source:   rapid.SampledFrom([]string{"shop", "shop", "crm", "page"}).Draw(t, "source"),
			OrderID:  rapid.SampledFrom([]string{"", "o1", "o2", "o3", "o4", "o5"}).Draw(t, "order"),
			Amount:   rapid.SampledFrom([]int64{-1, 0, 1, 5_005_000, 10_000_000, 33_333_333, 70_000_001}).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]string{"EUR", "EUR", "EUR", "USD", "GBP", ""}).Draw(t, "currency"),
		}
	}), 0, 90).Draw(t, "rows")
	for i := range rows {
		// the order of arrival is not the order of time
		rows[i].Seq, rows[i].Index = int64(len(rows)-i)/2+1, int32(i%2)
	}
	byPerson = make([][]journey.Row, 13)
	for _, r := range journeytest.InOrder(rows) {
		byPerson[r.Person] = append(byPerson[r.Person], r)
	}
	return rows, byPerson
}

// drawUntil draws a period and a time of analysis. until is the end of the events that count.
func drawUntil(t *rapid.T) (from, to, asOf, until int64) {
	from = journeytest.Epoch + rapid.Int64Range(-2, 12).Draw(t, "from")*journeytest.Daily + 7*journeytest.Hourly
	to = from + rapid.Int64Range(1, 12).Draw(t, "length")*journeytest.Daily
	asOf = from + rapid.Int64Range(0, 20*24).Draw(t, "asOf")*journeytest.Hourly
	return from, to, asOf, min(to, asOf+1)
}

func TestSegmentsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, byPerson := drawOrders(t)
		from, to, asOf, until := drawUntil(t)
		plan := journeytest.TablePlan(RFM(refOrderTable), from, to, asOf)
		plan.PublicSources = []string{"page"}
		whole := journeytest.Run(t, plan, rows)
		g := whole.Evaluations()[0].Tables[0].Grid()
		want, customers, leftOut := refSegments(byPerson, until)
		var got [][]string
		for _, r := range g.Rows {
			got = append(got, r.Values)
		}
		require.Equal(t, want, got)
		require.Equal(t, []int64{customers, leftOut}, []int64{g.Samples, g.LeftOut})
		requireSplit(t, plan, rows, g)
	})
}

// requireSplit compares the grid of all persons with the grid merged from two shards.
func requireSplit(t *rapid.T, plan engine.Plan, rows []journey.Row, whole metric.Grid) {
	var shards [2][]journey.Row
	for _, r := range rows {
		shards[r.Person%2] = append(shards[r.Person%2], r)
	}
	merged := journeytest.Run(t, plan, shards[1])
	merged.Merge(journeytest.Run(t, plan, shards[0]))
	require.Equal(t, whole, merged.Evaluations()[0].Tables[0].Grid())
}
