// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// kpiOver returns the value of a measure for rows, with the map see, want, buy (events See, Want, Buy) and a window of ten seconds.
func kpiOver(t *testing.T, m metric.Metric, rows ...journey.Row) metric.Value {
	policy := journey.Policy{Order: journey.Ordered, Window: 10 * time.Second, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	stage := func(name, event string) journey.Stage {
		return journey.Stage{Name: name, Touchpoints: []journey.Touchpoint{{Name: name, Match: []journey.Match{{Event: event}}}}}
	}
	plan := engine.Plan{
		Map:    journey.Map{Stages: []journey.Stage{stage("see", "See"), stage("want", "Want"), stage("buy", "Buy")}},
		Policy: policy, Periods: []journey.Period{journey.Range(0, 1000*journeytest.Second, 2000*journeytest.Second, policy)},
		KPIs: []metric.Named{{Name: "k", Metric: m}}, PublicSources: []string{"page"},
	}
	for i := range rows {
		if rows[i].Seq == 0 {
			rows[i].Seq = int64(i + 1)
		}
	}
	return journeytest.Run(t, plan, rows).Evaluations()[0].KPIs[0].Value()
}

func sale(person uint64, at int64, source, id string, amount float64, currency string) journey.Row {
	r := journeytest.Did(person, at, "Order Completed")
	r.Source, r.OrderID, r.Currency, r.Amount = source, id, currency, int64(amount*float64(event.MicroUnits))
	return r
}

// received sets when a row arrived.
func received(at int64, r journey.Row) journey.Row {
	r.ReceivedAt = at * journeytest.Second
	return r
}

func answer(at int64, score float64, scale int64) journey.Row {
	r := journeytest.Did(1, at, "Survey Responded")
	r.SurveyKind, r.Score, r.Scale = "nps", int64(score*float64(event.MicroUnits)), scale*event.MicroUnits
	return r
}

func TestConversionAndDropOff(t *testing.T) {
	rows := []journey.Row{
		journeytest.Did(1, 1, "See"), journeytest.Did(1, 2, "Want"), journeytest.Did(1, 3, "Buy"),
		journeytest.Did(2, 1, "See"), journeytest.Did(2, 2, "Want"), journeytest.Did(2, 30, "Buy"), // too late for the window
		journeytest.Did(3, 1, "See"), journeytest.Did(3, 5, "Buy"), // without the stage between
		journeytest.Did(4, 1, "Want"), journeytest.Did(4, 2, "Buy"), // never entered
	}
	require.Equal(t, metric.Value{Number: number.Decimal{Scaled: 3333, Digits: 4}, Known: true, Unit: metric.UnitRatio, Samples: 3}, kpiOver(t, ConversionRate{From: "see", To: "buy"}, rows...))
	require.Equal(t, "0.5000", kpiOver(t, ConversionRate{From: "want", To: "buy"}, rows...).Number.String())
	require.Equal(t, metric.Value{Number: number.Decimal{Scaled: 3333, Digits: 4}, Known: true, Unit: metric.UnitRatio, Samples: 3}, kpiOver(t, DropOffRate{Stage: "see"}, rows...))
	require.False(t, kpiOver(t, DropOffRate{Stage: "want"}).Known, "nobody came, so there is no rate")
}

func TestInvalidMeasures(t *testing.T) {
	policy := journey.Policy{Order: journey.Ordered, Window: time.Second, Entry: journey.Best, Ties: journey.Exact, Conversions: journey.InWindow}
	m := journey.Map{Stages: []journey.Stage{{Name: "a"}, {Name: "b"}}}
	for want, measure := range map[string]metric.Metric{
		`spec.kpis[0].measure.conversionRate.from: the map has no stage "x"`:                                        ConversionRate{From: "x", To: "b"},
		`spec.kpis[0].measure.conversionRate.to: the map has no stage "x"`:                                          ConversionRate{From: "a", To: "x"},
		`spec.kpis[0].measure.conversionRate.to: stage "a" does not come after "b", and the map's order is Ordered`: ConversionRate{From: "b", To: "a"},
		`spec.kpis[0].measure.dropOffRate.stage: the map has no stage "x"`:                                          DropOffRate{Stage: "x"},
		`spec.kpis[0].measure.dropOffRate.stage: "b" is the last stage: nobody can continue from it`:                DropOffRate{Stage: "b"},
	} {
		_, err := engine.New(engine.Plan{Map: m, Policy: policy, Periods: []journey.Period{{}}, KPIs: []metric.Named{{Metric: measure}}})
		require.EqualError(t, err, want)
	}
	policy.Order = journey.AnyOrder
	_, err := engine.New(engine.Plan{Map: m, Policy: policy, Periods: []journey.Period{{}}, KPIs: []metric.Named{{Metric: DropOffRate{Stage: "a"}}}})
	require.ErrorContains(t, err, "use conversionRate")
	_, err = engine.New(engine.Plan{Map: m, Policy: policy, Periods: []journey.Period{{}}, KPIs: []metric.Named{{Metric: ConversionRate{From: "b", To: "a"}}}})
	require.NoError(t, err, "in any order, either may come first")
}

func TestAverageOrderValue(t *testing.T) {
	aov := AverageOrderValue{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR"}
	refund := func(source, id string, amount float64) journey.Row {
		r := sale(1, 500, source, id, amount, "EUR")
		r.Name = money.RefundEvent
		return r
	}
	for name, c := range map[string]struct {
		rows    []journey.Row
		want    string
		orders  int64
		leftOut int64
		note    string
	}{
		"two orders": {[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(2, 2, "shop", "b", 15.01, "EUR")}, "12.51", 2, 0, ""},
		"the first receipt of an order counts, whoever sent it and whenever it says it was": {
			[]journey.Row{received(20, sale(1, 9, "shop", "a", 10, "EUR")), received(30, sale(2, 1, "crm", "a", 99, "EUR"))}, "10.00", 1, 0, "",
		},
		"orders without an id are an order each": {[]journey.Row{sale(1, 1, "shop", "", 10, "EUR"), sale(1, 2, "shop", "", 20, "EUR")}, "15.00", 2, 0, ""},
		"other currencies and negative amounts are left out": {
			[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 20, "USD"), sale(1, 3, "shop", "c", -1, "EUR"), sale(1, 4, "shop", "d", 5, "")}, "10.00", 1, 3,
			"orders without an amount that counts are left out (1); orders below zero, which are refunds only if they are named Order Refunded, are left out (1); " +
				"orders in a currency without a rate are left out (1)",
		},
		"a free order is an order": {[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 0, "EUR")}, "5.00", 2, 0, ""},
		"refunds of the same source reduce revenue, down to zero": {
			[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 20, "EUR"), refund("shop", "a", 4), refund("shop", "b", 15), refund("shop", "b", 15), refund("psp", "a", 4), refund("shop", "z", 4)}, "3.00", 2, 0,
			"refunds of orders outside the analysed time are ignored (1)",
		},
		"refunds without an order lower nothing, and it is said": {
			[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), refund("shop", "", 4), refund("shop", "", 5)}, "10.00", 1, 2,
			"refunds without an order id or an amount that counts are ignored (2)",
		},
		"outside the period": {[]journey.Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 1000, "shop", "b", 20, "EUR")}, "10.00", 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := number.ParseMicro(c.want)
			require.True(t, ok)
			require.Equal(t, metric.Value{
				Number: number.Decimal{Scaled: d / 10_000, Digits: number.MoneyDigits}, Known: true, Unit: "EUR", Samples: c.orders, LeftOut: c.leftOut, Note: c.note,
			}, kpiOver(t, aov, c.rows...))
		})
	}
	require.False(t, kpiOver(t, aov).Known)
}

func TestAverageOrderValueMergesByReceipt(t *testing.T) {
	aov := AverageOrderValue{Currency: "EUR"}
	early, late := metric.Hit{Usable: true, HasOrder: true, Seq: 1, Index: 3, Amount: 5e6}, metric.Hit{Usable: true, HasOrder: true, Seq: 2, Amount: 7e6}
	for _, hits := range [][2]metric.Hit{{early, late}, {late, early}} {
		a, err := aov.NewSums(&metric.Context{})
		require.NoError(t, err)
		b, err := aov.NewSums(&metric.Context{})
		require.NoError(t, err)
		a.(*orderValue).add(&hits[0])
		b.(*orderValue).add(&hits[1])
		a.Merge(b)
		require.Equal(t, "5.00", a.(*orderValue).Value().Number.String())
	}
}

func TestNetPromoterScore(t *testing.T) {
	nps := NetPromoterScore{Match: []journey.Match{{Event: "Survey Responded"}}}
	for name, c := range map[string]struct {
		scores  []journey.Row
		want    string
		answers int64
		leftOut int64
	}{
		"edges of the classes":     {[]journey.Row{answer(1, 9, 0), answer(2, 10, 10), answer(3, 8, 10), answer(4, 7, 0), answer(5, 6, 10), answer(6, 0, 10)}, "0.0", 6, 0},
		"all promoters":            {[]journey.Row{answer(1, 9, 0), answer(2, 10, 0)}, "100.0", 2, 0},
		"all detractors":           {[]journey.Row{answer(1, 6, 0)}, "-100.0", 1, 0},
		"thirds round half away":   {[]journey.Row{answer(1, 6, 0), answer(2, 8, 0), answer(3, 8, 0)}, "-33.3", 3, 0},
		"what is no answer is out": {[]journey.Row{answer(1, 9, 0), answer(2, 11, 0), answer(3, -1, 0), answer(4, 8.5, 0), answer(5, 5, 5), journeytest.Did(1, 6, "Survey Responded")}, "100.0", 1, 5},
	} {
		t.Run(name, func(t *testing.T) {
			v := kpiOver(t, nps, c.scores...)
			require.Equal(t, c.want, v.Number.String())
			require.Equal(t, [2]int64{c.answers, c.leftOut}, [2]int64{v.Samples, v.LeftOut})
		})
	}
}

func TestCountAndRatio(t *testing.T) {
	see, want := []journey.Match{{Event: "See"}, {Event: "See", Where: []journey.Condition{{Key: "source", Operator: journey.In, Values: []string{"shop"}}}}}, []journey.Match{{Event: "Want"}}
	rows := []journey.Row{journeytest.Did(1, 1, "See"), journeytest.Did(1, 2, "See"), journeytest.Did(2, 3, "Want"), journeytest.Did(3, 1000, "Want")}
	require.Equal(t, metric.Value{Number: number.Decimal{Scaled: 2, Digits: 0}, Known: true, Unit: metric.UnitCount, Samples: 2}, kpiOver(t, EventCount{Match: see}, rows...), "two entries match, the event counts once")
	require.Equal(t, "2.0000", kpiOver(t, EventRatio{Numerator: see, Denominator: want}, rows...).Number.String())
	require.Equal(t, "1.0000", kpiOver(t, EventRatio{Numerator: see, Denominator: see}, rows...).Number.String(), "one event on both sides")
	require.False(t, kpiOver(t, EventRatio{Numerator: see, Denominator: []journey.Match{{Event: "Never"}}}, rows...).Known)
}

func TestRatioSumsDoNotOverflow(t *testing.T) {
	d, ok := number.Divide(1<<62, 1<<62-1, number.RatioDigits)
	require.True(t, ok)
	require.Equal(t, "1.0000", d.String())
	_, ok = number.Divide(1<<62, 1, number.RatioDigits)
	require.False(t, ok, fmt.Sprint(d))
}

// Anybody with the write key of a page can send a small order with the next order number, before the shop reports the order.
func TestPublicSourcesAreNotAuthoritativeForOrders(t *testing.T) {
	v := newOrderValue(money.Orders{Currency: "EUR"})
	shop, page := event.KeyOf("shop", "1001"), event.KeyOf("page", "1001")
	hit := func(seq, amount int64, source event.Key, public bool) *metric.Hit {
		return &metric.Hit{Usable: true, HasOrder: true, Order: event.KeyOf("", "1001"), SourceOrder: source, Seq: seq, Amount: amount, Public: public}
	}
	v.add(hit(1, 1e4, page, true))
	v.add(hit(2, 100e6, shop, false))
	require.Equal(t, "100.00", v.Value().Number.String())
	only := newOrderValue(money.Orders{Currency: "EUR"})
	only.add(hit(1, 1e4, page, true))
	require.Equal(t, "0.01", only.Value().Number.String(), "where nobody else reports the order, it counts as it came")
}

// A till that does not know the amount, and a stranger with the write key of a page, report the order before the shop.
func TestAllMeasuresCountTheSameReportOfAnOrder(t *testing.T) {
	reports := []journey.Row{
		sale(1, 1, "page", "1001", 9000, "EUR"), sale(1, 2, "till", "1001", 0, ""), sale(1, 3, "shop", "1001", 40, "EUR"), sale(1, 4, "crm", "1001", 50, "EUR"),
	}
	euros := money.Orders{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR"}
	for _, m := range []metric.Metric{Revenue(euros), AverageOrderValue(euros), CustomerLifetimeValue(euros)} {
		v := kpiOver(t, m, reports...)
		require.Equal(t, "40.00", v.Number.String(), "%T", m)
		require.Zero(t, v.LeftOut, "%T", m)
		require.Empty(t, v.Note, "%T", m)
	}
	require.Equal(t, "1.0000", kpiOver(t, PurchaseFrequency(euros), reports...).Number.String())
}

// Three sources report one order at the same time. The same report counts, whichever is committed first.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	reports := []journey.Row{
		sale(1, 1, "tills", "a", 10, "EUR"), sale(1, 1, "shop", "a", 20, "EUR"), sale(1, 1, "crm", "a", 30, "EUR"), sale(1, 1, "shop", "a", 40, "EUR"),
	}
	want := kpiOver(t, AverageOrderValue{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR"}, slices.Clone(reports)...)
	for range 30 {
		rand.Shuffle(len(reports), func(i, k int) { reports[i], reports[k] = reports[k], reports[i] })
		require.Equal(t, want, kpiOver(t, AverageOrderValue{Match: []journey.Match{{Event: "Order Completed"}}, Currency: "EUR"}, slices.Clone(reports)...))
	}
}

// A till that restarts its receipt numbers each day uses one number for many orders. They count once, and a note reports it.
func TestReusedOrderIDsAreReported(t *testing.T) {
	reports := []*metric.Hit{}
	for i, r := range []struct {
		id, source string
		amount     int64
	}{{"1", "till", 5e6}, {"1", "till", 7e6}, {"2", "till", 5e6}, {"2", "till", 5e6}, {"3", "shop", 5e6}, {"3", "crm", 6e6}, {"4", "crm", 1e6}, {"4", "shop", 2e6}, {"4", "crm", 3e6}, {"1", "till", 5e6}} {
		reports = append(reports, &metric.Hit{
			Usable: true, HasOrder: true, Order: event.KeyOf("", r.id), SourceOrder: event.KeyOf(r.source, r.id), ReceivedAt: int64(i), Seq: int64(i), Amount: r.amount,
		})
	}
	for range 200 {
		rand.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		a, b := newOrderValue(money.Orders{Currency: "EUR"}), newOrderValue(money.Orders{Currency: "EUR"})
		for i, h := range reports {
			[]*orderValue{a, b}[i%2].add(h)
		}
		a.Merge(b)
		require.Equal(t, "4.00", a.Value().Number.String())
		require.Contains(t, a.Value().Note, "order ids that a source uses with several amounts count once: make them unique (2)")
	}
}

// Orders that do not fit into memory are not in the value, and a note reports it, also after merging shards.
func TestOrdersBeyondMemoryAreReported(t *testing.T) {
	add := func(v *orderValue, n int) {
		for i := range n {
			v.add(&metric.Hit{
				Role: money.RoleOrder, HasOrder: true, Usable: true, Amount: 1_000_000,
				Order: event.Key{Lo: uint64(i)}, SourceOrder: event.Key{Hi: 1, Lo: uint64(i)},
			})
		}
	}
	v, other := newOrderValue(money.Orders{Currency: "EUR", Room: 3}), newOrderValue(money.Orders{Currency: "EUR", Room: 9})
	add(v, 3)
	require.NotContains(t, v.Value().Note, "further orders")
	add(v, 4)
	add(other, 5)
	v.Merge(other)
	got := v.Value()
	require.EqualValues(t, []int64{3, 3}, []int64{got.Samples, got.LeftOut}, "one before the merge, two of it")
	require.Contains(t, got.Note, "events of further orders are left out, because a run remembers a limited number of order ids (3)")
}
