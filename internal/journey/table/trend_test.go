// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// stagesAB sets a plan's map to two stages, A and B.
func stagesAB(plan *engine.Plan, policy journey.Policy) {
	plan.Map = journey.Map{Stages: []journey.Stage{
		{Name: "a", Touchpoints: []journey.Touchpoint{{Name: "a", Match: journeytest.EventA()}}}, {Name: "b", Touchpoints: []journey.Touchpoint{{Name: "b", Match: journeytest.EventB()}}},
	}}
	plan.Policy = policy
}

// Counts, for each period, the persons with an A in it, and those of whom a B follows in time.
func TestTrendAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := journeytest.DrawRows(t)
		policy := journey.Policy{
			Order: journey.Ordered, Window: time.Duration(rapid.IntRange(1, 60).Draw(t, "window")) * time.Hour,
			Entry: rapid.SampledFrom([]journey.Entry{journey.Best, journey.First}).Draw(t, "entry"), Ties: journey.Exact,
			Conversions: rapid.SampledFrom([]journey.Conversions{journey.InWindow, journey.InRange}).Draw(t, "conversions"),
		}
		from := journeytest.Epoch + rapid.Int64Range(-2, 12).Draw(t, "from")*journeytest.Daily + 7*journeytest.Hourly
		to := from + rapid.Int64Range(1, 12).Draw(t, "length")*journeytest.Daily
		asOf := from + rapid.Int64Range(0, 20*24).Draw(t, "asOf")*journeytest.Hourly
		table := Trend{Period: rapid.SampledFrom([]journey.Unit{journey.Day, journey.Week, journey.Month, journey.Hour}).Draw(t, "unit")}
		plan := journeytest.TablePlan(table, from, to, asOf)
		stagesAB(&plan, policy)
		plan.Periods = []journey.Period{journey.Range(from, to, asOf, policy)}
		e := journeytest.Run(t, plan, rows)
		got, p := e.Evaluations()[0].Tables[0].(*TrendSums), plan.Periods[0]
		ordered := slices.DeleteFunc(journeytest.InOrder(rows), func(r journey.Row) bool { return r.Time > asOf })
		var want []TrendPeriod
		if p.From < p.YoungTo {
			for start := plan.Calendar.Start(p.From, table.Period); start < p.YoungTo; start = plan.Calendar.Add(start, table.Period, 1) {
				want = append(want, trendReference(ordered, plan, start, plan.Calendar.Add(start, table.Period, 1)))
			}
		}
		require.Equal(t, want, got.Periods)

		var shards [2][]journey.Row
		for _, r := range rows {
			shards[r.Person%2] = append(shards[r.Person%2], r)
		}
		merged := journeytest.Run(t, plan, shards[0])
		merged.Merge(journeytest.Run(t, plan, shards[1]))
		require.Equal(t, got.Grid(), merged.Evaluations()[0].Tables[0].Grid())

		require.True(t, plan.CountsRest())
		rest := slices.DeleteFunc(slices.Clone(rows), func(r journey.Row) bool { return r.Name == "C" })
		require.Equal(t, got.Grid(), journeytest.Run(t, plan, rest).Evaluations()[0].Tables[0].Grid(), "events of no stage are not needed")
	})
}

// trendReference counts one period.
func trendReference(rows []journey.Row, plan engine.Plan, start, end int64) TrendPeriod {
	p := plan.Periods[0]
	out := TrendPeriod{Start: start, Provisional: end > p.To}
	for person := uint64(1); person <= 4; person++ {
		entered, converted, first := false, false, int64(-1)
		for i, a := range rows {
			if a.Person != person || a.Name != "A" || a.Time < p.From || a.Time >= p.YoungTo {
				continue
			}
			if first < 0 {
				first = a.Time
			}
			if a.Time < start || a.Time >= end || plan.Policy.Entry == journey.First && a.Time != first {
				continue
			}
			limit := p.Limit
			if a.Time >= p.To {
				limit = p.YoungLimit
			}
			entered = entered || a.Time <= limit
			for _, b := range rows[i:] {
				if b.Person == person && b.Name == "B" && b.Time <= min(limit, a.Time+plan.Policy.Window.Microseconds()) && a.Time <= limit {
					converted = true
				}
			}
			if plan.Policy.Entry == journey.First {
				break
			}
		}
		if entered {
			out.Entered++
		}
		if converted {
			out.Converted++
		}
	}
	return out
}

// Persons have several simultaneous events, and some maps have a grace. The row of each hour has the numbers of the funnel of the entries in this
// hour.
func TestTrendHasTheFunnelOfEachPeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const tick = journeytest.Hourly / 4
		c := journeytest.DrawCase(t, journey.Ordered, journey.Ordered, journey.Strict, journey.AnyOrder)
		c.Optional = 0
		journeytest.DrawGrace(t, &c)
		c.Policy.Conversions = rapid.SampledFrom([]journey.Conversions{journey.InWindow, journey.InRange}).Draw(t, "conversions")
		c.Stretch(journeytest.Epoch, tick)
		asOf := journeytest.Epoch + rapid.Int64Range(0, 16).Draw(t, "asOf")*tick
		p := journey.Range(c.From, max(c.From, c.To), asOf, c.Policy)
		plan := c.Plan(p)
		plan.Calendar = journey.Calendar{Location: time.UTC}
		plan.Tables = []metric.Named{{Name: "trend", Metric: Trend{Period: journey.Hour}}, {Name: "time", Metric: TimeToConvert{}}}
		tables := journeytest.Run(t, plan, c.Rows()).Evaluations()[0].Tables

		c.Since = p.From
		var want []TrendPeriod
		for start := plan.Calendar.Start(p.From, journey.Hour); p.From < p.YoungTo && start < p.YoungTo; start += journeytest.Hourly {
			row := TrendPeriod{Start: start, Provisional: start+journeytest.Hourly > p.To}
			if best := bestOf(c, p, max(start, p.From), min(start+journeytest.Hourly, p.YoungTo)); best != nil {
				row.Entered = 1
				row.Converted = int64(best.Required / c.Stages)
			}
			want = append(want, row)
		}
		require.Equal(t, want, tables[0].(*TrendSums).Periods)

		c.From, c.To, c.Limit = p.From, p.To, p.Limit
		best, sums := c.Best(), tables[1].(*TimeToConvertSums)
		require.Equal(t, best != nil && best.Required == c.Stages, sums.Customers() == 1)
		if sums.Customers() == 1 && c.Policy.Order != journey.AnyOrder {
			took := max(0, best.Times[c.Stages-1]-best.Times[0])
			require.Equal(t, took, sums.Percentile(50))
			mean, _ := sums.Mean()
			require.Equal(t, big.NewRat(took, 1_000_000).FloatString(3), mean.String(), "a time is not below nothing")
		}
	})
}

// bestOf returns the chain that counts of those that start in from <= t < to, for mature or provisional attempts.
func bestOf(c journeytest.Case, p journey.Period, from, to int64) *journeytest.Chain {
	mature, young := c, c
	mature.From, mature.To, mature.Limit = from, min(to, p.To), p.Limit
	young.From, young.To, young.Limit = max(from, p.To), to, p.YoungLimit
	a, b := mature.Best(), young.Best()
	if c.Policy.Entry == journey.First {
		entering := uint32(1)
		if c.Policy.Order == journey.AnyOrder {
			entering = 1<<c.Stages - 1
		}
		i := slices.IndexFunc(c.Events, func(e journey.Event) bool { return e.Stages&entering != 0 && e.Time >= p.From && e.Time < p.YoungTo })
		switch {
		case i < 0 || c.Events[i].Time < from || c.Events[i].Time >= to:
			return nil
		case c.Events[i].Time < p.To:
			return a
		}
		return b
	}
	if a == nil || b != nil && b.Required > a.Required {
		return b
	}
	return a
}

// A trend over a clock change, with a day that has not ended. If there are many rows, the newest ones are shown.
func TestTrendGrid(t *testing.T) {
	first := time.Date(2026, 3, 28, 0, 0, 0, 0, journeytest.Berlin).UnixMicro()
	rows := []journey.Row{
		{Person: 1, Time: first + 8*journeytest.Hourly, Name: "A"}, {Person: 1, Time: first + 20*journeytest.Hourly, Name: "B"},
		{Person: 1, Time: first + 30*journeytest.Hourly, Name: "A"}, {Person: 2, Time: first + 31*journeytest.Hourly, Name: "A"}, {Person: 2, Time: first + 32*journeytest.Hourly, Name: "B"},
		{Person: 3, Time: first + 50*journeytest.Hourly, Name: "A"},
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	policy := journey.Policy{Order: journey.Ordered, Window: 20 * time.Hour, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	asOf := first + 51*journeytest.Hourly
	plan := journeytest.TablePlan(Trend{Period: journey.Day}, first, asOf, asOf)
	stagesAB(&plan, policy)
	plan.Periods = []journey.Period{journey.Range(first, asOf, asOf, policy)}
	require.Equal(t, metric.Grid{
		Columns: []metric.Column{{Name: "from", Unit: metric.UnitTime}, {Name: "entered", Unit: metric.UnitCount}, {Name: "converted", Unit: metric.UnitCount}, {Name: "conversion", Unit: metric.UnitRatio}},
		Rows: []metric.GridRow{
			{Values: []string{"2026-03-28T00:00:00+01:00", "1", "1", "1.0000"}},
			{Values: []string{"2026-03-29T00:00:00+01:00", "2", "1", "0.5000"}, Provisional: true},
			{Values: []string{"2026-03-30T00:00:00+02:00", "1", "0", "0.0000"}, Provisional: true},
		},
		Samples: 4, KeepLast: true,
	}, journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid())

	plan.Tables[0].Metric = Trend{Period: journey.Hour}
	plan.Periods = []journey.Period{journey.Range(first-200*journeytest.Hourly, asOf, asOf, policy)}
	grid := journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid()
	require.Len(t, grid.Rows, 251)
	require.True(t, grid.KeepLast)
	require.Equal(t, "2026-03-30T03:00:00+02:00", grid.Rows[250].Values[0])
}

// In the order Any, the second stage means any two stages.
func TestTrendByDepth(t *testing.T) {
	policy := journey.Policy{Order: journey.AnyOrder, Window: 20 * time.Hour, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	plan := journeytest.TablePlan(Trend{Period: journey.Day, From: "a", To: "b"}, journeytest.Epoch, journeytest.Epoch+journeytest.Daily, journeytest.Epoch+9*journeytest.Daily)
	stagesAB(&plan, policy)
	plan.Tables = append(plan.Tables, metric.Named{Name: "t", Metric: TimeToConvert{}})
	plan.Periods = []journey.Period{journey.Range(journeytest.Epoch, journeytest.Epoch+journeytest.Daily, journeytest.Epoch+9*journeytest.Daily, policy)}
	rows := []journey.Row{
		{Person: 1, Time: journeytest.Epoch + 2*journeytest.Hourly, Seq: 1, Name: "B"}, {Person: 1, Time: journeytest.Epoch + 5*journeytest.Hourly, Seq: 2, Name: "A"},
		{Person: 2, Time: journeytest.Epoch + 2*journeytest.Hourly, Seq: 3, Name: "B"},
	}
	eval := journeytest.Run(t, plan, rows).Evaluations()[0]
	periods := eval.Tables[0].(*TrendSums).Periods
	require.EqualValues(t, 2, periods[len(periods)-1].Entered+periods[0].Entered)
	require.EqualValues(t, 1, periods[len(periods)-1].Converted+periods[0].Converted)
	mean, ok := eval.Tables[1].(*TimeToConvertSums).Mean()
	require.True(t, ok)
	require.Equal(t, "10800.000", mean.String(), "from the first stage reached to the second, whichever they are")
}

// A person counts once for each entry, in the period of the entry.
func TestTrendOfEntries(t *testing.T) {
	policy := journey.Policy{Order: journey.Ordered, Window: 3 * time.Hour, Entry: journey.First, Ties: journey.EitherOrder, Conversions: journey.InWindow, Count: journey.Entries}
	plan := journeytest.TablePlan(Trend{Period: journey.Day}, journeytest.Epoch, journeytest.Epoch+2*journeytest.Daily, journeytest.Epoch+2*journeytest.Daily)
	stagesAB(&plan, policy)
	plan.Calendar = journey.Calendar{}
	plan.Periods = []journey.Period{journey.Range(journeytest.Epoch, journeytest.Epoch+2*journeytest.Daily, journeytest.Epoch+2*journeytest.Daily-1, policy)}
	var rows []journey.Row
	for i, e := range []struct {
		hour int64
		name string
	}{{1, "A"}, {2, "A"}, {3, "B"}, {5, "A"}, {20, "A"}, {26, "B"}, {46, "A"}, {47, "B"}} {
		rows = append(rows, journey.Row{Person: 1, Time: journeytest.Epoch + e.hour*journeytest.Hourly, Seq: int64(i + 1), Name: e.name})
	}
	require.Equal(t, []TrendPeriod{
		{Start: journeytest.Epoch, Entered: 3, Converted: 1}, {Start: journeytest.Epoch + journeytest.Daily, Entered: 1, Converted: 1, Provisional: true},
	}, journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].(*TrendSums).Periods)
}

func TestInvalidTrends(t *testing.T) {
	for want, table := range map[string]metric.Metric{
		"spec.tables[0].trend.period: there is no period":          Trend{Period: "Year"},
		"spec.tables[0].trend.from: the map has no stage \"x\"":    Trend{Period: journey.Day, From: "x"},
		"spec.tables[0].trend.to: stage \"a\" does not come after": Trend{Period: journey.Day, From: "b", To: "a"},
		"spec.tables[0].timeToConvert.to: the map has no stage":    TimeToConvert{To: "x"},
		"spec.tables[0].timeToConvert.to: must be another stage":   TimeToConvert{From: "b", To: "b"},
		"spec.tables[0].timeToConvert.bins: at most 60":            TimeToConvert{Bins: 61},
	} {
		plan := journeytest.TablePlan(table, 0, journeytest.Daily, journeytest.Daily)
		stagesAB(&plan, plan.Policy)
		_, err := engine.New(plan)
		require.ErrorContains(t, err, want)
	}
}
