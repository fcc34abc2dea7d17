// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
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
)

// This file compares the tables about customers with slow and simple references, and tests properties of all tables.

// checkTable draws events and a time of analysis, and compares a table with its reference, both as a whole and merged from shards.
func checkTable(t *testing.T, draw func(t *rapid.T) metric.Metric, compare func(t *rapid.T, table metric.Metric, period *journey.Period, c *journey.Calendar, byPerson [][]journey.Row, got metric.Sums)) {
	rapid.Check(t, func(t *rapid.T) {
		table, rows := draw(t), journeytest.DrawRows(t)
		from := journeytest.Epoch + rapid.Int64Range(-2, 12).Draw(t, "from")*journeytest.Daily + 7*journeytest.Hourly
		to := from + rapid.Int64Range(1, 12).Draw(t, "length")*journeytest.Daily
		asOf := from + rapid.Int64Range(0, 20*24).Draw(t, "asOf")*journeytest.Hourly
		plan := journeytest.TablePlan(table, from, to, asOf)
		engine := journeytest.Run(t, plan, rows)
		byPerson := make([][]journey.Row, 5)
		for _, r := range journeytest.InOrder(rows) {
			if r.Time <= asOf {
				byPerson[r.Person] = append(byPerson[r.Person], r)
			}
		}
		got := engine.Evaluations()[0].Tables[0]
		compare(t, table, &plan.Periods[0], &plan.Calendar, byPerson, got)
		var shards [2][]journey.Row
		for _, r := range rows {
			shards[r.Person%2] = append(shards[r.Person%2], r)
		}
		merged := journeytest.Run(t, plan, shards[0])
		merged.Merge(journeytest.Run(t, plan, shards[1]))
		require.Equal(t, got.Grid(), merged.Evaluations()[0].Tables[0].Grid())
		since := plan.Since()
		rows = slices.DeleteFunc(rows, func(r journey.Row) bool {
			return r.Time < since
		})
		require.Equal(t, got.Grid(), journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid(), "what the plan does not ask for is not needed")
	})
}

func drawRetention(t *rapid.T) metric.Metric {
	r := Retention{
		Start: journeytest.EventA(), Return: rapid.SampledFrom([][]journey.Match{journeytest.EventA(), journeytest.EventB(), {{}}}).Draw(t, "return"),
		Period:  rapid.SampledFrom([]journey.Unit{journey.Day, journey.Day, journey.Week, journey.Hour}).Draw(t, "period"),
		Cohorts: rapid.SampledFrom([]int{1, 2, 5, 31, 60}).Draw(t, "cohorts"), Rolling: rapid.Bool().Draw(t, "rolling"),
		FirstTime: rapid.Bool().Draw(t, "firstTime"), OnOrAfter: rapid.Bool().Draw(t, "onOrAfter"), MinEvents: rapid.IntRange(0, 2).Draw(t, "minEvents"),
		Brackets: rapid.SampledFrom([][]int{nil, {1}, {2, 3}, {1, 4, 9}}).Draw(t, "brackets"), Counts: rapid.Bool().Draw(t, "counts"),
	}
	return r
}

// retained computes from the definition whether a person came back in periods from <= j <= to after an entry in the period of a cohort.
func (r Retention) retained(rows []journey.Row, c *journey.Calendar, start, entry, end int64, from, to int) bool {
	for j := from; j <= to; j++ {
		low, high := c.Add(start, r.Period, j), c.Add(start, r.Period, j+1)
		if r.Rolling {
			low, high = entry+int64(j)*r.Period.Elapsed(), entry+int64(j+1)*r.Period.Elapsed()
		}
		n := 0
		for _, row := range rows {
			if row.Time >= low && row.Time < high && row.Time < end && slices.ContainsFunc(r.Return, func(m journey.Match) bool { return m.Event == "" || m.Event == row.Name }) {
				n++
			}
		}
		if n >= max(1, r.MinEvents) {
			return true
		}
	}
	return false
}

func TestRetentionAgainstReference(t *testing.T) {
	checkTable(t, drawRetention, func(t *rapid.T, table metric.Metric, period *journey.Period, c *journey.Calendar, byPerson [][]journey.Row, got metric.Sums) {
		r, s := table.(Retention), got.(*RetentionSums)
		if period.EventsFrom >= period.EventsTo {
			require.Empty(t, s.Cohorts)
			return
		}
		last := c.Start(period.EventsTo-1, r.Period)
		end := c.Add(last, r.Period, 1)
		for i := range s.Cohorts {
			start := c.Add(last, r.Period, i-len(s.Cohorts)+1)
			require.Equal(t, start, s.Starts()[i])
			want := make([]int64, len(s.Cohorts[i]))
			for _, rows := range byPerson {
				starts := slices.DeleteFunc(slices.Clone(rows), func(row journey.Row) bool { return row.Name != "A" })
				if r.FirstTime {
					starts = starts[:min(1, len(starts))]
				}
				k := slices.IndexFunc(starts, func(row journey.Row) bool { return row.Time >= start && row.Time < c.Add(start, r.Period, 1) })
				if k < 0 {
					continue
				}
				want[0]++
				for column := 1; column < len(want); column++ {
					from, to := s.brackets[column-1].from, s.brackets[column-1].to
					if r.OnOrAfter {
						to = MaxCohorts
					}
					if r.retained(rows, c, start, starts[k].Time, end, from, to) {
						want[column]++
					}
				}
			}
			require.Equal(t, want, s.Cohorts[i], "cohort %d", i)
		}
	})
}

func TestLifecycleAgainstReference(t *testing.T) {
	draw := func(t *rapid.T) metric.Metric {
		return Lifecycle{Event: journeytest.EventA(), Period: rapid.SampledFrom([]journey.Unit{journey.Day, journey.Week, journey.Hour}).Draw(t, "period"), New: rapid.SampledFrom([]NewBy{FirstEvent, FirstMatch}).Draw(t, "new")}
	}
	checkTable(t, draw, func(t *rapid.T, table metric.Metric, _ *journey.Period, c *journey.Calendar, byPerson [][]journey.Row, got metric.Sums) {
		l, s := table.(Lifecycle), got.(*LifecycleSums)
		active := func(rows []journey.Row, name string, from, to int64) bool {
			return slices.ContainsFunc(rows, func(r journey.Row) bool { return (name == "" || r.Name == name) && r.Time >= from && r.Time < to })
		}
		for i, start := range s.Starts() {
			before, end := c.Add(start, l.Period, -1), c.Add(start, l.Period, 1)
			kind := "A"
			if l.New == FirstEvent {
				kind = ""
			}
			var want LifecycleCounts
			for _, rows := range byPerson {
				now, then := active(rows, "A", start, end), active(rows, "A", before, start)
				known := !active(rows, kind, 0, start) && active(rows, kind, start, end)
				switch {
				case now && known:
					want.New++
				case now && then:
					want.Returning++
				case now:
					want.Resurrecting++
				case then:
					want.Dormant--
				}
			}
			require.Equal(t, want, s.Statuses[i], "period %d", i)
		}
	})
}

func TestConditionRetentionAgainstReference(t *testing.T) {
	draw := func(t *rapid.T) metric.Metric {
		var out ConditionRetention
		for range rapid.IntRange(1, 4).Draw(t, "conditions") {
			out.Conditions = append(out.Conditions, EventOnDay{
				Event: rapid.SampledFrom([][]journey.Match{journeytest.EventA(), journeytest.EventB(), {{}}}).Draw(t, "event"),
				Day:   rapid.SampledFrom([]string{"", "2026-03-25", "2026-03-29"}).Draw(t, "day"),
			})
		}
		return out
	}
	checkTable(t, draw, func(t *rapid.T, table metric.Metric, period *journey.Period, _ *journey.Calendar, byPerson [][]journey.Row, got metric.Sums) {
		list := table.(ConditionRetention).Conditions
		met := func(rows []journey.Row, c EventOnDay) bool {
			return slices.ContainsFunc(rows, func(r journey.Row) bool {
				return r.Time >= period.EventsFrom && r.Time < period.EventsTo && (c.Event[0].Event == "" || c.Event[0].Event == r.Name) &&
					(c.Day == "" || time.UnixMicro(r.Time).In(journeytest.Berlin).Format(time.DateOnly) == c.Day)
			})
		}
		want := make([]int64, len(list))
		for _, rows := range byPerson {
			for k := range list {
				if met(rows, list[0]) && met(rows, list[k]) {
					want[k]++
				}
			}
		}
		require.Equal(t, want, got.(*ConditionSums).Counts)
	})
}

// A table whose last day has not ended.
func TestRetentionGrid(t *testing.T) {
	first := time.Date(2026, 3, 28, 0, 0, 0, 0, journeytest.Berlin).UnixMicro()
	at := func(person uint64, day, hour int64, name string) journey.Row {
		return journey.Row{Person: person, Time: first + day*journeytest.Daily + hour*journeytest.Hourly, Name: name}
	}
	rows := []journey.Row{
		at(1, 0, 8, "A"), at(2, 0, 9, "A"), at(1, 1, 8, "B"), at(2, 2, 9, "B"), at(3, 1, 9, "A"), at(3, 2, 9, "B"),
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	table := Retention{Start: journeytest.EventA(), Return: journeytest.EventB(), Period: journey.Day, Cohorts: 3, FirstTime: true}
	grid := func(table Retention) metric.Grid {
		asOf := first + 2*journeytest.Daily + 12*journeytest.Hourly
		return journeytest.Run(t, journeytest.TablePlan(table, first, asOf, asOf), rows).Evaluations()[0].Tables[0].Grid()
	}
	require.Equal(t, metric.Grid{
		Columns: []metric.Column{{Name: "cohort", Unit: metric.UnitTime}, {Name: "customers", Unit: metric.UnitCount}, {Name: "day 1", Unit: metric.UnitRatio}, {Name: "day 2", Unit: metric.UnitRatio}},
		Rows: []metric.GridRow{
			{Values: []string{"2026-03-28T00:00:00+01:00", "2", "0.5000", "0.5000"}, Provisional: true, ProvisionalFrom: 3},
			{Values: []string{"2026-03-29T00:00:00+01:00", "1", "1.0000", ""}, Provisional: true, ProvisionalFrom: 2},
			{Values: []string{"2026-03-30T00:00:00+02:00", "0", "", ""}, Provisional: true, ProvisionalFrom: 1},
			{Values: []string{"all", "3", "0.5000", ""}},
		},
		Samples: 3,
	}, grid(table))
	table.OnOrAfter, table.Counts = true, true
	require.Equal(t, []metric.GridRow{
		{Values: []string{"2026-03-28T00:00:00+01:00", "2", "2", "1"}, Provisional: true, ProvisionalFrom: 2},
		{Values: []string{"2026-03-29T00:00:00+01:00", "1", "1", ""}, Provisional: true, ProvisionalFrom: 2},
		{Values: []string{"2026-03-30T00:00:00+02:00", "0", "", ""}, Provisional: true, ProvisionalFrom: 1},
		{Values: []string{"all", "3", "2", ""}},
	}, grid(table).Rows, "whoever comes back later raises all columns before")
	table = Retention{Start: journeytest.EventA(), Return: journeytest.EventB(), Period: journey.Day, Cohorts: 3, FirstTime: true, Rolling: true}
	require.Equal(t, 2, grid(table).Rows[0].ProvisionalFrom, "the second customer's day 1 ends on day 2 at 9, the last possible one's at midnight")
}

func TestLifecycleByTheTraitCreatedAt(t *testing.T) {
	first := time.Date(2026, 3, 28, 0, 0, 0, 0, journeytest.Berlin).UnixMicro()
	rows := []journey.Row{
		{Person: 1, Time: first - 5*journeytest.Daily, Kind: event.Identify, Traits: `{"createdAt":"2026-03-28"}`},
		{Person: 1, Time: first + journeytest.Hourly, Name: "A"},
		{Person: 2, Time: first + journeytest.Hourly, Name: "A", Traits: `{"createdAt":"2026-03-30T22:00:00Z"}`},
		{Person: 2, Time: first + 2*journeytest.Daily, Name: "A"},
		{Person: 3, Time: first + journeytest.Hourly, Name: "A", Traits: `{"createdAt":"yesterday"}`},
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	table := Lifecycle{Event: journeytest.EventA(), Period: journey.Day, New: CreatedAt}
	plan := journeytest.TablePlan(table, first, first+3*journeytest.Daily-journeytest.Hourly, first+10*journeytest.Daily)
	require.True(t, plan.Needs().Traits)
	require.Equal(t, []metric.GridRow{
		{Values: []string{"2026-03-28T00:00:00+01:00", "2", "0", "1", "0"}},
		{Values: []string{"2026-03-29T00:00:00+01:00", "0", "0", "0", "-3"}},
		{Values: []string{"2026-03-30T00:00:00+02:00", "0", "0", "1", "0"}},
	}, journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid().Rows, "a text that is no time is passed over")
}

func TestStickinessCumulative(t *testing.T) {
	var rows []journey.Row
	for person, days := range []int64{1, 1, 3} {
		for d := range days {
			rows = append(rows, journey.Row{Person: uint64(person), Time: journeytest.Epoch + d*journeytest.Daily, Seq: int64(len(rows) + 1), Name: "A"})
		}
	}
	plan := journeytest.TablePlan(Stickiness{Event: journeytest.EventA(), Period: journey.Day, Cumulative: true}, journeytest.Epoch, journeytest.Epoch+4*journeytest.Daily, journeytest.Epoch+9*journeytest.Daily)
	require.Equal(t, []metric.GridRow{{Values: []string{"1", "3", "1.0000"}}, {Values: []string{"3", "1", "0.3333"}}}, journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid().Rows)
}

func TestInvalidTables(t *testing.T) {
	for want, table := range map[string]metric.Metric{
		`retention.period: there is no period ""`:                                                      Retention{Cohorts: 1},
		`retention.windows: Rolling goes with the periods Hour, Day and Week, months differ in length`: Retention{Period: journey.Month, Rolling: true, Cohorts: 1},
		`retention.cohorts: from 1 to 60`:                                                              Retention{Period: journey.Day, Cohorts: 61},
		`retention.brackets[1]: brackets must increase, from 1 to 59`:                                  Retention{Period: journey.Day, Cohorts: 5, Brackets: []int{3, 3}},
		`lifecycle.period: there is no period "Year"`:                                                  Lifecycle{Period: "Year", New: FirstEvent},
		`lifecycle.new: there is no ""`:                                                                Lifecycle{Period: journey.Day},
		`conditionRetention.conditions[0].day: "2026-02-30" is not a date`:                             ConditionRetention{Conditions: []EventOnDay{{Day: "2026-02-30"}}},
		`conditionRetention.conditions: from 1 to 32`:                                                  ConditionRetention{},
	} {
		_, err := engine.New(journeytest.TablePlan(table, 0, 10, 10))
		require.EqualError(t, err, fmt.Sprint("spec.tables[0].", want))
	}
}
