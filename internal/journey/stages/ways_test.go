// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"cmp"
	"fmt"
	"math/rand/v2"
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
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// waysPlan returns a map of three stages with a touchpoint for each name, a window of ten seconds, and the tables of a map's status.
func waysPlan(tables ...metric.Metric) engine.Plan {
	touch := func(names ...string) []journey.Touchpoint {
		var out []journey.Touchpoint
		for _, name := range names {
			out = append(out, journey.Touchpoint{Name: name, Match: []journey.Match{{Event: name}}})
		}
		return out
	}
	plan := engine.Plan{
		Map: journey.Map{Stages: []journey.Stage{
			{Name: "see", Touchpoints: touch("See", "Ad")}, {Name: "want", Touchpoints: touch("Want", "Chat", "Error", "Help")}, {Name: "buy", Touchpoints: touch("Buy")},
		}},
		Policy: journeytest.Plain, Periods: []journey.Period{journey.Range(0, 100_000*journeytest.Second, 200_000*journeytest.Second, journeytest.Plain)},
	}
	for _, t := range tables {
		plan.Tables = append(plan.Tables, metric.Named{Name: fmt.Sprintf("%T", t), Metric: t})
	}
	return plan
}

// stagedShop simulates customers. Every third one has an error in the stage want, after which a third of them drop off. A chat is equally frequent
// among those who continue and those who do not.
func stagedShop(seed uint64, customers int) []journey.Row {
	draw := rand.New(rand.NewPCG(seed, 7))
	var rows []journey.Row
	add := func(person int, at int64, name string) {
		r := journeytest.Did(uint64(person), at, name)
		r.Seq = int64(len(rows) + 1)
		rows = append(rows, r)
	}
	for person := range customers {
		at := int64(person)
		add(person, at, "See")
		if draw.Float64() < 0.3 {
			continue
		}
		add(person, at+1, "Want")
		if draw.Float64() < 0.5 {
			add(person, at+2, "Chat")
		}
		lost := 0.4
		if draw.Float64() < 0.33 {
			add(person, at+2, "Error")
			lost += 0.3
		}
		if draw.Float64() < 0.5 {
			add(person, at+3, "Help")
		}
		if draw.Float64() >= lost {
			add(person, at+5, "Buy")
		}
	}
	return rows
}

// In many simulated shops, the touchpoint that causes drop-offs is always found and first. Those that cause none are found no more often than the
// level of the interval allows.
func TestStagedIncidentRanksFirst(t *testing.T) {
	falsely, shops := 0, 60
	for seed := range shops {
		s := journeytest.Run(t, waysPlan(Friction{}), stagedShop(uint64(seed), 1500)).Evaluations()[0].Tables[0].(*FrictionSums)
		list := s.Ranking(1, 10)
		require.NotEmpty(t, list)
		require.Equal(t, journey.TouchpointName{Stage: "want", Touchpoint: "Error"}, list[0].Touchpoint)
		truth := float64(list[0].Customers) * 0.3
		require.Less(t, list[0].Low, truth+float64(list[0].Customers)*0.1)
		require.Greater(t, list[0].High, truth-float64(list[0].Customers)*0.1)
		falsely += len(list) - 1
	}
	require.LessOrEqual(t, falsely, shops/5, "two harmless touchpoints, each at 2.5 %")
}

func TestFrictionNeedsCustomersOnBothSides(t *testing.T) {
	build := func(with, without int) *FrictionSums {
		var rows []journey.Row
		for person := range with + without {
			rows = append(rows, journeytest.Did(uint64(person), 10, "See"), journeytest.Did(uint64(person), 11, "Want"))
			if person < with {
				rows = append(rows, journeytest.Did(uint64(person), 12, "Error"))
			} else {
				rows = append(rows, journeytest.Did(uint64(person), 13, "Buy"))
			}
		}
		for i := range rows {
			rows[i].Seq = int64(i + 1)
		}
		return journeytest.Run(t, waysPlan(Friction{}), rows).Evaluations()[0].Tables[0].(*FrictionSums)
	}
	require.Empty(t, build(MinFriction-1, 100).Ranking(1, 3))
	require.Empty(t, build(100, MinFriction-1).Ranking(1, 3))
	list := build(MinFriction, MinFriction).Ranking(1, 3)
	require.Len(t, list, 1)
	require.InDelta(t, 30, list[0].Excess, 1e-9, "all of them, against none of the others")
	require.Empty(t, build(MinFriction, MinFriction).Ranking(2, 3), "nobody drops out of the goal")
}

// refVisits returns, for one stage, the touchpoints that each customer met in it, with simple loops over the attempt that the engine chose.
func refVisits(v *metric.View, stage int, plan *engine.Plan, age int64) (entered, dropped bool, met map[string]bool) {
	a := v.Attempt
	if a == nil || !a.Has(stage) {
		return false, false, nil
	}
	next := -1
	for s := len(plan.Map.Stages) - 1; s > stage; s-- {
		if a.Has(s) {
			next = int(a.Event[s])
		}
	}
	met = map[string]bool{}
	for _, touch := range v.Person.Touches {
		i := int(touch.Event)
		late := v.Person.Events[i].Time-v.Person.Events[a.Event[stage]].Time > age || v.Person.Events[i].Time > a.Entry+10*journeytest.Second
		if i >= int(a.Event[stage]) && (next < 0 || i < next || i == int(a.Event[stage])) && !late {
			met[fmt.Sprint(touch.Touchpoint)] = true
		}
	}
	return true, next < 0, met
}

func drawShop(t *rapid.T) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		r := journeytest.Did(rapid.Uint64Range(1, 4).Draw(t, "person"), rapid.Int64Range(0, 40).Draw(t, "time"),
			rapid.SampledFrom([]string{"See", "Ad", "Want", "Chat", "Error", "Buy", "Other"}).Draw(t, "name"))
		r.Channel = rapid.SampledFrom([]string{"web", "store", "mail"}).Draw(t, "channel")
		if r.Name == "Chat" {
			r.SurveyKind = rapid.SampledFrom([]string{"nps", "csat", ""}).Draw(t, "kind")
			r.Scale = map[string]int64{"nps": 10, "csat": 5}[r.SurveyKind] * event.MicroUnits
			r.Score = rapid.Int64Range(0, 6).Draw(t, "score") * event.MicroUnits
		}
		return r
	}), 0, 50).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return rows
}

func TestFrictionAndHandoffsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawShop(t)
		var ages, within []time.Duration
		for range 3 {
			ages = append(ages, time.Duration(rapid.IntRange(0, 12).Draw(t, "age"))*time.Second)
			within = append(within, time.Duration(rapid.IntRange(0, 12).Draw(t, "within"))*time.Second)
		}
		within[0] = 0
		plan := waysPlan(Friction{Ages: ages}, Handoffs{}, Emotions{})
		plan.Policy.Within = within
		plan.Policy.Order = rapid.SampledFrom([]journey.Order{journey.Ordered, journey.Strict}).Draw(t, "order")
		stages := [3]map[string]outcomes{{}, {}, {}}
		pairs := map[string][2]int64{}
		plan.Each = func(v *metric.View, _ [][]breakdown.Placement) {
			for s := range 2 {
				// There are no optional stages, so the next one has to come within its limit.
				age := cmp.Or(ages[s], FrictionAge)
				if within[s+1] > 0 && within[s+1] < age {
					age = within[s+1]
				}
				entered, dropped, met := refVisits(v, s, &plan, age.Microseconds())
				if !entered {
					continue
				}
				met["all"] = true
				for key := range met {
					o := stages[s][key]
					o.customers++
					if dropped {
						o.dropped++
					}
					stages[s][key] = o
				}
			}
			refHandoffs(v, rows, pairs)
		}
		whole := journeytest.Run(t, plan, rows)
		friction := whole.Evaluations()[0].Tables[0].(*FrictionSums)
		for s := range 2 {
			got := map[string]outcomes{}
			if friction.stages[s].all.customers > 0 {
				got["all"] = friction.stages[s].all
			}
			for i, o := range friction.stages[s].met {
				if o.customers > 0 {
					got[fmt.Sprint(i)] = o
				}
			}
			require.Equal(t, stages[s], got)
		}
		gotPairs := map[string][2]int64{}
		for _, h := range whole.Evaluations()[0].Tables[1].(*HandoffSums).List(100) {
			gotPairs[h.From+">"+h.To] = [2]int64{h.Customers, h.Converted}
		}
		require.Equal(t, pairs, gotPairs)
		checkEmotion(t, rows, whole.Evaluations()[0].Tables[2].(*EmotionSums))
		var parts [2][]journey.Row
		for _, r := range rows {
			parts[r.Person%2] = append(parts[r.Person%2], r)
		}
		plan.Each = nil
		merged := journeytest.Run(t, plan, parts[0])
		merged.Merge(journeytest.Run(t, plan, parts[1]))
		for i := range plan.Tables {
			require.Equal(t, whole.Evaluations()[0].Tables[i].Grid(), merged.Evaluations()[0].Tables[i].Grid())
		}
	})
}

// refHandoffs counts each change of channel in the touchpoint events of the attempt once. All rows are events of the person.
func refHandoffs(v *metric.View, rows []journey.Row, pairs map[string][2]int64) {
	if v.Attempt == nil {
		return
	}
	var own []journey.Row
	for _, r := range journeytest.InOrder(rows) {
		if r.Person == v.Person.ID {
			own = append(own, r)
		}
	}
	// simultaneous events can be used in another order than that of arrival
	var used []int
	for s := range 3 {
		if v.Attempt.Has(s) {
			used = append(used, int(v.Attempt.Event[s]))
		}
	}
	var way []string
	for i, r := range own {
		inside := i >= slices.Min(used) && r.Time <= v.Attempt.Entry+10*journeytest.Second
		if v.Converted {
			inside = inside && i <= slices.Max(used)
		}
		if inside && r.Name != "Other" {
			way = append(way, r.Channel)
		}
	}
	seen := map[string]bool{}
	for i := 1; i < len(way); i++ {
		key := way[i-1] + ">" + way[i]
		if way[i] == way[i-1] || seen[key] {
			continue
		}
		seen[key] = true
		n := pairs[key]
		n[0]++
		if v.Converted {
			n[1]++
		}
		pairs[key] = n
	}
}

// checkEmotion computes the mean of the answers in the stage want with floats.
func checkEmotion(t *rapid.T, rows []journey.Row, s *EmotionSums) {
	sum, n := 0.0, 0.0
	for _, r := range rows {
		score := float64(r.Score) / 1e6
		switch {
		case r.Name != "Chat":
		case r.SurveyKind == "nps":
			sum, n = sum+score/10*4-2, n+1
		case r.SurveyKind == "csat" && score >= 1 && score <= 5:
			sum, n = sum+(score-1)/4*4-2, n+1
		}
	}
	mean, answers, ok := s.Stage(1)
	require.EqualValues(t, n, answers)
	require.Equal(t, n > 0, ok)
	if ok {
		require.InDelta(t, sum/n, float64(mean.Scaled)/100, 0.0051)
	}
	_, none, _ := s.Stage(0)
	require.Zero(t, none)
}

// The age of friction is one day by default, and at most the time in which the customer can continue.
func TestFrictionAges(t *testing.T) {
	c := &metric.Context{Map: &journey.Map{Stages: []journey.Stage{{Name: "a"}, {Name: "b", Optional: true}, {Name: "c"}, {Name: "d"}}}}
	c.Policy = journey.Policy{Order: journey.Ordered, Window: 100 * time.Hour, Within: []time.Duration{0, 2 * time.Hour, 3 * time.Hour}}
	a, err := Friction{Ages: []time.Duration{0, time.Hour, 48 * time.Hour}}.NewSums(c)
	require.NoError(t, err)
	var ages []time.Duration
	for _, s := range a.(*FrictionSums).stages {
		ages = append(ages, time.Duration(s.age)*time.Microsecond)
	}
	require.Equal(t, []time.Duration{3 * time.Hour, time.Hour, 48 * time.Hour, 24 * time.Hour}, ages, "b or c may follow a")
}

// A touchpoint after the end of the attempt does not count for friction.
func TestFrictionAfterTheWindow(t *testing.T) {
	rows := []journey.Row{journeytest.Did(1, 10, "See"), journeytest.Did(1, 12, "Chat"), journeytest.Did(1, 21, "Error")}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	s := journeytest.Run(t, waysPlan(Friction{}), rows).Evaluations()[0].Tables[0].(*FrictionSums)
	require.Equal(t, outcomes{customers: 1, dropped: 1}, s.stages[1].all)
	met := map[string]int64{}
	for i, o := range s.stages[1].met {
		met[s.names[i].Touchpoint] = o.customers
	}
	require.Equal(t, map[string]int64{"See": 0, "Chat": 1, "Error": 0, "Ad": 0, "Want": 0, "Help": 0, "Buy": 0}, met)
}

func TestFrictionAgeAndWindowAreStated(t *testing.T) {
	require.Equal(t, 24*time.Hour, FrictionAge, "docs/numbers.md says a day")
}
