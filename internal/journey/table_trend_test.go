// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// stagesAB makes a plan's map one of two stages, A and B.
func stagesAB(plan *Plan, policy Policy) {
	plan.Map = Map{Stages: []Stage{
		{Name: "a", Touchpoints: []Touchpoint{{Name: "a", Match: EventA()}}}, {Name: "b", Touchpoints: []Touchpoint{{Name: "b", Match: EventB()}}},
	}}
	plan.Policy = policy
}

// TestTrendAgainstReference counts, for each period, every person with an A in it, and whether a B follows one of these in time.
func TestTrendAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := DrawRows(t)
		policy := Policy{
			Order: Ordered, Window: time.Duration(rapid.IntRange(1, 60).Draw(t, "window")) * time.Hour,
			Entry: rapid.SampledFrom([]Entry{Best, First}).Draw(t, "entry"), Ties: Exact,
			Conversions: rapid.SampledFrom([]Conversions{InWindow, InRange}).Draw(t, "conversions"),
		}
		from := Epoch + rapid.Int64Range(-2, 12).Draw(t, "from")*Daily + 7*Hourly
		to := from + rapid.Int64Range(1, 12).Draw(t, "length")*Daily
		asOf := from + rapid.Int64Range(0, 20*24).Draw(t, "asOf")*Hourly
		table := Trend{Period: rapid.SampledFrom([]Unit{Day, Week, Month, Hour}).Draw(t, "unit")}
		plan := TablePlan(table, from, to, asOf)
		stagesAB(&plan, policy)
		plan.Periods = []Period{Range(from, to, asOf, policy)}
		e := Run(t, plan, rows)
		got, p := e.Evaluations()[0].Tables[0].(*TrendSums), plan.Periods[0]
		ordered := slices.DeleteFunc(InOrder(rows), func(r Row) bool { return r.Time > asOf })
		var want []TrendPeriod
		if p.From < p.YoungTo {
			for start := plan.Calendar.Start(p.From, table.Period); start < p.YoungTo; start = plan.Calendar.Add(start, table.Period, 1) {
				want = append(want, trendReference(ordered, plan, start, plan.Calendar.Add(start, table.Period, 1)))
			}
		}
		require.Equal(t, want, got.Periods)

		var shards [2][]Row
		for _, r := range rows {
			shards[r.Person%2] = append(shards[r.Person%2], r)
		}
		merged := Run(t, plan, shards[0])
		merged.Merge(Run(t, plan, shards[1]))
		require.Equal(t, got.Grid(), merged.Evaluations()[0].Tables[0].Grid())

		require.True(t, plan.CountsRest())
		rest := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Name == "C" })
		require.Equal(t, got.Grid(), Run(t, plan, rest).Evaluations()[0].Tables[0].Grid(), "events of no stage are not needed")
	})
}

// trendReference counts one period.
func trendReference(rows []Row, plan Plan, start, end int64) TrendPeriod {
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
			if a.Time < start || a.Time >= end || plan.Policy.Entry == First && a.Time != first {
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
			if plan.Policy.Entry == First {
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

// TestTrendGrid shows a trend over the clock change, with a day that is not over; and that the newest rows are shown of many.
func TestTrendGrid(t *testing.T) {
	first := time.Date(2026, 3, 28, 0, 0, 0, 0, Berlin).UnixMicro()
	rows := []Row{
		{Person: 1, Time: first + 8*Hourly, Name: "A"}, {Person: 1, Time: first + 20*Hourly, Name: "B"},
		{Person: 1, Time: first + 30*Hourly, Name: "A"}, {Person: 2, Time: first + 31*Hourly, Name: "A"}, {Person: 2, Time: first + 32*Hourly, Name: "B"},
		{Person: 3, Time: first + 50*Hourly, Name: "A"},
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	policy := Policy{Order: Ordered, Window: 20 * time.Hour, Entry: Best, Ties: EitherOrder, Conversions: InWindow}
	asOf := first + 51*Hourly
	plan := TablePlan(Trend{Period: Day}, first, asOf, asOf)
	stagesAB(&plan, policy)
	plan.Periods = []Period{Range(first, asOf, asOf, policy)}
	require.Equal(t, Grid{
		Columns: []Column{{"from", UnitTime}, {"entered", UnitCount}, {"converted", UnitCount}, {"conversion", UnitRatio}},
		Rows: []GridRow{
			{Values: []string{"2026-03-28T00:00:00+01:00", "1", "1", "1.0000"}},
			{Values: []string{"2026-03-29T00:00:00+01:00", "2", "1", "0.5000"}, Provisional: true},
			{Values: []string{"2026-03-30T00:00:00+02:00", "1", "0", "0.0000"}, Provisional: true},
		},
		Samples: 4,
	}, Run(t, plan, rows).Evaluations()[0].Tables[0].Grid())

	plan.Tables[0].Table = Trend{Period: Hour}
	plan.Periods = []Period{Range(first-200*Hourly, asOf, asOf, policy)}
	grid := Run(t, plan, rows).Evaluations()[0].Tables[0].Grid()
	require.Len(t, grid.Rows, maxTrendRows)
	require.EqualValues(t, 251-maxTrendRows, grid.LeftOut)
	require.Equal(t, "2026-03-30T03:00:00+02:00", grid.Rows[maxTrendRows-1].Values[0])
}

// TestTrendByDepth has a map in any order, where the second stage stands for any two.
func TestTrendByDepth(t *testing.T) {
	policy := Policy{Order: AnyOrder, Window: 20 * time.Hour, Entry: Best, Ties: EitherOrder, Conversions: InWindow}
	plan := TablePlan(Trend{Period: Day, From: "a", To: "b"}, Epoch, Epoch+Daily, Epoch+9*Daily)
	stagesAB(&plan, policy)
	plan.Tables = append(plan.Tables, NamedTable{Name: "t", Table: TimeToConvert{}})
	plan.Periods = []Period{Range(Epoch, Epoch+Daily, Epoch+9*Daily, policy)}
	rows := []Row{
		{Person: 1, Time: Epoch + 2*Hourly, Seq: 1, Name: "B"}, {Person: 1, Time: Epoch + 5*Hourly, Seq: 2, Name: "A"},
		{Person: 2, Time: Epoch + 2*Hourly, Seq: 3, Name: "B"},
	}
	eval := Run(t, plan, rows).Evaluations()[0]
	periods := eval.Tables[0].(*TrendSums).Periods
	require.EqualValues(t, 2, periods[len(periods)-1].Entered+periods[0].Entered)
	require.EqualValues(t, 1, periods[len(periods)-1].Converted+periods[0].Converted)
	mean, ok := eval.Tables[1].(*TimeToConvertSums).Mean()
	require.True(t, ok)
	require.Equal(t, "10800.000", mean.String(), "from the first stage reached to the second, whichever they are")
}

// TestTrendOfEntries counts a person as often as he enters, each time in the period of the entry.
func TestTrendOfEntries(t *testing.T) {
	policy := Policy{Order: Ordered, Window: 3 * time.Hour, Entry: First, Ties: EitherOrder, Conversions: InWindow, Count: Entries}
	plan := TablePlan(Trend{Period: Day}, Epoch, Epoch+2*Daily, Epoch+2*Daily)
	stagesAB(&plan, policy)
	plan.Calendar = Calendar{}
	plan.Periods = []Period{Range(Epoch, Epoch+2*Daily, Epoch+2*Daily-1, policy)}
	var rows []Row
	for i, e := range []struct {
		hour int64
		name string
	}{{1, "A"}, {2, "A"}, {3, "B"}, {5, "A"}, {20, "A"}, {26, "B"}, {46, "A"}, {47, "B"}} {
		rows = append(rows, Row{Person: 1, Time: Epoch + e.hour*Hourly, Seq: int64(i + 1), Name: e.name})
	}
	require.Equal(t, []TrendPeriod{
		{Start: Epoch, Entered: 3, Converted: 1}, {Start: Epoch + Daily, Entered: 1, Converted: 1, Provisional: true},
	}, Run(t, plan, rows).Evaluations()[0].Tables[0].(*TrendSums).Periods)
}

func TestTrendsThatCannotBe(t *testing.T) {
	for want, table := range map[string]Table{
		"spec.tables[0].trend.period: there is no period":          Trend{Period: "Year"},
		"spec.tables[0].trend.from: the map has no stage \"x\"":    Trend{Period: Day, From: "x"},
		"spec.tables[0].trend.to: stage \"a\" does not come after": Trend{Period: Day, From: "b", To: "a"},
		"spec.tables[0].timeToConvert.to: the map has no stage":    TimeToConvert{To: "x"},
		"spec.tables[0].timeToConvert.to: has to be another stage": TimeToConvert{From: "b", To: "b"},
		"spec.tables[0].timeToConvert.bins: at most 60":            TimeToConvert{Bins: 61},
	} {
		plan := TablePlan(table, 0, Daily, Daily)
		stagesAB(&plan, plan.Policy)
		_, err := NewEngine(plan)
		require.ErrorContains(t, err, want)
	}
}
