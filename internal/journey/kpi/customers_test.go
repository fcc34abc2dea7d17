// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// euros are orders in euro, with a rate for dollars.
var euros = money.Orders{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR", Rates: map[string]int64{"USD": 900_000}}

func refunded(person uint64, at int64, source, id string, amount float64) journey.Row {
	r := sale(person, at, source, id, amount, "EUR")
	r.Name = money.RefundEvent
	return r
}

func TestRevenue(t *testing.T) {
	for name, c := range map[string]struct {
		rows []journey.Row
		want metric.Value
	}{
		"nothing is zero": {nil, metric.Value{Number: number.Decimal{Scaled: 0, Digits: 2}, Known: true, Unit: "EUR"}},
		"rates, refunds, one authority": {
			[]journey.Row{
				sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "crm", "a", 99, "EUR"), sale(2, 3, "shop", "b", 10, "USD"), sale(2, 4, "shop", "c", 7, "GBP"),
				refunded(1, 5, "shop", "a", 4), refunded(1, 6, "crm", "a", 4),
			},
			metric.Value{Number: number.Decimal{Scaled: 1500, Digits: 2}, Known: true, Unit: "EUR", Samples: 2, LeftOut: 1, Note: "orders in a currency without a rate are left out (1)"},
		},
	} {
		require.Equal(t, c.want, kpiOver(t, Revenue(euros), c.rows...), name)
	}
}

func TestBuyers(t *testing.T) {
	rows := []journey.Row{
		sale(1, 1, "shop", "a", 1, "EUR"), sale(1, 2, "crm", "a", 1, "EUR"), // one order
		sale(2, 1, "shop", "b", 1, "EUR"), sale(2, 2, "shop", "c", 1, "GBP"), // two orders, also without a rate
		sale(3, 1, "shop", "", 1, "EUR"), sale(3, 2, "shop", "", 1, "EUR"), sale(3, 2000, "shop", "d", 1, "EUR"), // two in the period
		journeytest.Did(4, 1, "See"),
	}
	rate := kpiOver(t, RepeatPurchaseRate{Orders: euros}, rows...)
	require.Equal(t, "0.6667", rate.Number.String())
	require.Equal(t, number.Interval{Low: number.Decimal{Scaled: 2077, Digits: 4}, High: number.Decimal{Scaled: 9385, Digits: 4}, Method: number.WilsonMethod}, rate.Interval)
	require.Equal(t, "0.0000", kpiOver(t, RepeatPurchaseRate{Orders: euros, Calendar: &journey.Calendar{}}, rows...).Number.String(), "all on one day")
	require.Equal(t, "1.6667", kpiOver(t, PurchaseFrequency(euros), rows...).Number.String())
	require.False(t, kpiOver(t, PurchaseFrequency(euros)).Known)
}

func TestHistoricLifetimeValue(t *testing.T) {
	rows := []journey.Row{
		sale(1, -5000, "shop", "a", 30, "EUR"), sale(1, 5, "shop", "b", 10, "EUR"), refunded(1, 7, "shop", "a", 10),
		sale(2, 6, "shop", "c", 20, "EUR"), sale(3, 6, "shop", "d", 20, "GBP"), sale(4, 1500, "shop", "e", 20, "EUR"),
	}
	v := kpiOver(t, CustomerLifetimeValue(euros), rows...)
	require.Equal(t, "25.00", v.Number.String(), "orders from before the period count, later ones do not")
	require.Equal(t, []int64{2, 1}, []int64{v.Samples, v.LeftOut})
	require.Empty(t, v.Interval.Method, "25 ± t(1) = 12.7062 times 5 would reach below zero, where no value can be")
	require.Contains(t, v.Note, "no interval")
	require.Contains(t, v.Note, "; orders in a currency without a rate are left out (1)")
}

func TestChurnAndRetention(t *testing.T) {
	rows := []journey.Row{
		journeytest.Did(1, -50, "See"), journeytest.Did(1, 950, "See"), // retained
		journeytest.Did(2, -50, "See"), journeytest.Did(2, 800, "See"), // at risk, lost by inactivity
		journeytest.Did(3, -150, "See"),                                 // lost before
		journeytest.Did(4, 10, "See"),                                   // new
		journeytest.Did(5, -100, "See"), journeytest.Did(5, 900, "See"), // the times at both limits are included
	}
	churn := kpiOver(t, ChurnRate{Event: []journey.Match{{Event: "See"}}, Inactivity: 100 * journeytest.Second}, rows...)
	require.Equal(t, "0.3333", churn.Number.String())
	require.Equal(t, int64(3), churn.Samples)
	require.Empty(t, churn.Note)
	early := kpiOver(t, ChurnRate{Event: []journey.Match{{Event: "See"}}, Inactivity: 5000 * journeytest.Second}, rows...)
	require.False(t, early.Known, "nobody can have been inactive for longer than there are events")
	require.Equal(t, int64(4), early.Samples)
	require.Contains(t, early.Note, "reach back")
	kept := kpiOver(t, RetentionRate{Event: []journey.Match{{Event: "See"}}}, rows...)
	require.Equal(t, "0.7500", kept.Number.String())
	require.Equal(t, int64(4), kept.Samples)
}

func surveyed(at int64, kind string, score float64, scale int64) journey.Row {
	r := answer(at, score, scale)
	r.SurveyKind = kind
	return r
}

func TestSatisfactionAndEffort(t *testing.T) {
	match := []journey.Match{{Event: "Survey Responded"}}
	var rows []journey.Row
	for i, score := range []float64{3, 4, 5, 5, 2, 4, 5, 1, 4, 5, 0, 6, 4.5} {
		rows = append(rows, surveyed(int64(i), "csat", score, 5))
	}
	rows = append(rows, surveyed(20, "ces", 5, 0), surveyed(21, "csat", 5, 10))
	v := kpiOver(t, CustomerSatisfaction{Match: match, Scale: 5, SatisfiedFrom: 4}, rows...)
	require.Equal(t, metric.Value{
		Number: number.Decimal{Scaled: 7000, Digits: 4}, Known: true, Unit: metric.UnitRatio, Samples: 10, LeftOut: 5,
		Interval: number.Interval{Low: number.Decimal{Scaled: 3968, Digits: 4}, High: number.Decimal{Scaled: 8922, Digits: 4}, Method: number.WilsonMethod},
		Note:     "events without an answer of the kind csat in whole numbers from 1 to 5 on that scale are left out (5)",
	}, v, "the example of the page")
	v = kpiOver(t, CustomerEffortScore{Match: match, Scale: 7}, surveyed(1, "ces", 7, 7), surveyed(2, "ces", 5, 0), surveyed(3, "ces", 6, 7), surveyed(4, "ces", 8, 7))
	require.Equal(t, metric.Value{
		Number: number.Decimal{Scaled: 600, Digits: 2}, Known: true, Unit: metric.UnitPoints, Samples: 3, LeftOut: 1,
		Interval: number.Interval{Low: number.Decimal{Scaled: 352, Digits: 2}, High: number.Decimal{Scaled: 848, Digits: 2}, Method: number.StudentMethod},
		Note:     "events without an answer of the kind ces in whole numbers from 1 to 7 on that scale are left out (1)",
	}, v, "6 ± t(2) = 4.3027 times 1/√3")
	require.Equal(t, "events without an answer of the kind nps in whole numbers from 0 to 10 on that scale are left out (1)",
		kpiOver(t, NetPromoterScore{Match: match}, surveyed(1, "", 0, 0)).Note, "without any answer, the note says why")
	nps := kpiOver(t, NetPromoterScore{Match: match}, answer(1, 10, 0), answer(2, 3, 0))
	require.Equal(t, number.ScoreMethod, nps.Interval.Method)
}

func TestPropertyValues(t *testing.T) {
	minutes := func(at int64, text string) journey.Row {
		r := journeytest.Did(1, at, "Call")
		r.Properties = `{"minutes":` + text + `}`
		return r
	}
	rows := []journey.Row{minutes(1, "1.5"), minutes(2, `"4"`), minutes(3, "2"), minutes(4, `"long"`), minutes(5, "null"), minutes(6, "-1"), minutes(7, "1e1")}
	for statistic, want := range map[Statistic][3]any{
		Sum: {"16.5000", int64(5), int64(2)}, Mean: {"3.3000", int64(5), int64(2)}, Median: {"3.0000", int64(4), int64(3)}, "P75": {"4.0000", int64(4), int64(3)}, "P99": {"10.0000", int64(4), int64(3)},
		"P25": {"1.5000", int64(4), int64(3)},
	} {
		v := kpiOver(t, PropertyValue{Match: []journey.Match{{Event: "Call"}}, Key: "properties.minutes", Statistic: statistic}, rows...)
		require.Equal(t, want, [3]any{v.Number.String(), v.Samples, v.LeftOut}, statistic)
		require.Equal(t, metric.UnitNumber, v.Unit)
	}
	v := kpiOver(t, PropertyValue{Match: euros.Match, Key: "amount", Statistic: Sum, Money: euros}, sale(1, 1, "shop", "a", 5, "EUR"), sale(1, 2, "shop", "b", 10, "USD"))
	require.Equal(t, []string{"14.00", "EUR"}, []string{v.Number.String(), v.Unit})
	unknown := PropertyValue{Match: []journey.Match{{Event: "Call"}}, Key: "properties.minutes", Statistic: Sum}
	require.Equal(t, "events without a number at properties.minutes are left out (2)", kpiOver(t, unknown, rows...).Note)
	v = kpiOver(t, unknown, rows[3:5]...)
	require.False(t, v.Known, "what two calls took is not known, and not 0")
	require.Equal(t, "no value: all events are without a number at properties.minutes", v.Note)
	require.True(t, kpiOver(t, unknown).Known, "no calls took no time")
	require.Equal(t, "events without a number at properties.minutes, or with one over 9,223,372,036,854, are left out (1)",
		kpiOver(t, unknown, rows[0], minutes(8, "9223372036855")).Note, "it has a number, which is too large")
	unknown.Key, unknown.Money = "amount", euros
	require.Equal(t, "no value: all events are without an amount that counts", kpiOver(t, unknown, rows[0]).Note)
}

func TestPercentilesByCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(0, 50), 1, 300).Draw(t, "values")
		percent := rapid.IntRange(1, 99).Draw(t, "percent")
		var d number.Durations
		for _, v := range list {
			d.Add(v * event.MicroUnits)
		}
		slices.Sort(list)
		want := list[slices.IndexFunc(list, func(v int64) bool {
			n := 0
			for _, x := range list {
				if x <= v {
					n++
				}
			}
			return n*100 >= percent*len(list)
		})]
		require.Equal(t, fmt.Sprint(want), rankedValue(&d, Statistic(fmt.Sprint("P", percent)), 0).Number.String())
	})
}

func ticket(person uint64, at int64, name, id string) journey.Row {
	r := journeytest.Did(person, at, name)
	if id != "" {
		r.Properties = `{"ticket":"` + id + `"}`
	}
	return r
}

func TestTimeBetween(t *testing.T) {
	table := TimeBetween{From: []journey.Match{{Event: "Asked"}}, To: []journey.Match{{Event: "Answered"}}, Key: "properties.ticket", Within: 100 * journeytest.Second, Statistic: Median}
	rows := []journey.Row{
		ticket(1, 10, "Asked", "a"), ticket(1, 20, "Asked", "a"), ticket(1, 40, "Answered", "a"), ticket(1, 50, "Answered", "a"), // 30: one open pair
		ticket(1, 15, "Asked", "b"), ticket(1, 115, "Answered", "b"), // 100: the maximum
		ticket(2, 10, "Asked", "a"), ticket(2, 111, "Answered", "a"), // too late
		ticket(2, 300, "Asked", ""),                                 // without a key
		ticket(3, -10, "Asked", "c"), ticket(3, 5, "Answered", "c"), // started before
		ticket(3, 500, "Asked", "d"),                                   // never answered
		ticket(4, 990, "Asked", "e"), ticket(4, 1040, "Answered", "e"), // 50: ended after the period
		ticket(5, 100, "Asked", "f"), ticket(5, 250, "Asked", "f"), ticket(5, 260, "Answered", "f"), // expired, then 10
	}
	v := kpiOver(t, table, rows...)
	require.Equal(t, []any{"40", int64(4), int64(4), metric.UnitSeconds}, []any{v.Number.String(), v.Samples, v.LeftOut, v.Unit})
	table.Statistic = Mean
	require.Equal(t, "48", kpiOver(t, table, rows...).Number.String(), "190 / 4, halves up")
	table.Statistic = "P90"
	require.Equal(t, "100", kpiOver(t, table, rows...).Number.String())
	table.Within = 1500 * journeytest.Second
	v = kpiOver(t, table, rows...)
	require.Equal(t, []int64{4, 2}, []int64{v.Samples, v.LeftOut}, "what opened at 990 has time left at the end, what opened at 500 has not")
}

// A time between events counts by its start or by its end. Events before the period that are still open are one pair.
func TestTimeBetweenOfThePeriod(t *testing.T) {
	table := TimeBetween{From: []journey.Match{{Event: "Asked"}}, To: []journey.Match{{Event: "Answered"}}, Within: 100 * journeytest.Second, Statistic: Mean}
	rows := []journey.Row{
		journeytest.Did(1, -20, "Asked"), journeytest.Did(1, 5, "Asked"), journeytest.Did(1, 30, "Answered"), // one time of 50 that started before
		journeytest.Did(2, 960, "Asked"), journeytest.Did(2, 1030, "Answered"), // 70, which ended after
		journeytest.Did(3, -50, "Asked"),                                      // expires at 50
		journeytest.Did(4, 950, "Asked"),                                      // expires after the period
		journeytest.Did(5, 200, "Asked"), journeytest.Did(5, 210, "Answered"), // 10
		journeytest.Did(6, -250, "Asked"), // ended long before
	}
	v := kpiOver(t, table, rows...)
	require.Equal(t, []any{"40", int64(2), int64(1)}, []any{v.Number.String(), v.Samples, v.LeftOut}, "70 and 10; the one of 950 is never answered")
	table.Closed = true
	v = kpiOver(t, table, rows...)
	require.Equal(t, []any{"30", int64(2), int64(1)}, []any{v.Number.String(), v.Samples, v.LeftOut}, "50 and 10; the one of -50 ran out")
}

// A share is refused if every event of the denominator is also in the numerator.
func TestSharesOfTheSameEventsAreRefused(t *testing.T) {
	where := []journey.Condition{{Key: "channel", Operator: journey.In, Values: []string{"web"}}}
	sent, web, opened := journey.Match{Event: "Sent"}, journey.Match{Event: "Sent", Where: where}, journey.Match{Event: "Opened"}
	for name, c := range map[string]struct {
		of, did []journey.Match
		refused bool
	}{
		"the same events":            {[]journey.Match{sent, opened}, []journey.Match{opened, sent}, true},
		"a part of the same events":  {[]journey.Match{web}, []journey.Match{sent}, true},
		"any event":                  {[]journey.Match{web}, []journey.Match{{}}, true},
		"more events":                {[]journey.Match{sent}, []journey.Match{web}, false},
		"one of them is not covered": {[]journey.Match{sent, opened}, []journey.Match{sent}, false},
		"others":                     {[]journey.Match{sent}, []journey.Match{opened}, false},
	} {
		_, err := EventShare{Of: c.of, Event: c.did}.NewSums(&metric.Context{})
		if !c.refused {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "share.event: must name other events than share.of", name)
	}
}

// For the time from one order to the next, an event is not its own successor.
func TestTimeBetweenTheSameEvents(t *testing.T) {
	asked := []journey.Match{{Event: "Asked"}}
	table := TimeBetween{From: asked, To: asked, Within: 100 * journeytest.Second, Statistic: Median}
	v := kpiOver(t, table, journeytest.Did(1, 10, "Asked"), journeytest.Did(1, 40, "Asked"), journeytest.Did(1, 90, "Asked"), journeytest.Did(2, 10, "Asked"))
	require.Equal(t, []any{"40", int64(2), int64(2)}, []any{v.Number.String(), v.Samples, v.LeftOut}, "30 and 50; the last of each is never followed")
}

func TestShareOfEvents(t *testing.T) {
	table := EventShare{Of: []journey.Match{{Event: "Sent"}}, Event: []journey.Match{{Event: "Opened"}}, Key: "properties.ticket", Within: 100 * journeytest.Second}
	rows := []journey.Row{
		ticket(1, 10, "Sent", "a"), ticket(1, 20, "Opened", "a"), ticket(1, 30, "Opened", "a"),
		ticket(1, 10, "Sent", "b"), ticket(1, 200, "Opened", "b"), // too late
		ticket(2, 10, "Sent", "a"), ticket(2, 5, "Opened", "a"), // before
		ticket(2, 10, "Sent", ""), ticket(2, 990, "Sent", "z"), ticket(2, 1050, "Opened", "z"), ticket(3, 1001, "Sent", "y"),
	}
	v := kpiOver(t, table, rows...)
	require.Equal(t, []any{"0.5000", int64(4), int64(1)}, []any{v.Number.String(), v.Samples, v.LeftOut})
	table.Without = true
	require.Equal(t, "0.5000", kpiOver(t, table, rows...).Number.String())
	table = EventShare{Of: table.Of, Event: table.Event}
	v = kpiOver(t, table, rows...)
	require.Equal(t, []any{"1.0000", int64(2)}, []any{v.Number.String(), v.Samples}, "customers, in whatever order")
}

func TestSessions(t *testing.T) {
	page := func(person uint64, at int64, name string) journey.Row { return journeytest.Did(person, at, name) }
	rows := []journey.Row{
		page(1, 10, "See"), page(1, 20, "Want"), page(1, 100, "See"), // two sessions: see want; see
		page(2, 10, "Want"), page(2, 39, "Want"), page(2, 68, "See"), // one: want want see
		page(3, -5, "See"), page(3, 10, "See"), // started before
		page(4, 500, "Want"), // one
	}
	all := []journey.Match{{}}
	v := kpiOver(t, BounceRate{Event: all, Gap: 30 * journeytest.Second}, rows...)
	require.Equal(t, []any{"0.5000", int64(4)}, []any{v.Number.String(), v.Samples})
	v = kpiOver(t, ExitRate{Event: []journey.Match{{Event: "Want"}}, Activity: all, Gap: 30 * journeytest.Second}, rows...)
	require.Equal(t, []any{"0.6667", int64(3)}, []any{v.Number.String(), v.Samples})
}

// For every measure, shards add up to the whole, and events before the time that it needs do not matter.
func TestMeasuresOfCustomersMerge(t *testing.T) {
	a, b, key := journeytest.EventA(), journeytest.EventB(), "properties.k"
	orders := money.Orders{Match: a, Currency: "EUR", Rates: map[string]int64{"USD": 2_000_000}}
	measures := []metric.Metric{
		Revenue(orders), RepeatPurchaseRate{Orders: orders, Calendar: &journey.Calendar{Location: journeytest.Berlin}}, PurchaseFrequency(orders), CustomerLifetimeValue(orders),
		ChurnRate{Event: a, Inactivity: 3 * journeytest.Daily}, RetentionRate{Event: a}, PropertyValue{Match: a, Key: "properties.n", Statistic: Mean}, PropertyValue{Match: a, Key: "properties.n", Statistic: "P75"},
		TimeBetween{From: a, To: b, Within: 2 * journeytest.Daily, Key: key, Statistic: Mean}, TimeBetween{From: a, To: b, Within: 2 * journeytest.Daily, Statistic: Median},
		EventShare{Of: a, Event: b, Key: key}, EventShare{Of: a, Event: b, Within: 2 * journeytest.Daily}, BounceRate{Event: []journey.Match{{}}, Gap: 6 * journeytest.Hourly}, ExitRate{Event: b, Activity: []journey.Match{{}}, Gap: 6 * journeytest.Hourly},
	}
	rapid.Check(t, func(t *rapid.T) {
		rows := journeytest.DrawRows(t)
		for i := range rows {
			rows[i].Properties = rapid.SampledFrom([]string{"", `{"k":1,"n":2}`, `{"k":2,"n":7.25}`}).Draw(t, "properties")
			rows[i].OrderID = rapid.SampledFrom([]string{"", "o1", "o2"}).Draw(t, "order") + fmt.Sprint(rows[i].Person)
			rows[i].Amount, rows[i].Currency = int64(i)*event.MicroUnits, rapid.SampledFrom([]string{"EUR", "USD", "GBP"}).Draw(t, "currency")
			if rows[i].Name == "C" {
				rows[i].Name = money.RefundEvent
			}
		}
		from := journeytest.Epoch + rapid.Int64Range(0, 10).Draw(t, "from")*journeytest.Daily
		plan := journeytest.TablePlan(nil, from, from+5*journeytest.Daily, from+rapid.Int64Range(1, 9).Draw(t, "asOf")*journeytest.Daily)
		plan.Tables = nil
		for i, m := range measures {
			plan.KPIs = append(plan.KPIs, metric.Named{Name: fmt.Sprint("k", i), Metric: m})
		}
		values := func(e *engine.Engine) (list []metric.Value) {
			for _, k := range e.Evaluations()[0].KPIs {
				list = append(list, k.Value())
			}
			return list
		}
		want := values(journeytest.Run(t, plan, rows))
		var shards [2][]journey.Row
		for _, r := range rows {
			shards[r.Person%2] = append(shards[r.Person%2], r)
		}
		merged := journeytest.Run(t, plan, shards[1])
		merged.Merge(journeytest.Run(t, plan, shards[0]))
		require.Equal(t, want, values(merged))
		shuffled := slices.Clone(rows)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		require.Equal(t, want, values(journeytest.Run(t, plan, shuffled)))
		for i, m := range measures {
			single := plan
			single.KPIs = plan.KPIs[i : i+1]
			since := single.Since()
			late := slices.DeleteFunc(slices.Clone(rows), func(r journey.Row) bool { return r.Time < since })
			require.Equal(t, want[i], values(journeytest.Run(t, single, late))[0], "%T needs no more than it asks for", m)
		}
	})
}
