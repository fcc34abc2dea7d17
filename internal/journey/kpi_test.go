// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// kpiOver gives the value of one measure over rows, with the map see, want, buy (events See, Want, Buy) and a window of ten seconds.
func kpiOver(t *testing.T, m Measure, rows ...Row) Value {
	policy := Policy{Order: Ordered, Window: 10 * time.Second, Entry: Best, Ties: EitherOrder, Conversions: InWindow}
	stage := func(name, event string) Stage {
		return Stage{Name: name, Touchpoints: []Touchpoint{{Name: name, Match: []Match{{Event: event}}}}}
	}
	plan := Plan{
		Map:    Map{Stages: []Stage{stage("see", "See"), stage("want", "Want"), stage("buy", "Buy")}},
		Policy: policy, Periods: []Period{Range(0, 1000*Second, 2000*Second, policy)},
		KPIs: []KPI{{Name: "k", Measure: m}},
	}
	for i := range rows {
		if rows[i].Seq == 0 {
			rows[i].Seq = int64(i + 1)
		}
	}
	return Run(t, plan, rows).Evaluations()[0].KPIs[0].Value()
}

func sale(person uint64, at int64, source, id string, amount float64, currency string) Row {
	r := Did(person, at, "Order Completed")
	r.Source, r.OrderID, r.Currency, r.Amount = source, id, currency, int64(amount*float64(event.MicroUnits))
	return r
}

func answer(at int64, score float64, scale int64) Row {
	r := Did(1, at, "Survey Responded")
	r.SurveyKind, r.Score, r.Scale = "nps", int64(score*float64(event.MicroUnits)), scale*event.MicroUnits
	return r
}

func TestConversionAndDropOff(t *testing.T) {
	rows := []Row{
		Did(1, 1, "See"), Did(1, 2, "Want"), Did(1, 3, "Buy"),
		Did(2, 1, "See"), Did(2, 2, "Want"), Did(2, 30, "Buy"), // too late for the window
		Did(3, 1, "See"), Did(3, 5, "Buy"), // without the stage between
		Did(4, 1, "Want"), Did(4, 2, "Buy"), // never entered
	}
	require.Equal(t, Value{Number: Decimal{3333, 4}, Known: true, Unit: UnitRatio, Samples: 3}, kpiOver(t, ConversionRate{From: "see", To: "buy"}, rows...))
	require.Equal(t, "0.5000", kpiOver(t, ConversionRate{From: "want", To: "buy"}, rows...).Number.String())
	require.Equal(t, Value{Number: Decimal{3333, 4}, Known: true, Unit: UnitRatio, Samples: 3}, kpiOver(t, DropOffRate{Stage: "see"}, rows...))
	require.False(t, kpiOver(t, DropOffRate{Stage: "want"}).Known, "nobody came, so there is no rate")
}

func TestMeasuresThatMakeNoSense(t *testing.T) {
	policy := Policy{Order: Ordered, Window: time.Second, Entry: Best, Ties: Exact, Conversions: InWindow}
	m := Map{Stages: []Stage{{Name: "a"}, {Name: "b"}}}
	for want, measure := range map[string]Measure{
		`spec.kpis[0].measure.conversionRate.from: the map has no stage "x"`:                                        ConversionRate{From: "x", To: "b"},
		`spec.kpis[0].measure.conversionRate.to: the map has no stage "x"`:                                          ConversionRate{From: "a", To: "x"},
		`spec.kpis[0].measure.conversionRate.to: stage "a" does not come after "b", and the map's order is Ordered`: ConversionRate{From: "b", To: "a"},
		`spec.kpis[0].measure.dropOffRate.stage: the map has no stage "x"`:                                          DropOffRate{Stage: "x"},
		`spec.kpis[0].measure.dropOffRate.stage: "b" is the last stage, nobody can go on from it`:                   DropOffRate{Stage: "b"},
	} {
		_, err := NewEngine(Plan{Map: m, Policy: policy, Periods: []Period{{}}, KPIs: []KPI{{Measure: measure}}})
		require.EqualError(t, err, want)
	}
	policy.Order = AnyOrder
	_, err := NewEngine(Plan{Map: m, Policy: policy, Periods: []Period{{}}, KPIs: []KPI{{Measure: DropOffRate{Stage: "a"}}}})
	require.ErrorContains(t, err, "use conversionRate")
	_, err = NewEngine(Plan{Map: m, Policy: policy, Periods: []Period{{}}, KPIs: []KPI{{Measure: ConversionRate{From: "b", To: "a"}}}})
	require.NoError(t, err, "in any order, either may come first")
}

func TestAverageOrderValue(t *testing.T) {
	aov := AverageOrderValue{Match: []Match{{Event: "Order Completed"}}, Currency: "EUR"}
	refund := func(source, id string, amount float64) Row {
		r := sale(1, 500, source, id, amount, "EUR")
		r.Name = RefundEvent
		return r
	}
	for name, c := range map[string]struct {
		rows    []Row
		want    string
		orders  int64
		leftOut int64
	}{
		"two orders": {[]Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(2, 2, "shop", "b", 15.01, "EUR")}, "12.51", 2, 0},
		"the first receipt of an order counts, whoever sent it and whenever it says it was": {
			[]Row{sale(1, 9, "shop", "a", 10, "EUR"), sale(2, 1, "crm", "a", 99, "EUR")}, "10.00", 1, 0,
		},
		"orders without an id are an order each": {[]Row{sale(1, 1, "shop", "", 10, "EUR"), sale(1, 2, "shop", "", 20, "EUR")}, "15.00", 2, 0},
		"other currencies and negative amounts are left out": {
			[]Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 20, "USD"), sale(1, 3, "shop", "c", -1, "EUR"), sale(1, 4, "shop", "d", 5, "")}, "10.00", 1, 3,
		},
		"a free order is an order": {[]Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 0, "EUR")}, "5.00", 2, 0},
		"refunds of the same source reduce revenue, down to zero": {
			[]Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 2, "shop", "b", 20, "EUR"), refund("shop", "a", 4), refund("shop", "b", 15), refund("shop", "b", 15), refund("psp", "a", 4), refund("shop", "z", 4)}, "3.00", 2, 0,
		},
		"outside the period": {[]Row{sale(1, 1, "shop", "a", 10, "EUR"), sale(1, 1000, "shop", "b", 20, "EUR")}, "10.00", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := ParseMicro(c.want)
			require.True(t, ok)
			require.Equal(t, Value{
				Number: Decimal{d / 10_000, MoneyDigits}, Known: true, Unit: "EUR", Samples: c.orders, LeftOut: c.leftOut,
			}, kpiOver(t, aov, c.rows...))
		})
	}
	require.False(t, kpiOver(t, aov).Known)
}

func TestAverageOrderValueMergesByReceipt(t *testing.T) {
	aov := AverageOrderValue{Currency: "EUR"}
	early, late := Hit{Usable: true, HasOrder: true, Seq: 1, Index: 3, Amount: 5e6}, Hit{Usable: true, HasOrder: true, Seq: 2, Amount: 7e6}
	for _, hits := range [][2]Hit{{early, late}, {late, early}} {
		a, err := aov.NewAccumulator(nil, Policy{})
		require.NoError(t, err)
		b, err := aov.NewAccumulator(nil, Policy{})
		require.NoError(t, err)
		a.AddHit(&hits[0])
		b.AddHit(&hits[1])
		a.Merge(b)
		require.Equal(t, "5.00", a.Value().Number.String())
	}
}

func TestNetPromoterScore(t *testing.T) {
	nps := NetPromoterScore{Match: []Match{{Event: "Survey Responded"}}}
	for name, c := range map[string]struct {
		scores  []Row
		want    string
		answers int64
		leftOut int64
	}{
		"edges of the classes":     {[]Row{answer(1, 9, 0), answer(2, 10, 10), answer(3, 8, 10), answer(4, 7, 0), answer(5, 6, 10), answer(6, 0, 10)}, "0.0", 6, 0},
		"all promoters":            {[]Row{answer(1, 9, 0), answer(2, 10, 0)}, "100.0", 2, 0},
		"all detractors":           {[]Row{answer(1, 6, 0)}, "-100.0", 1, 0},
		"thirds round half away":   {[]Row{answer(1, 6, 0), answer(2, 8, 0), answer(3, 8, 0)}, "-33.3", 3, 0},
		"what is no answer is out": {[]Row{answer(1, 9, 0), answer(2, 11, 0), answer(3, -1, 0), answer(4, 8.5, 0), answer(5, 5, 5), Did(1, 6, "Survey Responded")}, "100.0", 1, 5},
	} {
		t.Run(name, func(t *testing.T) {
			v := kpiOver(t, nps, c.scores...)
			require.Equal(t, c.want, v.Number.String())
			require.Equal(t, [2]int64{c.answers, c.leftOut}, [2]int64{v.Samples, v.LeftOut})
		})
	}
}

func TestCountAndRatio(t *testing.T) {
	see, want := []Match{{Event: "See"}, {Event: "See", Where: []Condition{{Key: "source", Operator: In, Values: []string{"shop"}}}}}, []Match{{Event: "Want"}}
	rows := []Row{Did(1, 1, "See"), Did(1, 2, "See"), Did(2, 3, "Want"), Did(3, 1000, "Want")}
	require.Equal(t, Value{Number: Decimal{2, 0}, Known: true, Unit: UnitCount, Samples: 2}, kpiOver(t, EventCount{Match: see}, rows...), "two entries match, the event counts once")
	require.Equal(t, "2.0000", kpiOver(t, EventRatio{Numerator: see, Denominator: want}, rows...).Number.String())
	require.Equal(t, "1.0000", kpiOver(t, EventRatio{Numerator: see, Denominator: see}, rows...).Number.String(), "one event on both sides")
	require.False(t, kpiOver(t, EventRatio{Numerator: see, Denominator: []Match{{Event: "Never"}}}, rows...).Known)
}

func TestRatioSumsOverflowNothing(t *testing.T) {
	d, ok := Divide(1<<62, 1<<62-1, RatioDigits)
	require.True(t, ok)
	require.Equal(t, "1.0000", d.String())
	_, ok = Divide(1<<62, 1, RatioDigits)
	require.False(t, ok, fmt.Sprint(d))
}
