// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

// This file computes the measures from the definitions in docs/kpis, with a pass over all rows for each question. It shares no code with the engine,
// except the types Row and Period.

// refAsk is a question about measures: the rows of all persons in order of time, and the period.
type refAsk struct {
	rows         []journey.Row
	from, to     int64
	asOf, length int64
}

// refNumber is the result of a definition. It can have no value.
type refNumber struct {
	value            *big.Rat
	digits           int
	unit             string
	samples, leftOut int64
	// interval of the value, or nil
	interval *refRange
}

// shown formats the number like the engine.
func (n refNumber) shown() []any {
	text := ""
	if n.value != nil {
		text = n.value.FloatString(n.digits)
	}
	return []any{text, n.unit, n.samples, n.leftOut}
}

func shownValue(v metric.Value) []any {
	text := ""
	if v.Known {
		text = v.Number.String()
	}
	return []any{text, v.Unit, v.Samples, v.LeftOut}
}

// refRat returns a quotient, or nil if the denominator is 0.
func refRat(a, b int64) *big.Rat {
	if b == 0 {
		return nil
	}
	return big.NewRat(a, b)
}

// count counts the rows that fit.
func (q *refAsk) count(fits func(r *journey.Row) bool) (n int64) {
	for i := range q.rows {
		if fits(&q.rows[i]) {
			n++
		}
	}
	return n
}

// inPeriod reports whether a row is in the period and, if names are given, has one of them.
func (q *refAsk) inPeriod(r *journey.Row, names ...string) bool {
	return r.Time >= q.from && r.Time < q.to && (len(names) == 0 || slices.Contains(names, r.Name))
}

// persons groups the rows by person.
func (q *refAsk) persons() [][]journey.Row {
	byID := map[uint64][]journey.Row{}
	var ids []uint64
	for _, r := range q.rows {
		if byID[r.Person] == nil {
			ids = append(ids, r.Person)
		}
		byID[r.Person] = append(byID[r.Person], r)
	}
	var out [][]journey.Row
	for _, id := range ids {
		out = append(out, byID[id])
	}
	return out
}

// active reports whether a row with the name is in from <= t < to.
func active(rows []journey.Row, name string, from, to int64) bool {
	return slices.ContainsFunc(rows, func(r journey.Row) bool { return r.Name == name && r.Time >= from && r.Time < to })
}

func refEventCount(q *refAsk) refNumber {
	n := q.count(func(r *journey.Row) bool { return q.inPeriod(r, "A") })
	return refNumber{value: big.NewRat(n, 1), unit: metric.UnitCount, samples: n}
}

func refRatio(q *refAsk) refNumber {
	above := q.count(func(r *journey.Row) bool { return q.inPeriod(r, "A", "B") })
	below := q.count(func(r *journey.Row) bool { return q.inPeriod(r, "B") })
	return refNumber{value: refRat(above, below), digits: 4, unit: metric.UnitRatio, samples: below}
}

// refShare computes the share of persons with the whole who also have the part.
func refShare(q *refAsk, whole, part func(rows []journey.Row) bool) refNumber {
	var n, k int64
	for _, rows := range q.persons() {
		if whole(rows) {
			n++
			if part(rows) {
				k++
			}
		}
	}
	return refNumber{value: refRat(k, n), digits: 4, unit: metric.UnitRatio, samples: n, interval: refWilson(k, n)}
}

func refChurn(inactivity int64) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		atRisk, couldLeave := int64(0), false
		for _, rows := range q.persons() {
			if active(rows, "A", q.from-inactivity, q.from) {
				atRisk++
				couldLeave = couldLeave || active(rows, "A", q.from-inactivity, min(q.from, q.to-inactivity))
			}
		}
		if atRisk > 0 && !couldLeave {
			return refNumber{unit: metric.UnitRatio, samples: atRisk}
		}
		return refShare(q, func(rows []journey.Row) bool { return active(rows, "A", q.from-inactivity, q.from) },
			func(rows []journey.Row) bool { return !active(rows, "A", q.to-inactivity, q.to) })
	}
}

func refRetention(q *refAsk) refNumber {
	return refShare(q, func(rows []journey.Row) bool { return active(rows, "A", q.from-q.length, q.from) },
		func(rows []journey.Row) bool { return active(rows, "A", q.from, q.to) })
}

// refQuestion is a measure and its definition.
type refQuestion struct {
	measure metric.Metric
	want    func(q *refAsk) refNumber
}

// refQuestions returns the measures to compare. The zone is for calendar days.
func refQuestions(zone *time.Location) []refQuestion {
	a, b, answers := journeytest.EventA(), journeytest.EventB(), []journey.Match{{Event: "Survey Responded"}}
	orders := money.Orders{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR", Rates: map[string]int64{"USD": 912_345}}
	list := []refQuestion{
		{EventCount{Match: a}, refEventCount},
		{EventRatio{Numerator: append(journeytest.EventA(), b...), Denominator: b}, refRatio},
		{ChurnRate{Event: a, Inactivity: 3 * journeytest.Daily}, refChurn(3 * journeytest.Daily)},
		{ChurnRate{Event: a, Inactivity: 9 * journeytest.Daily}, refChurn(9 * journeytest.Daily)},
		{RetentionRate{Event: a}, refRetention},
		{CustomerSatisfaction{Match: answers, Scale: 5, SatisfiedFrom: 4}, refSatisfaction(5, 4)},
		{CustomerSatisfaction{Match: answers, Scale: 7, SatisfiedFrom: 5}, refSatisfaction(7, 5)},
		{CustomerEffortScore{Match: answers, Scale: 7}, refEffort},
		{NetPromoterScore{Match: answers}, refNPS},
		{AverageOrderValue(orders), refOrderValue(true)},
		{Revenue(orders), refOrderValue(false)},
		{PurchaseFrequency(orders), refFrequency},
		{RepeatPurchaseRate{Orders: orders}, refRepeat(nil)},
		{RepeatPurchaseRate{Orders: orders, Calendar: &journey.Calendar{Location: zone}}, refRepeat(zone)},
		{CustomerLifetimeValue(orders), refLifetimeValue},
		{BounceRate{Event: a, Gap: 12 * journeytest.Hourly}, refSessions("", 12*journeytest.Hourly, "A")},
		{ExitRate{Event: b, Activity: a, Gap: 12 * journeytest.Hourly}, refSessions("B", 12*journeytest.Hourly, "A", "B")},
	}
	for _, s := range []Statistic{Sum, Mean, Median, "P1", "P75", "P90", "P99"} {
		list = append(list, refQuestion{PropertyValue{Match: a, Key: "properties.n", Statistic: s}, refProperty(s)},
			refQuestion{PropertyValue{Match: orders.Match, Key: "amount", Statistic: s, Money: orders}, refAmounts(s)})
	}
	for _, s := range []Statistic{Mean, Median, "P90"} {
		list = append(list, refQuestion{TimeBetween{From: a, To: b, Within: 2 * journeytest.Daily, Statistic: s}, refTimeBetween(s, "", "B", false)},
			refQuestion{TimeBetween{From: a, To: b, Key: "properties.k", Within: 2 * journeytest.Daily, Statistic: s}, refTimeBetween(s, "k", "B", false)},
			refQuestion{TimeBetween{From: a, To: b, Within: 2 * journeytest.Daily, Statistic: s, Closed: true}, refTimeBetween(s, "", "B", true)},
			refQuestion{TimeBetween{From: a, To: b, Key: "properties.k", Within: 2 * journeytest.Daily, Statistic: s, Closed: true}, refTimeBetween(s, "k", "B", true)},
			refQuestion{TimeBetween{From: a, To: a, Within: 2 * journeytest.Daily, Statistic: s}, refTimeBetween(s, "", "A", false)},
			refQuestion{TimeBetween{From: a, To: []journey.Match{{}}, Within: 2 * journeytest.Daily, Statistic: s}, refTimeBetween(s, "", "", false)})
	}
	for _, within := range []int64{0, 2 * journeytest.Daily} {
		for _, without := range []bool{false, true} {
			list = append(list, refQuestion{EventShare{Of: a, Event: b, Within: within, Without: without}, refEventShare("", within, without)},
				refQuestion{EventShare{Of: a, Event: b, Key: "properties.k", Within: within, Without: without}, refEventShare("k", within, without)})
		}
	}
	return list
}

// drawKPIRows draws rows with orders, refunds and answers over two weeks. Persons and sources share order ids, and many rows are simultaneous.
func drawKPIRows(t *rapid.T) []journey.Row {
	n := rapid.SampledFrom([]int{0, 8, 40, 120}).Draw(t, "n")
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		at := journeytest.Epoch + rapid.Int64Range(0, 14*2).Draw(t, "halfDay")*12*journeytest.Hourly + rapid.SampledFrom([]int64{0, 0, 0, 0, -1, 1}).Draw(t, "off")
		r := journey.Row{
			Person: uint64(rapid.IntRange(1, 12).Draw(t, "person")), Time: at, ReceivedAt: at + rapid.SampledFrom([]int64{0, 0, journeytest.Hourly, journeytest.Daily}).Draw(t, "delay"), Kind: event.Track,
			Source: rapid.SampledFrom([]string{"shop", "crm", "page"}).Draw(t, "source"),
			Name:   rapid.SampledFrom([]string{"A", "A", "B", "B", "Order Completed", "Order Completed", money.RefundEvent, "Survey Responded", "Survey Responded", "X"}).Draw(t, "name"),
		}
		switch r.Name {
		case "Order Completed", money.RefundEvent:
			r.OrderID = rapid.SampledFrom([]string{"", "o1", "o2", "o3"}).Draw(t, "order")
			r.Amount = rapid.SampledFrom([]int64{-1, 0, 1, 5_005_000, 10_000_000, 33_333_333, 70_000_001}).Draw(t, "amount")
			r.Currency = rapid.SampledFrom([]string{"EUR", "EUR", "EUR", "USD", "GBP", ""}).Draw(t, "currency")
		case "Survey Responded":
			r.SurveyKind = rapid.SampledFrom([]string{"nps", "nps", "csat", "ces", ""}).Draw(t, "kind")
			r.Score = rapid.SampledFrom([]int64{-2, 0, 2, 7, 8, 10, 12, 14, 16, 18, 20, 22}).Draw(t, "halves") * event.MicroUnits / 2
			r.Scale = rapid.SampledFrom([]int64{0, 0, 0, 5, 7, 10}).Draw(t, "scale") * event.MicroUnits
		default:
			k, n := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "k"), rapid.SampledFrom([]string{`null`, `0`, `2`, `7.25`, `-3.5`, `"many"`, `0.000001`}).Draw(t, "n")
			r.Properties = fmt.Sprintf(`{"n":%s}`, n)
			if k != "" {
				r.Properties = fmt.Sprintf(`{"n":%s,"k":%q}`, n, k)
			}
		}
		return r
	}), n, n).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq, rows[i].Index = int64(i/2+1), int32(i%2)
	}
	return rows
}

// kpiValues runs questions, at most MaxKPIs in one plan, on shards of rows, and merges the shards.
func kpiValues(t *rapid.T, list []refQuestion, from, to, asOf int64, shards ...[]journey.Row) (values []metric.Value) {
	for part := range slices.Chunk(list, 10) {
		plan := journeytest.TablePlan(nil, from, to, asOf)
		plan.Tables, plan.PublicSources = nil, []string{"page"}
		for i, x := range part {
			plan.KPIs = append(plan.KPIs, metric.Named{Name: fmt.Sprint("k", i), Metric: x.measure})
		}
		engine := journeytest.Run(t, plan, shards[0])
		for _, rows := range shards[1:] {
			engine.Merge(journeytest.Run(t, plan, rows))
		}
		for _, k := range engine.Evaluations()[0].KPIs {
			values = append(values, k.Value())
		}
	}
	return values
}

// All measures of events agree with the reference, also if they are merged from shards.
func TestMeasuresAgreeWithTheirDefinitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, list := drawKPIRows(t), refQuestions(journeytest.Berlin)
		from, to, asOf := drawKPITimes(t)
		got := kpiValues(t, list, from, to, asOf, rows)
		q := askAbout(rows, from, to, asOf)
		for i, x := range list {
			want := x.want(&q)
			require.Equal(t, want.shown(), shownValue(got[i]), "%T %+v", x.measure, x.measure)
			requireRange(t, want.interval, want.digits, got[i].Interval, "%T %+v", x.measure, x.measure)
		}
		var shards [3][]journey.Row
		for _, r := range rows {
			shards[r.Person%3] = append(shards[r.Person%3], r)
		}
		require.Equal(t, got, kpiValues(t, list, from, to, asOf, shards[2], shards[0], shards[1]), "shards")
	})
}

// If all times move by whole weeks without a clock change, the values do not change.
func TestMeasuresMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, list := drawKPIRows(t), refQuestions(time.UTC)
		from, to, asOf := drawKPITimes(t)
		by := rapid.Int64Range(-200, 200).Draw(t, "weeks") * 7 * journeytest.Daily
		later := slices.Clone(rows)
		for i := range later {
			later[i].Time, later[i].ReceivedAt = later[i].Time+by, later[i].ReceivedAt+by
		}
		require.Equal(t, kpiValues(t, list, from, to, asOf, rows), kpiValues(t, list, from+by, to+by, asOf+by, later))
	})
}

func drawKPITimes(t *rapid.T) (from, to, asOf int64) {
	from = journeytest.Epoch + rapid.Int64Range(-1, 9).Draw(t, "from")*journeytest.Daily + rapid.SampledFrom([]int64{0, 0, 6, 7}).Draw(t, "hour")*journeytest.Hourly
	to = from + rapid.Int64Range(1, 9).Draw(t, "length")*journeytest.Daily
	return from, to, from + rapid.Int64Range(0, 15*4).Draw(t, "asOf")*6*journeytest.Hourly + rapid.SampledFrom([]int64{0, -1, 1}).Draw(t, "asOfOff")
}

// askAbout removes the events after asOf, which are not known at that time.
func askAbout(rows []journey.Row, from, to, asOf int64) refAsk {
	known := slices.DeleteFunc(journeytest.InOrder(rows), func(r journey.Row) bool { return r.Time > asOf })
	end := min(to, asOf+1)
	return refAsk{rows: known, from: from, to: end, asOf: asOf, length: end - from}
}
