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

// Friction compares, in every stage that customers can drop out of, those who met a touchpoint with those who did not. A touchpoint counts if its
// event entered the stage, or came later but before the event that continued, while the attempt still had time to continue, and within the age of the
// stage after entering. The customers are those whose counted mature attempt entered the stage. The result is an association, not a cause.
type Friction struct {
	metric.NoHits
	// Ages is how long after entering a stage touchpoints count, by stage; FrictionAge where it is not above zero. It can have fewer items than there are stages.
	Ages []time.Duration
}

const (
	// FrictionAge is the default age. It is the same for all customers, so that those who stay longer do not meet more touchpoints only because of that.
	FrictionAge = 24 * time.Hour
	// FrictionLevel is the confidence level of the intervals.
	FrictionLevel = 0.95
	// MinFriction is the smallest number of customers with a touchpoint, and of those without.
	MinFriction = 30
)

// Since returns the time from which the metric needs events.
func (Friction) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums. An error names the invalid field.
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

// age returns how long after entering a stage touchpoints count, in microseconds. It is at most the time that the map leaves to continue.
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
	// seen holds, for each touchpoint, the last visit to a stage in which it was met.
	seen   []int64
	visits int64
}

// outcomes counts customers and those of them who dropped out.
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

// visit adds the visit of a customer to a stage.
func (s *FrictionSums) visit(v *metric.View, stage int) {
	s.visits++
	a, p := v.Attempt, v.Person
	first, last := a.Event[stage], int32(len(p.Events))
	dropped := int64(1)
	if later := a.Stages >> (stage + 1); later != 0 {
		// Of simultaneous events, the one that continued can be before the one that entered, which still counts.
		dropped, last = 0, max(first+1, a.Event[stage+1+bits.TrailingZeros32(later)])
	}
	sums := &s.stages[stage]
	// Nobody can continue after the end of the window, so touchpoints after it prevent nothing.
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

// FrictionPoint is a touchpoint with which more customers drop out of a stage than without it.
type FrictionPoint struct {
	// Touchpoint that they met.
	Touchpoint journey.TouchpointName
	// Customers met it, and Dropped of them dropped out. Others did not meet it, and OthersDropped of them dropped out.
	Customers, Dropped, Others, OthersDropped int64
	// Excess is the number of drop-offs beyond those at the rate of the others. Low and High are the limits of its interval.
	Excess, Low, High float64
}

// Ranking returns at most n touchpoints of a stage with which significantly more customers drop out, ordered by the lower limit of the interval of
// the excess, the largest first. It considers only those with MinFriction customers on both sides and a lower limit above 0.
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
