// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// This file checks that the numbers of a run depend only on the events: not on the order of the input, on how persons are split into shards, on
// events that the map does not use, or on the calendar.

// testPlan returns a map of three stages with personas, and one KPI of each kind.
func testPlan(policy journey.Policy, periods ...journey.Period) engine.Plan {
	return engine.Plan{
		Map: journey.Map{
			Stages: []journey.Stage{
				{Name: "see", Touchpoints: []journey.Touchpoint{{Name: "ad", Channel: "social", Match: []journey.Match{{Event: "A"}}}, {Name: "site", Match: []journey.Match{{Event: "A"}, {Event: "AB"}}}}},
				{Name: "want", Optional: policy.Window%2 == 0, Touchpoints: []journey.Touchpoint{{Name: "cart", Match: []journey.Match{{Event: "B"}, {Event: "AB"}}}}},
				{Name: "buy", Touchpoints: []journey.Touchpoint{{Name: "order", Match: []journey.Match{{Event: "C", Where: []journey.Condition{{Key: "properties.ok", Operator: journey.In, Values: []string{"true"}}}}}}}},
			},
			Personas: []journey.Persona{
				{Name: "club", Where: []journey.Condition{{Key: "traits.tier", Operator: journey.In, Values: []string{"gold"}}}},
				{Name: "tills", Where: []journey.Condition{{Key: "channel", Operator: journey.In, Values: []string{"store"}}}},
			},
		},
		Policy: policy, Periods: periods,
		Exclude:      []journey.Condition{{Key: "properties.staff", Operator: journey.Exists}},
		IgnoreEvents: []string{"Ping"},
		KPIs: []metric.Named{
			{Name: "conversion", Metric: kpi.ConversionRate{From: "see", To: "buy"}},
			{Name: "orders", Metric: kpi.AverageOrderValue{Match: []journey.Match{{Event: "C"}}, Currency: "EUR"}},
			{Name: "score", Metric: kpi.NetPromoterScore{Match: []journey.Match{{Event: "Survey Responded"}}}},
			{Name: "count", Metric: kpi.EventCount{Match: []journey.Match{{Event: "A"}, {Event: "AB"}}}},
			{Name: "ratio", Metric: kpi.EventRatio{Numerator: []journey.Match{{Event: "B"}}, Denominator: []journey.Match{{Event: "A"}}}},
		},
		Breakdowns: []journey.Breakdown{
			{By: journey.ByPersona}, {By: journey.ByChannel, Attribution: journey.LastValue},
			{By: journey.ByProperty, Keys: []string{"properties.ok", "traits.tier"}, Attribution: journey.AllValues},
			{By: journey.ByProperty, Keys: []string{"channel"}, Attribution: journey.StageValue, Stage: "want"},
		},
		Tables: []metric.Named{{Name: "funnel", Metric: table.Funnel{}}, {Name: "time", Metric: table.TimeToConvert{To: "buy"}}},
	}
}

func drawPlan(t *rapid.T) engine.Plan {
	policy := journeytest.DrawPolicy(t, journey.Ordered, journey.Strict, journey.AnyOrder)
	policy.Window = time.Duration(rapid.IntRange(1, 20).Draw(t, "windowSeconds")) * time.Second
	policy.Conversions = rapid.SampledFrom([]journey.Conversions{journey.InWindow, journey.InRange}).Draw(t, "conversions")
	asOf := int64(rapid.IntRange(20, 60).Draw(t, "asOf")) * journeytest.Second
	period := journey.Lookback(asOf, int64(rapid.IntRange(1, 30).Draw(t, "lookback"))*journeytest.Second, policy)
	if rapid.Bool().Draw(t, "fixed") {
		from := int64(rapid.IntRange(0, 30).Draw(t, "from")) * journeytest.Second
		period = journey.Range(from, from+30*journeytest.Second, asOf, policy)
	}
	plan := testPlan(policy, period, period.Shift(-10*journeytest.Second))
	drawRules(t, &plan)
	require.NoError(t, plan.Policy.Validate())
	return plan
}

// drawRules adds some optional rules that can be combined.
func drawRules(t *rapid.T, plan *engine.Plan) {
	p, some := &plan.Policy, func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	plan.Map.Stages[0].Touchpoints[0].FirstEver = some("firstEver")
	if p.Order == journey.Ordered && p.Entry == journey.Best && some("compat") {
		plan.Map.Stages[1].Optional = false
		p.Compat = rapid.SliceOfNDistinct(rapid.SampledFrom([]journey.Compat{journey.StrictOrder, journey.StrictDeduplication, journey.StrictIncrease, journey.SharedEvents}),
			1, 4, rapid.ID).Draw(t, "rules")
		return
	}
	if some("entries") {
		p.Count = journey.Entries
	}
	if some("hold") {
		p.HoldConstant = []string{"channel"}
	}
	if some("exclusions") {
		p.Exclusions = []journey.Exclusion{{Match: []journey.Match{{Event: "Ping"}, {Event: "B"}}, Before: "buy"}, {Match: []journey.Match{{Event: "Other"}}, After: "want"}}
		p.OnExclusion = rapid.SampledFrom([]journey.OnExclusion{journey.Discard, journey.Stop}).Draw(t, "onExclusion")
	}
	switch {
	case p.Order == journey.Ordered && p.Ties == journey.EitherOrder && some("grace"):
		p.Grace = 2 * time.Second
	case p.Order != journey.AnyOrder && some("within"):
		p.Within = []time.Duration{0, 5 * time.Second}
	}
}

func drawRow(t *rapid.T) journey.Row {
	r := journey.Row{
		Person:    uint64(rapid.IntRange(0, 4).Draw(t, "person")),
		Time:      int64(rapid.IntRange(0, 60).Draw(t, "time")) * journeytest.Second,
		Source:    rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "source"),
		Channel:   rapid.SampledFrom([]string{"web", "social", "store"}).Draw(t, "channel"),
		Name:      rapid.SampledFrom([]string{"A", "B", "C", "AB", "Survey Responded", "Order Refunded", "Ping", "Other"}).Draw(t, "name"),
		Kind:      rapid.SampledFrom([]event.Kind{event.Track, event.Track, event.Track, event.Identify}).Draw(t, "kind"),
		Initiator: rapid.SampledFrom([]event.Initiator{event.Customer, event.Customer, event.Brand}).Draw(t, "initiator"),
		OrderID:   rapid.SampledFrom([]string{"", "o1", "o2"}).Draw(t, "order"),
		Amount:    rapid.Int64Range(0, 9).Draw(t, "amount") * event.MicroUnits,
		Currency:  rapid.SampledFrom([]string{"EUR", "EUR", "USD"}).Draw(t, "currency"),
		Properties: rapid.SampledFrom([]string{
			`{"ok":true}`, `{"ok":true}`, `{"ok":false}`, "", `{"staff":1}`,
		}).Draw(t, "properties"),
		Traits: rapid.SampledFrom([]string{"", "", `{"tier":"gold"}`, `{"tier":null}`, `{"age":3}`}).Draw(t, "traits"),
	}
	r.ReceivedAt = r.Time + int64(rapid.SampledFrom([]int{0, 5, 4000}).Draw(t, "delay"))*journeytest.Second
	if r.Name == "Survey Responded" {
		r.SurveyKind, r.Score = "nps", rapid.Int64Range(0, 11).Draw(t, "score")*event.MicroUnits
	}
	if rapid.IntRange(0, 9).Draw(t, "flag") == 0 {
		r.Flags = event.FlagTest
	}
	return r
}

func drawRows(t *rapid.T) []journey.Row { return drawSome(t, 0) }

// drawSome draws at least atLeast rows, with distinct positions in the order of arrival.
func drawSome(t *rapid.T, atLeast int) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(drawRow), atLeast, 40).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq, rows[i].Index = int64(1+i/5), int32(i%5)
	}
	withNobody(t, rows)
	return rows
}

func TestUnorderedRowsAreErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := journeytest.InOrder(drawSome(t, 2))
		i := rapid.IntRange(0, len(rows)-2).Draw(t, "i")
		if rapid.Bool().Draw(t, "twice") {
			rows[i+1] = rows[i]
		} else {
			rows[i], rows[i+1] = rows[i+1], rows[i]
		}
		e, err := engine.New(drawPlan(t))
		require.NoError(t, err)
		for j := range rows {
			e.Add(&rows[j])
		}
		require.ErrorContains(t, e.Close(), "out of order")
	})
}

// numbers formats all results of an engine.
func numbers(e *engine.Engine) string {
	counts := *e.Counts()
	out := fmt.Sprintf("%+v\n", counts)
	for _, eval := range e.Evaluations() {
		f := eval.Funnel
		out += fmt.Sprintln(f.Customers, f.Converted, f.YoungEntered, f.YoungConverted, f.Depth, f.Personas)
		for i := range f.Stages {
			s := &f.Stages[i]
			median, ok := s.Next.Median()
			out += fmt.Sprintln(s.Name, s.Entered, s.Converted, s.Reach, median, ok, s.Channels(2))
		}
		c := eval.Coverage
		out += fmt.Sprintln(c.Matched, c.Unmatched, c.Touchpoints, c.TopUnmatched(10, strings.Clone))
		for _, k := range eval.KPIs {
			out += fmt.Sprintf("%+v\n", k.Value())
		}
		for _, t := range eval.Tables {
			out += fmt.Sprintf("%+v\n", t.Grid())
		}
		for _, b := range eval.Breakdowns {
			for _, g := range b.Largest(2) {
				out += fmt.Sprintln(g.Values, g.Other, g.Funnel.Customers, g.Funnel.Converted, g.Funnel.Depth, g.KPIs[0].Value())
			}
		}
	}
	return out
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := drawPlan(t), drawRows(t)
		want := numbers(journeytest.Run(t, plan, rows))
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		require.Equal(t, want, numbers(journeytest.Run(t, plan, rows)))
	})
}

func TestShardsAddUp(t *testing.T) { rapid.Check(t, shardsMakeTheWhole) }

// FuzzShards chooses plans and rows by coverage instead of at random.
func FuzzShards(f *testing.F) { f.Fuzz(rapid.MakeFuzz(shardsMakeTheWhole)) }

func shardsMakeTheWhole(t *rapid.T) {
	plan, rows := drawPlan(t), drawRows(t)
	shards := make([][]journey.Row, rapid.IntRange(2, 4).Draw(t, "shards"))
	for _, r := range rows {
		i := int(r.Person) % len(shards)
		shards[i] = append(shards[i], r)
	}
	merged := journeytest.Run(t, plan, shards[0])
	for _, s := range shards[1:] {
		merged.Merge(journeytest.Run(t, plan, s))
	}
	require.Equal(t, numbers(journeytest.Run(t, plan, rows)), numbers(merged))
}

func TestTimeShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := drawPlan(t), drawRows(t)
		want := numbers(journeytest.Run(t, plan, rows))
		by := int64(rapid.IntRange(-1000, 1_000_000).Draw(t, "by"))*journeytest.Second + 17
		for i := range plan.Periods {
			plan.Periods[i] = plan.Periods[i].Shift(by)
		}
		for i := range rows {
			rows[i].Time += by
			rows[i].ReceivedAt += by
		}
		require.Equal(t, want, numbers(journeytest.Run(t, plan, rows)))
	})
}

// Events that no stage and no KPI uses do not change the funnel and the KPIs: events of other persons and, except with a strict order, of the same
// persons.
func TestForeignEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := drawPlan(t), drawRows(t)
		before := journeytest.Run(t, plan, rows)
		for i := range rapid.IntRange(1, 20).Draw(t, "foreign") {
			r := drawRow(t)
			r.Name, r.Traits, r.Seq, r.Index = "Foreign", "", 1000, int32(i)
			if plan.Policy.Order == journey.Strict || slices.Contains(plan.Policy.Compat, journey.StrictOrder) {
				r.Initiator = event.Brand
			}
			rows = append(rows, r)
		}
		after := journeytest.Run(t, plan, rows)
		for i, eval := range before.Evaluations() {
			require.Equal(t, eval.Funnel, after.Evaluations()[i].Funnel)
			require.Equal(t, eval.KPIs, after.Evaluations()[i].KPIs)
			for k, table := range eval.Tables {
				require.Equal(t, table.Grid(), after.Evaluations()[i].Tables[k].Grid())
			}
			for k, b := range eval.Breakdowns {
				require.Equal(t, journeytest.Groups(b.Largest(9)), journeytest.Groups(after.Evaluations()[i].Breakdowns[k].Largest(9)))
			}
			require.Equal(t, eval.Coverage.Matched, after.Evaluations()[i].Coverage.Matched)
		}
	})
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := drawPlan(t), drawRows(t)
		e := journeytest.Run(t, plan, rows)
		for _, eval := range e.Evaluations() {
			f := eval.Funnel
			var sum funnel.PersonaSums
			for _, p := range f.Personas {
				sum.Customers += p.Customers
				sum.Converted += p.Converted
			}
			require.Equal(t, funnel.PersonaSums{Customers: f.Customers, Converted: f.Converted}, sum)
			require.LessOrEqual(t, f.Converted, f.Customers)
			require.LessOrEqual(t, f.YoungConverted, f.YoungEntered)
			require.Equal(t, f.Customers, f.Depth[0])
			require.True(t, slices.IsSortedFunc(f.Depth, func(a, b int64) int { return cmp.Compare(b, a) }))
			for i := range f.Stages {
				s := &f.Stages[i]
				require.GreaterOrEqual(t, s.Dropped(), int64(0))
				if plan.Policy.Count != journey.Entries && plan.Policy.Grace == 0 {
					require.LessOrEqual(t, s.Entered, s.Reach, "who entered a stage was there")
				}
				var byChannel funnel.ChannelSums
				for _, c := range s.Channels(1) {
					byChannel.Entered += c.Entered
					byChannel.Converted += c.Converted
				}
				require.Equal(t, funnel.ChannelSums{Entered: s.Entered, Converted: s.Converted}, byChannel)
			}
			if plan.Policy.Order == journey.Ordered {
				require.Equal(t, f.Customers, f.Stages[0].Entered)
				require.Equal(t, f.Converted, f.Stages[2].Entered)
			}
		}
	})
}

// The engine agrees with the reference: a customer counts once with their best mature attempt, and once, among the provisional ones, with their best
// attempt that is not mature.
func TestMaturity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Strict, journey.AnyOrder)
		journeytest.DrawGrace(t, &c)
		c.Policy.Conversions = rapid.SampledFrom([]journey.Conversions{journey.InWindow, journey.InRange}).Draw(t, "conversions")
		asOf, lookback := c.Limit, int64(rapid.IntRange(0, 9).Draw(t, "lookback"))
		e := journeytest.Run(t, c.Plan(journey.Lookback(asOf, lookback, c.Policy)), c.Rows())
		f := e.Evaluations()[0].Funnel
		window := c.Policy.Window.Microseconds()
		c.Since = asOf - window - lookback
		mature, young := c, c
		if c.Policy.Conversions == journey.InRange {
			mature.Limit = asOf - window
		}
		mature.From, mature.To = asOf-window-lookback, asOf-window+1
		young.From, young.To = asOf-window+1, asOf+1
		want := mature.Best()
		require.Equal(t, want != nil, f.Customers == 1, "a mature attempt counts")
		require.Equal(t, young.Best() != nil, f.YoungEntered == 1, "a young attempt is provisional")
		if want == nil {
			require.Zero(t, f.Depth[0])
			return
		}
		var depth int64
		for _, n := range f.Depth {
			depth += n
		}
		require.EqualValues(t, want.Required+want.Optional, depth)
		require.LessOrEqual(t, want.Entry+window, asOf, "the window has ended")
	})
}
