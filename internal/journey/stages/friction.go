// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Friction compares, in every stage that customers can drop out of, those who met a touchpoint with those who did not. A touchpoint was met
// in a stage by the event that entered it, or later, before the event that continued, while the attempt still had time for that, and at most an age of the
// stage after entering. The customers are those whose counted mature attempt entered the stage. It is association, not cause.
type Friction struct {
	metric.NoHits
	// Ages holds, by stage, how long after entering a stage touchpoints count; FrictionAge if there is none above zero. It may be shorter than the
	// list of stages.
	Ages []time.Duration
}

const (
	// FrictionAge is the usual age: touchpoints count for so long after entering a stage, so that who stays long has not met more for that alone.
	FrictionAge = 24 * time.Hour
	// FrictionLevel of the intervals.
	FrictionLevel = 0.95
	// MinFriction is the least number of customers with a touchpoint, and of those without.
	MinFriction = 30
)

// Since is the time from which on it needs events.
func (Friction) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums; an error names the field that is wrong.
func (f Friction) NewSums(c *metric.Context) (metric.Sums, error) {
	s := &FrictionSums{goal: -1, window: c.Policy.Window.Microseconds(), stages: make([]stageFriction, len(c.Map.Stages))}
	for i, stage := range c.Map.Stages {
		if !stage.Optional {
			s.goal = i
		}
		for _, t := range stage.Touchpoints {
			s.names = append(s.names, journey.TouchpointName{Stage: stage.Name, Touchpoint: t.Name})
		}
	}
	if c.Policy.Order == journey.AnyOrder {
		s.goal = 0 // No stage comes after another, so nobody drops out between them.
	}
	for i := range s.stages {
		s.stages[i].met, s.stages[i].age = make([]outcomes, len(s.names)), f.age(c, i)
	}
	s.seen = make([]int64, len(s.names))
	return s, nil
}

// age is how long after entering a stage touchpoints count, in microseconds: not beyond the time that the map leaves to continue from it.
func (f Friction) age(c *metric.Context, stage int) int64 {
	age := FrictionAge
	if stage < len(f.Ages) && f.Ages[stage] > 0 {
		age = f.Ages[stage]
	}
	longest := time.Duration(0)
	for next := stage + 1; next < len(c.Map.Stages); next++ {
		if next >= len(c.Policy.Within) || c.Policy.Within[next] == 0 {
			return age.Microseconds()
		}
		longest = max(longest, c.Policy.Within[next])
		if !c.Map.Stages[next].Optional {
			break
		}
	}
	if longest > 0 {
		age = min(age, longest)
	}
	return age.Microseconds()
}

// FrictionSums counts the customers of a Friction.
type FrictionSums struct {
	window int64
	names  []journey.TouchpointName
	goal   int
	stages []stageFriction
	// seen holds, by touchpoint, the last visit to a stage that met it.
	seen   []int64
	visits int64
}

// outcomes are customers and how many of them dropped out.
type outcomes struct{ customers, dropped int64 }

type stageFriction struct {
	age int64
	all outcomes
	met []outcomes // by touchpoint
}

// AddPerson adds a person.
func (s *FrictionSums) AddPerson(v *metric.View) {
	if v.Attempt == nil {
		return
	}
	for stage := range s.goal {
		if v.Attempt.Has(stage) {
			s.visit(v, stage)
		}
	}
}

// visit takes the stay of a customer in a stage.
func (s *FrictionSums) visit(v *metric.View, stage int) {
	s.visits++
	a, p := v.Attempt, v.Person
	first, last := a.Event[stage], int32(len(p.Events))
	dropped := int64(1)
	if later := a.Stages >> (stage + 1); later != 0 {
		// Of simultaneous events the one that continued may are before the one that entered, which counts all the same.
		dropped, last = 0, max(first+1, a.Event[stage+1+bits.TrailingZeros32(later)])
	}
	sums := &s.stages[stage]
	// After the end of the window nobody can continue, so that nothing met there keeps anybody from it.
	until := min(p.Events[first].Time+sums.age, a.Entry+s.window, v.Period.Limit)
	sums.all.customers++
	sums.all.dropped += dropped
	from := sort.Search(len(p.Touches), func(i int) bool { return p.Touches[i].Event >= first })
	for _, t := range p.Touches[from:] {
		if t.Event >= last || p.Events[t.Event].Time > until {
			break
		}
		if s.seen[t.Touchpoint] == s.visits {
			continue
		}
		s.seen[t.Touchpoint] = s.visits
		sums.met[t.Touchpoint].customers++
		sums.met[t.Touchpoint].dropped += dropped
	}
}

// Merge adds the customers of another.
func (s *FrictionSums) Merge(other metric.Sums) {
	o := other.(*FrictionSums)
	for i := range s.stages {
		s.stages[i].all.add(o.stages[i].all)
		for t := range s.stages[i].met {
			s.stages[i].met[t].add(o.stages[i].met[t])
		}
	}
}

func (o *outcomes) add(p outcomes) {
	o.customers += p.customers
	o.dropped += p.dropped
}

// FrictionPoint is a touchpoint with which more customers drop out of a stage than without.
type FrictionPoint struct {
	// Touchpoint that they met.
	Touchpoint journey.TouchpointName
	// Customers who met it, and Dropped of them; Others did not, OthersDropped of them dropped out.
	Customers, Dropped, Others, OthersDropped int64
	// Excess is the number of drop-offs beyond those that the others' rate would give; Low and High are the ends of its interval.
	Excess, Low, High float64
}

// Ranking returns the touchpoints of a stage with which surely more customers drop out, at most n, the greatest lower end of the
// interval of the excess first. Only those with MinFriction customers on both sides, and with a lower end above 0, count.
func (s *FrictionSums) Ranking(stage, n int) []FrictionPoint {
	var list []FrictionPoint
	sums := &s.stages[stage]
	for t, with := range sums.met {
		p := FrictionPoint{
			Touchpoint: s.names[t], Customers: with.customers, Dropped: with.dropped,
			Others: sums.all.customers - with.customers, OthersDropped: sums.all.dropped - with.dropped,
		}
		if min(p.Customers, p.Others) < MinFriction {
			continue
		}
		d, ok := stats.Newcombe(stats.Proportion{K: p.Dropped, N: p.Customers}, stats.Proportion{K: p.OthersDropped, N: p.Others}, FrictionLevel)
		if !ok || d.Interval.Low <= 0 {
			continue
		}
		size := float64(p.Customers)
		p.Excess, p.Low, p.High = size*d.Value, size*d.Interval.Low, size*d.Interval.High
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b FrictionPoint) int { return cmp.Compare(b.Low, a.Low) })
	return list[:min(n, len(list))]
}

// Grid lists the touchpoints of all stages.
func (s *FrictionSums) Grid() metric.Grid {
	g := metric.Grid{Columns: []metric.Column{
		{Name: "stage", Unit: "text"}, {Name: "touchpoint", Unit: "text"}, {Name: "customers", Unit: metric.UnitCount},
		{Name: "excess", Unit: metric.UnitCount}, {Name: "low", Unit: metric.UnitCount}, {Name: "high", Unit: metric.UnitCount},
	}}
	next := 0
	for i := range s.stages {
		stage := ""
		if next < len(s.names) {
			stage = s.names[next].Stage
		}
		for next < len(s.names) && s.names[next].Stage == stage {
			next++
		}
		g.Samples = max(g.Samples, s.stages[i].all.customers)
		for _, p := range s.Ranking(i, len(s.names)) {
			g.Rows = append(g.Rows, metric.GridRow{Values: []string{
				stage, p.Touchpoint.Stage + "/" + p.Touchpoint.Touchpoint, number.Whole(p.Customers), number.Rounded(p.Excess, 1),
				number.Rounded(p.Low, 1), number.Rounded(p.High, 1),
			}})
		}
	}
	return g
}
