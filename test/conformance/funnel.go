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
)

// funnelQuery is the question of a funnel, and of the kinds that begin with one.
type funnelQuery struct {
	span
	Steps      []Step          `json:"steps"`
	Order      string          `json:"order"`
	Window     string          `json:"window"`
	Filters    []Filter        `json:"filters"`
	Exclusions json.RawMessage `json:"exclusions"`
	CountBy    string          `json:"count_by"`
	Breakdown  json.RawMessage `json:"breakdown"`
	Entry      string          `json:"entry"`
	GraceS     *float64        `json:"grace_s"`
	Modes      []string        `json:"modes"`
}

// funnelWant is what a case asserts of a funnel, or of one group of it.
type funnelWant struct {
	Steps []struct {
		Count      *int64   `json:"count"`
		Average    *float64 `json:"average_time_to_next_s"`
		Median     *float64 `json:"median_time_to_next_s"`
		Conversion *float64 `json:"conversion_from_previous"`
	} `json:"steps"`
	Reached       map[string][]string `json:"reached"`
	Dropped       map[string][]string `json:"dropped"`
	DroppedCounts map[string]int64    `json:"dropped_counts"`
	Depth         map[string]int      `json:"depth"`
}

// spec says a funnel in the words of the API, or why that is not possible.
func (q *funnelQuery) spec(c *Case) (*v1alpha1.JourneyMapSpec, error) {
	switch {
	case q.Exclusions != nil:
		return nil, errors.New("exclusions")
	case q.GraceS != nil:
		return nil, errors.New("grace_s")
	case len(q.Modes) > 0 && !slices.Equal(q.Modes, []string{"strict_once"}):
		return nil, errors.New("modes")
	}
	order := map[string]v1alpha1.ProgressionOrder{
		"ordered": v1alpha1.Ordered, "strict": v1alpha1.Strict, "any": v1alpha1.AnyOrder,
	}[q.Order]
	entry := map[string]v1alpha1.EntryPolicy{"": v1alpha1.BestEntry, "best": v1alpha1.BestEntry, "first": v1alpha1.FirstEntry}[q.Entry]
	window, err := apiDuration(q.Window)
	if err != nil {
		return nil, err
	}
	spec := &v1alpha1.JourneyMapSpec{StoreRef: v1alpha1.LocalReference{Name: "case"}, Progression: v1alpha1.Progression{
		Order: order, Window: window, Entry: entry, Ties: v1alpha1.EitherOrder, Conversions: v1alpha1.ConversionsInRange,
	}}
	for i, s := range q.Steps {
		if s.FirstTime {
			return nil, errors.New("first_time_for_user")
		}
		matches, err := s.matches()
		if err != nil {
			return nil, err
		}
		name := v1alpha1.ItemName(fmt.Sprint("step-", i))
		spec.Stages = append(spec.Stages, v1alpha1.Stage{
			Name: name, Optional: &s.Optional, Touchpoints: []v1alpha1.Touchpoint{{Name: name, Match: matches}},
		})
	}
	if spec.Filters, err = clausesOf(q.Filters); err != nil {
		return nil, err
	}
	if spec.CountBy, err = countBy(q.CountBy); err != nil {
		return nil, err
	}
	spec.Analysis, err = q.analysis(c.Events)
	return spec, err
}

// funnelGot is what the engine says of a funnel.
type funnelGot struct {
	// counts of customers by step, or by depth in the order any.
	counts []int64
	funnel *journey.Funnel
	// reached has the names of the customers by the number of steps, less one.
	reached [][]string
}

// runFunnel compares all that a case asserts of a funnel.
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
	engine, err := w.ask(ctx, spec, nil, func(name string, v *journey.View) {
		if v.Attempt == nil {
			return
		}
		if q.Order == "any" {
			for k := range v.Attempt.Depth() {
				got.reached[k] = append(got.reached[k], name)
			}
			return
		}
		for rest := v.Attempt.Stages; rest != 0; rest &= rest - 1 {
			k := bits.TrailingZeros32(rest)
			got.reached[k] = append(got.reached[k], name)
		}
	})
	if err != nil {
		return nil, err
	}
	got.funnel = engine.Evaluations()[0].Funnel
	if q.Order == "any" {
		got.counts = got.funnel.Depth
	} else {
		for i := range got.funnel.Stages {
			got.counts = append(got.counts, got.funnel.Stages[i].Entered)
		}
	}
	want.compare(&found, &got)
	return found, nil
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
			median, _ := got.funnel.Stages[i].Next.Median()
			found.near(fmt.Sprintf("median time after step %d", i), *step.Median, float64(median), 0.5)
		}
		if step.Conversion != nil && i > 0 && got.counts[i-1] > 0 {
			found.near(fmt.Sprintf("conversion of step %d", i), *step.Conversion, float64(got.counts[i])/float64(got.counts[i-1]), 0.0001)
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

// who lists the customers who reached step n, counted from 1, or those who were lost just before it.
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
