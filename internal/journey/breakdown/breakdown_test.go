// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package breakdown_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// valued is a case for the reference with values of events.
type valued struct {
	journeytest.Case
	values []string
}

// period returns a period in which all attempts are mature.
func (c *valued) period() journey.Period {
	return journey.Period{From: c.From, To: c.To, YoungTo: c.To, AsOf: 100, Limit: c.Limit, YoungLimit: c.Limit, EventsFrom: c.From, EventsTo: c.To}
}

func (c *valued) inSpan(t int64) bool { return t >= c.From && t <= c.period().SpanEnd(c.Policy) }

// groups returns the attempt that counts for each value, computed from the definitions.
func (c *valued) groups(attribution journey.Attribution, stage int) map[string]*journeytest.Chain {
	out := map[string]*journeytest.Chain{}
	switch attribution {
	case journey.FirstValue, journey.LastValue:
		var found string
		for i, e := range c.Events {
			if e.Stages != 0 && c.inSpan(e.Time) && c.values[i] != "" && (found == "" || attribution == journey.LastValue) {
				found = c.values[i]
			}
		}
		out[found] = c.Best()
	case journey.AllValues:
		for _, value := range c.values {
			only := c.Case
			only.Events = nil
			for i, e := range c.Events {
				if c.values[i] == value {
					only.Events = append(only.Events, e)
				}
			}
			out[value] = only.Best()
		}
	case journey.StageValue:
		for k, e := range c.Events {
			if e.Stages&(1<<stage) == 0 || !c.inSpan(e.Time) {
				continue
			}
			only := c.Case
			only.Events = slices.Clone(c.Events)
			for i := range only.Events {
				if c.values[i] != c.values[k] {
					only.Events[i].Stages &^= 1 << stage
				}
			}
			if best := only.Best(); best != nil && best.Required > stage {
				out[c.values[k]] = best
			}
		}
	}
	for value, chain := range out {
		if chain == nil {
			delete(out, value)
		}
	}
	return out
}

// The groups of one person are those that the reference finds by brute force.
func TestBreakdownsEqualReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := valued{Case: journeytest.DrawCase(t, journey.Ordered, journey.Strict, journey.AnyOrder)}
		c.Optional = 0
		attributions := []journey.Attribution{journey.FirstValue, journey.LastValue, journey.AllValues}
		if c.Policy.Order != journey.AnyOrder {
			attributions = append(attributions, journey.StageValue)
		}
		b := journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: rapid.SampledFrom(attributions).Draw(t, "attribution")}
		stage := rapid.IntRange(0, c.Stages-1).Draw(t, "stage")
		if b.Attribution == journey.StageValue {
			b.Stage = fmt.Sprint("s", stage)
		}
		rows := c.Rows()
		for i := range rows {
			c.values = append(c.values, rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "value"))
			if c.values[i] != "" || rapid.Bool().Draw(t, "written") {
				rows[i].Properties = fmt.Sprintf(`{"v":%q}`, c.values[i])
			}
		}
		plan := c.Plan(c.period())
		plan.Breakdowns = []journey.Breakdown{b}
		got := map[string]breakdown.Placement{}
		plan.Each = func(v *metric.View, groups [][]breakdown.Placement) {
			for _, p := range groups[0] {
				got[p.Values()[0]] = p
				for s := range c.Stages {
					require.True(t, !p.Attempt.Has(s) || v.Person.Events[p.Attempt.Event[s]].Stages&(1<<s) != 0, "stage %d has an event that cannot enter it", s)
				}
			}
		}
		e := journeytest.Run(t, plan, rows)
		want := c.groups(b.Attribution, stage)
		require.Len(t, got, len(want))
		for value, chain := range want {
			p, ok := got[value]
			require.True(t, ok, "there is no group %q", value)
			require.Equal(t, chain.Required, p.Attempt.Depth(), "depth in %q", value)
			require.Equal(t, chain.Entry, p.Attempt.Entry, "entry in %q", value)
			require.Equal(t, chain.Required == c.Stages, p.Converted)
			f := e.Evaluations()[0].Breakdowns[0].Of([]string{value}).Funnel
			for k := range f.Depth {
				require.Equal(t, chain.Required > k, f.Depth[k] == 1)
			}
		}
	})
}

// breakdownPlan returns a map of two stages, A and B, with a KPI of attempts and one of events.
func breakdownPlan(b journey.Breakdown) engine.Plan {
	policy := journey.Policy{Order: journey.Ordered, Window: time.Hour, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	return engine.Plan{
		Map: journey.Map{Stages: []journey.Stage{
			{Name: "a", Touchpoints: []journey.Touchpoint{{Name: "a", Match: journeytest.EventA()}}}, {Name: "b", Touchpoints: []journey.Touchpoint{{Name: "b", Match: journeytest.EventB()}}},
		}},
		Policy: policy, Periods: []journey.Period{journey.Range(0, 1000*journeytest.Second, 100_000*journeytest.Second, policy)}, Breakdowns: []journey.Breakdown{b},
		KPIs: []metric.Named{{Name: "share", Metric: kpi.ConversionRate{From: "a", To: "b"}}, {Name: "count", Metric: kpi.EventCount{Match: journeytest.EventA()}}},
	}
}

// valueRow returns an event with a value.
func valueRow(person uint64, at int64, name, value string) journey.Row {
	return journey.Row{
		Person: person, Time: at * journeytest.Second, Seq: at + 1, Name: name, Kind: event.Track, Properties: fmt.Sprintf(`{"v":%q}`, value), Channel: "web",
	}
}

// Limit, order of equal groups, empty value and the group of other values, with the KPIs of groups.
func TestLargestGroups(t *testing.T) {
	plan := breakdownPlan(journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: journey.FirstValue})
	var rows []journey.Row
	for i, value := range []string{"x", "x", "x", "", "", "z", "y", journey.OtherName} {
		rows = append(rows, valueRow(uint64(i), 1, "A", value))
		if i%2 == 0 {
			rows = append(rows, valueRow(uint64(i), 2, "B", "late"))
		}
	}
	sums := journeytest.Run(t, plan, rows).Evaluations()[0].Breakdowns[0]
	// Persons 3 and 4 have no value at A. Person 4 has one at B.
	require.Equal(t, []string{"x 3 2", " 1 0", "late 1 1", "other 1 0", "y 1 1", "z 1 0"}, journeytest.Groups(sums.Largest(10)))
	require.Equal(t, []string{"x 3 2", " 1 0", "(rest) 4 2"}, journeytest.Groups(sums.Largest(2)))
	require.Equal(t, 6, sums.Values())
	customers, converted := sums.Rest(sums.Largest(2))
	require.EqualValues(t, []int64{4, 2}, []int64{customers, converted})
	x := sums.Of([]string{"x"})
	require.Equal(t, "0.6667", x.KPIs[0].Value().Number.String())
	require.Nil(t, x.KPIs[1], "events are of no group")
	require.Nil(t, sums.Of([]string{"nobody"}))
}

// A combined value is empty only if all its parts are empty.
func TestCombinedValues(t *testing.T) {
	plan := breakdownPlan(journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v", "channel"}, Attribution: journey.FirstValue})
	rows := []journey.Row{valueRow(1, 1, "A", ""), valueRow(2, 1, "A", "x"), valueRow(3, 1, "A", "")}
	rows[2].Channel = ""
	rows = append(rows, valueRow(4, 1, "A", ""), valueRow(4, 2, "B", "[\"x\",\"web\"]"))
	rows[3].Channel = ""
	groups := journeytest.Run(t, plan, rows).Evaluations()[0].Breakdowns[0].Largest(10)
	require.Equal(t, []string{"+ 1 0", "+web 1 0", "[\"x\",\"web\"]+web 1 1", "x+web 1 0"}, journeytest.Groups(groups))
}

// In the order Any, the value at the stage counts, wherever the stage is in the attempt.
func TestStageValueInAnyOrder(t *testing.T) {
	plan := breakdownPlan(journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: journey.StageValue, Stage: "b"})
	plan.Policy.Order = journey.AnyOrder
	rows := []journey.Row{
		valueRow(1, 1, "B", "x"), valueRow(1, 2, "A", "y"), valueRow(1, 3, "B", "z"), valueRow(2, 1, "A", "x"),
	}
	groups := journeytest.Run(t, plan, rows).Evaluations()[0].Breakdowns[0].Largest(10)
	require.Equal(t, []string{"x 1 1", "z 1 1"}, journeytest.Groups(groups), "person 2 never did B")
}

// With stageByPosition, an attempt counts with the value of its second event, and with one stage under the other values.
func TestStageByPosition(t *testing.T) {
	plan := breakdownPlan(journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: journey.StageValue, Stage: "b", ByPlace: true})
	_, err := engine.New(plan)
	require.ErrorContains(t, err, "spec.breakdownBy[0].compat: is for the attribution Stage in the order Any")
	plan.Policy.Order = journey.AnyOrder
	rows := []journey.Row{
		valueRow(1, 1, "B", "x"), valueRow(1, 2, "A", "y"), valueRow(1, 3, "B", "z"), valueRow(2, 1, "A", "x"), valueRow(3, 1, "A", "z"), valueRow(3, 2, "B", "z"),
	}
	groups := journeytest.Run(t, plan, rows).Evaluations()[0].Breakdowns[0].Largest(10)
	require.Equal(t, []string{"z 2 1", "x 1 0", "y 1 1"}, journeytest.Groups(groups))
	require.Equal(t, []int64{2, 1}, groups[0].Funnel.Depth, "person 1 with one stage, person 3 with both")
}

// The number of groups of a run and of values of a person is limited, and all persons are counted.
func TestManyValues(t *testing.T) {
	b := journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: journey.StageValue, Stage: "a"}
	var rows []journey.Row
	for i := range int64(3 * breakdown.MaxOwnValues) {
		rows = append(rows, valueRow(7, i, "A", fmt.Sprintf("v%03d", i)))
	}
	sums := journeytest.Run(t, breakdownPlan(b), rows).Evaluations()[0].Breakdowns[0]
	require.Equal(t, breakdown.MaxOwnValues, sums.Values())
	groups := sums.Largest(breakdown.MaxOwnValues)
	require.True(t, groups[breakdown.MaxOwnValues].Other)
	require.EqualValues(t, 1, groups[breakdown.MaxOwnValues].Funnel.Customers)

	rows = nil
	for i := range uint64(journey.MaxGroups + 50) {
		rows = append(rows, valueRow(i, 1, "A", fmt.Sprintf("v%d", i)))
	}
	b = journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: journey.FirstValue}
	sums = journeytest.Run(t, breakdownPlan(b), rows).Evaluations()[0].Breakdowns[0]
	require.Equal(t, journey.MaxGroups, sums.Values())
	groups = sums.Largest(10)
	require.Len(t, groups, 11)
	require.EqualValues(t, journey.MaxGroups+40, groups[10].Funnel.Customers)
}

func TestInvalidBreakdowns(t *testing.T) {
	for want, b := range map[string]journey.Breakdown{
		"spec.breakdownBy[0].by: unsupported value":                {By: "Moon"},
		"spec.breakdownBy[0].keys: must list 1 to 3 keys":          {By: journey.ByProperty, Attribution: journey.FirstValue},
		"spec.breakdownBy[0].keys[1]: there is no key":             {By: journey.ByProperty, Attribution: journey.FirstValue, Keys: []string{"channel", "moon"}},
		"spec.breakdownBy[0].attribution: unsupported value":       {By: journey.ByChannel, Attribution: "Middle"},
		"spec.breakdownBy[0].stage: the map has no stage \"moon\"": {By: journey.ByChannel, Attribution: journey.StageValue, Stage: "moon"},
	} {
		_, err := engine.New(breakdownPlan(b))
		require.ErrorContains(t, err, want)
	}
	plan := breakdownPlan(journey.Breakdown{By: journey.ByPersona})
	plan.Breakdowns = make([]journey.Breakdown, journey.MaxBreakdowns+1)
	_, err := engine.New(plan)
	require.ErrorContains(t, err, "at most 4 breakdowns")
}
