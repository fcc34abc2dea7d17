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

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

func stepPlan(t metric.Metric) engine.Plan {
	plan := engine.Plan{Map: journeytest.TwoStages(), Policy: journeytest.Plain, Tables: []metric.Named{{Name: "table", Metric: t}}}
	plan.Periods = []journey.Period{journey.Range(5*journeytest.Second, 50*journeytest.Second, 1000*journeytest.Second, journeytest.Plain)}
	return plan
}

func drawWalk(t *rapid.T) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		return journeytest.Did(rapid.Uint64Range(1, 4).Draw(t, "person"), rapid.Int64Range(0, 55).Draw(t, "time"), rapid.SampledFrom([]string{"See", "Buy", "Chat", "Help"}).Draw(t, "name"))
	}), 0, 50).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return rows
}

// refSteps writes every path as a list of strings, and counts neighbours.
func refSteps(tr Transitions, rows []journey.Row) map[string][2]int64 {
	out := map[string][2]int64{}
	for person := range uint64(5) {
		var paths [][]string
		last := int64(-1)
		for _, r := range journeytest.InOrder(rows) {
			item := map[Between]string{
				BetweenEvents: r.Name, BetweenStages: map[string]string{"See": "see", "Buy": "buy"}[r.Name],
				BetweenTouchpoints: map[string]string{"See": "see/see", "Buy": "buy/buy"}[r.Name],
			}[tr.Between]
			if r.Person != person || item == "" || r.Time < 5*journeytest.Second || r.Time >= 50*journeytest.Second {
				continue
			}
			if last < 0 || tr.SessionGap > 0 && r.Time-last >= tr.SessionGap.Microseconds() {
				paths = append(paths, nil)
			}
			last = r.Time
			paths[len(paths)-1] = append(paths[len(paths)-1], item)
		}
		seen := map[string]bool{}
		for _, p := range paths {
			if tr.Collapse {
				p = slices.Compact(p)
			}
			p = slices.Concat([]string{PathStart}, p, []string{PathEnd})
			for i := 1; i < len(p); i++ {
				key := p[i-1] + ">" + p[i]
				n := out[key]
				n[0]++
				if !seen[key] {
					n[1]++
				}
				seen[key] = true
				out[key] = n
			}
		}
	}
	return out
}

func TestTransitionsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := Transitions{
			Event: []journey.Match{{}}, Between: rapid.SampledFrom([]Between{BetweenEvents, BetweenStages, BetweenTouchpoints}).Draw(t, "between"),
			SessionGap: time.Duration(rapid.IntRange(0, 10).Draw(t, "gap")) * time.Second, Collapse: rapid.Bool().Draw(t, "collapse"),
		}
		rows := drawWalk(t)
		whole := journeytest.Run(t, stepPlan(tr), rows)
		got, sums := map[string][2]int64{}, map[string]int64{}
		for _, s := range whole.Evaluations()[0].Tables[0].(*TransitionSums).Steps() {
			got[s.From+">"+s.To] = [2]int64{s.Times, s.Customers}
			sums[s.From] += s.Times
		}
		require.Equal(t, refSteps(tr, rows), got)
		for _, s := range whole.Evaluations()[0].Tables[0].(*TransitionSums).Steps() {
			require.Equal(t, sums[s.From], s.OfAll, "the probabilities of one source sum to 1")
		}
		var parts [2][]journey.Row
		for _, r := range rows {
			parts[r.Person%2] = append(parts[r.Person%2], r)
		}
		merged := journeytest.Run(t, stepPlan(tr), parts[0])
		merged.Merge(journeytest.Run(t, stepPlan(tr), parts[1]))
		require.Equal(t, whole.Evaluations()[0].Tables[0].Grid(), merged.Evaluations()[0].Tables[0].Grid())
	})
}

// TestStepsBetweenStages has the example in the docs.
func TestStepsBetweenStages(t *testing.T) {
	stage := func(name string) journey.Stage {
		return journey.Stage{Name: name, Touchpoints: []journey.Touchpoint{{Name: "t", Match: []journey.Match{{Event: name}}}}}
	}
	plan := stepPlan(Transitions{Event: []journey.Match{{}}, Between: BetweenStages, Collapse: true})
	plan.Map = journey.Map{Stages: []journey.Stage{stage("1"), stage("2"), stage("3")}}
	rows := []journey.Row{journeytest.Did(1, 10, "1"), journeytest.Did(1, 11, "3"), journeytest.Did(1, 12, "3"), journeytest.Did(1, 13, "1"), journeytest.Did(2, 10, "2"), journeytest.Did(2, 11, "3")}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	g := journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid()
	var got []string
	for _, r := range g.Rows {
		got = append(got, fmt.Sprint(r.Values))
	}
	require.Equal(t, []string{
		"[(start) 1 entry 1 0.5000 1]", "[(start) 2 entry 1 0.5000 1]",
		"[1 (end) exit 1 0.5000 1]", "[1 3 skip 1 0.5000 1]", "[2 3 next 1 1.0000 1]", "[3 (end) exit 1 0.5000 1]", "[3 1 return 1 0.5000 1]",
	}, got)
	require.EqualValues(t, 2, g.Samples)
}

func TestDriversAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawWalk(t)
		d := Drivers{Event: []journey.Match{{}}, Key: "event", MinCustomers: 1}
		whole := journeytest.Run(t, stepPlan(d), rows)
		// The window is 10 seconds: customers who see and buy within it convert. The attempt that counts is the earliest one that converts, else the first
		// one.
		with, all := map[string][2]int64{}, [2]int64{}
		for person := range uint64(5) {
			entry, end, outcome := refAttempt(journeytest.InOrder(rows), person)
			if outcome < 0 {
				continue
			}
			all[outcome]++
			seen := map[string]bool{}
			for _, r := range rows {
				if r.Person == person && r.Time >= entry && r.Time < end && !seen[r.Name] {
					seen[r.Name] = true
					n := with[r.Name]
					n[outcome]++
					with[r.Name] = n
				}
			}
		}
		s := whole.Evaluations()[0].Tables[0].(*DriverSums)
		require.Equal(t, all, [2]int64{s.Lost, s.Converted})
		got := map[string][2]int64{}
		for text, sums := range s.met {
			got[s.texts.Text(text)] = [2]int64{sums.lost, sums.converted}
		}
		require.Equal(t, with, got)
		var parts [2][]journey.Row
		for _, r := range rows {
			parts[r.Person%2] = append(parts[r.Person%2], r)
		}
		merged := journeytest.Run(t, stepPlan(d), parts[0])
		merged.Merge(journeytest.Run(t, stepPlan(d), parts[1]))
		require.Equal(t, s.Grid(), merged.Evaluations()[0].Tables[0].Grid())
	})
}

// refAttempt returns the entry, the end of the examined time, and 1 for converted, 0 for dropped, -1 for no attempt. Simultaneous events can be used
// in any order.
func refAttempt(rows []journey.Row, person uint64) (entry, end int64, outcome int) {
	outcome = -1
	for i, see := range rows {
		if see.Person != person || see.Name != "See" || see.Time < 5*journeytest.Second || see.Time >= 50*journeytest.Second {
			continue
		}
		if outcome < 0 {
			entry, end, outcome = see.Time, see.Time+10*journeytest.Second+1, 0
		}
		for k, buy := range rows {
			if k != i && buy.Person == person && buy.Name == "Buy" && buy.Time >= see.Time && buy.Time <= see.Time+10*journeytest.Second {
				return see.Time, buy.Time, 1
			}
		}
	}
	return entry, end, outcome
}

// TestDriversAreRankedByCertainty has the example in the docs.
func TestDriversAreRankedByCertainty(t *testing.T) {
	var rows []journey.Row
	for i := range 1000 {
		person := uint64(i + 1)
		rows = append(rows, journeytest.Did(person, 10, "See"), journeytest.Did(person, 11, []string{"Chat", "Help"}[i%2]))
		errorPage := i < 100
		if errorPage {
			rows = append(rows, journeytest.Did(person, 12, "Error"))
		}
		if errorPage && i < 5 || !errorPage && i%4 == 0 {
			rows = append(rows, journeytest.Did(person, 15, "Buy"))
		}
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	list, skipped := journeytest.Run(t, stepPlan(Drivers{Event: []journey.Match{{Event: "Chat"}, {Event: "Error"}}, Key: "event", MinCustomers: 30}), rows).
		Evaluations()[0].Tables[0].(*DriverSums).List()
	require.Zero(t, skipped)
	byName := map[string]Driver{}
	for _, d := range list {
		byName[d.Name] = d
	}
	e := byName["Error"]
	require.InDelta(t, 0.1725, e.Odds.Ratio, 0.0001)
	require.InDelta(t, 0.0721, e.Odds.Interval.Low, 0.0001)
	require.InDelta(t, 0.4129, e.Odds.Interval.High, 0.0001)
	require.Less(t, e.Odds.P, 0.0001)
}
