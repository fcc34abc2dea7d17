// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// funnelQuery is the query of a funnel, and the start of the query of other kinds.
type funnelQuery struct {
	span
	Steps      []Step          `json:"steps"`
	Order      string          `json:"order"`
	Window     string          `json:"window"`
	Filters    []Filter        `json:"filters"`
	Exclusions []Exclusion     `json:"exclusions"`
	CountBy    string          `json:"count_by"`
	Breakdown  json.RawMessage `json:"breakdown"`
	Entry      string          `json:"entry"`
	GraceS     *float64        `json:"grace_s"`
	Modes      []string        `json:"modes"`
}

// funnelWant is what a case expects of a funnel, or of one of its groups.
type funnelWant struct {
	Steps []struct {
		Count      *int64   `json:"count"`
		Average    *float64 `json:"average_time_to_next_s"`
		Median     *float64 `json:"median_time_to_next_s"`
		Conversion *float64 `json:"conversion_from_previous"`
		ShareOfAll *float64 `json:"share_of_all"`
		FromFirst  *float64 `json:"conversion_from_first_pct"`
		Dropoff    *int64   `json:"dropoff"`
		DropoffPct *float64 `json:"dropoff_pct"`
	} `json:"steps"`
	AllPersons    *int64              `json:"all_persons"`
	Entering      *int64              `json:"entering"`
	NeverEntering *int64              `json:"never_entering"`
	Reached       map[string][]string `json:"reached"`
	Dropped       map[string][]string `json:"dropped"`
	DroppedCounts map[string]int64    `json:"dropped_counts"`
	Depth         map[string]int      `json:"depth"`
}

// spec converts the query to a map, or returns an error if this is not possible.
func (q *funnelQuery) spec(c *Case) (*v1alpha1.JourneyMapSpec, error) {
	order := map[string]v1alpha1.ProgressionOrder{
		"": v1alpha1.Ordered, "ordered": v1alpha1.Ordered, "strict": v1alpha1.Strict, "any": v1alpha1.AnyOrder,
	}[q.Order]
	window, err := apiDuration(q.Window)
	if err != nil {
		return nil, err
	}
	spec := &v1alpha1.JourneyMapSpec{StoreRef: v1alpha1.LocalReference{Name: "case"}, Progression: v1alpha1.Progression{
		Order: order, Window: window, Entry: q.entry(), Ties: v1alpha1.EitherOrder, Conversions: v1alpha1.ConversionsInRange,
	}}
	for i, s := range q.Steps {
		matches, err := s.matches()
		if err != nil {
			return nil, err
		}
		name := stepName(i)
		spec.Stages = append(spec.Stages, v1alpha1.Stage{
			Name: name, Optional: &s.Optional, Touchpoints: []v1alpha1.Touchpoint{{Name: name, Match: matches, FirstEver: &s.FirstTime}},
		})
	}
	if err := q.rules(c, &spec.Progression); err != nil {
		return nil, err
	}
	if spec.Filters, err = clausesOf(q.Filters); err != nil {
		return nil, err
	}
	if q.CountBy != countEntries {
		if spec.CountBy, err = countBy(q.CountBy); err != nil {
			return nil, err
		}
	}
	spec.Analysis, err = q.analysis(c.Events)
	return spec, err
}

// funnelGot is the funnel in the results of the engine.
type funnelGot struct {
	// counts of customers by step or, in the order any, by number of steps.
	counts []int64
	funnel *funnel.Funnel
	// seen is the number of all customers.
	seen int64
	// reached has the names of the customers by the number of steps minus one.
	reached [][]string
}

// runFunnel compares all expectations of a case about a funnel.
func runFunnel(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q funnelQuery
	var want funnelWant
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	if q.Breakdown != nil {
		return runBreakdown(ctx, w, c, &q)
	}
	spec, err := q.spec(c)
	if err != nil {
		return nil, err
	}
	got := funnelGot{reached: make([][]string, len(q.Steps))}
	engine, err := w.ask(ctx, spec, nil, func(name string, v *metric.View, _ [][]breakdown.Placement) {
		for i := range v.Attempts {
			got.note(name, &v.Attempts[i].Attempt, q.Order == "any")
		}
	})
	if err != nil {
		return nil, err
	}
	got.funnel, got.seen = engine.Evaluations()[0].Funnel, engine.Evaluations()[0].Seen
	if q.Order == "any" {
		got.counts = got.funnel.Depth
	} else {
		for i := range got.funnel.Stages {
			got.counts = append(got.counts, got.funnel.Stages[i].Entered)
		}
	}
	want.compare(&found, &got)
	want.compareAll(c, &found, &got)
	// Without a list of customers, the job reads the store differently: in packed form and in shards. For a report like this, it reads only the number
	// of some events. Compare these results, too.
	report := &v1alpha1.MetricReportSpec{Analysis: spec.Analysis, Tables: []v1alpha1.Table{{Name: "funnel", Funnel: &v1alpha1.FunnelTable{}}}}
	plain, err := w.ask(ctx, spec, report, nil)
	if err != nil {
		return nil, err
	}
	found.equal("funnel without lists", sumsOf(got.funnel), sumsOf(plain.Evaluations()[0].Funnel))
	return found, nil
}

// sumsOf returns all sums of a funnel that a case can expect.
func sumsOf(f *funnel.Funnel) []int64 {
	out := append([]int64{f.Customers, f.Converted}, f.Depth...)
	for i := range f.Stages {
		next := &f.Stages[i].Next
		if f.AnyOrder() {
			next = &f.DepthNext[i]
		}
		mean, _ := next.Mean()
		median, _ := next.Median()
		out = append(out, f.Stages[i].Entered, f.Stages[i].Converted, mean, median)
	}
	return out
}

// note records the steps that a person reached.
func (got *funnelGot) note(name string, a *journey.Attempt, anyOrder bool) {
	stages := a.Stages
	if anyOrder {
		stages = 1<<a.Depth() - 1
	}
	for ; stages != 0; stages &= stages - 1 {
		if k := bits.TrailingZeros32(stages); !slices.Contains(got.reached[k], name) {
			got.reached[k] = append(got.reached[k], name)
		}
	}
}

// next returns the times from a step to the next one.
func (got *funnelGot) next(step int) *number.Durations {
	if got.funnel.AnyOrder() {
		return &got.funnel.DepthNext[step]
	}
	return &got.funnel.Stages[step].Next
}

func (want *funnelWant) compare(found *Disagreements, got *funnelGot) {
	for i, step := range want.Steps {
		if i >= len(got.counts) {
			found.addf("step %d: there is none", i)
			return
		}
		if step.Count != nil {
			found.equal(fmt.Sprintf("count of step %d", i), *step.Count, got.counts[i])
		}
		if step.Median != nil {
			median, _ := got.next(i).Median()
			found.near(fmt.Sprintf("median time after step %d", i), *step.Median, float64(median), 0.5)
		}
		if step.Average != nil {
			mean, _ := got.next(i).Mean()
			found.near(fmt.Sprintf("average time after step %d", i), *step.Average, float64(mean), 0.5)
		}
	}
	for name, depth := range want.Depth {
		n := 0
		for n < len(got.reached) && slices.Contains(got.reached[n], name) {
			n++
		}
		found.equal("depth of "+name, depth, n)
	}
	for n, names := range want.Reached {
		found.sameSet("who reached "+n, names, got.who(n, false))
	}
	for n, names := range want.Dropped {
		found.sameSet("who was lost before "+n, names, got.who(n, true))
	}
	for n, count := range want.DroppedCounts {
		found.equal("how many were lost before "+n, count, len(got.who(n, true)))
	}
}

// who lists the customers who reached step n, counted from 1, or who were lost just before it.
func (got *funnelGot) who(n string, lost bool) []string {
	k, err := strconv.Atoi(n)
	if err != nil || k < 1 || k > len(got.reached) {
		return nil
	}
	if !lost {
		return got.reached[k-1]
	}
	var names []string
	if k > 1 {
		for _, name := range got.reached[k-2] {
			if !slices.Contains(got.reached[k-1], name) {
				names = append(names, name)
			}
		}
	}
	return names
}
