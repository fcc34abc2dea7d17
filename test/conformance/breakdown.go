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

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// breakdownQuery is the part of a funnel query about its breakdown.
type breakdownQuery struct {
	By          string          `json:"by"`
	Key         json.RawMessage `json:"key"`
	Attribution string          `json:"attribution"`
	Stage       int             `json:"attribution_step"`
	Limit       *int32          `json:"limit"`
}

// breakdownWant is what a case expects of the groups. A group that is not listed is not checked, unless the case expects the number of groups or
// their values.
type breakdownWant struct {
	Groups []struct {
		Value json.RawMessage `json:"value"`
		funnelWant
	} `json:"groups"`
	Values  []json.RawMessage `json:"group_values"`
	NGroups *int              `json:"n_groups"`
}

// otherValue is the name in cases for the group of all other values.
const otherValue = "Other"

// attributions maps the attributions of cases to those of the API.
var attributions = map[string]v1alpha1.BreakdownAttribution{
	"": v1alpha1.FirstValue, "first_touch": v1alpha1.FirstValue, "last_touch": v1alpha1.LastValue, "all_events": v1alpha1.AllValues,
	"step": v1alpha1.StageValue,
}

// largestLimit is the maximum limit of the API, for cases without a limit.
const largestLimit = 25

// spec converts the query to a breakdown of the API.
func (q *breakdownQuery) spec(order string) (out v1alpha1.Breakdown, err error) {
	keys, err := textsOf(q.Key)
	if err != nil {
		return out, err
	}
	out = v1alpha1.Breakdown{By: v1alpha1.ByProperty, Attribution: attributions[q.Attribution], Limit: q.Limit}
	for _, k := range keys {
		out.Keys = append(out.Keys, keyOf(q.By, k))
	}
	if q.Limit == nil {
		limit := int32(largestLimit)
		out.Limit = &limit
	}
	switch out.Attribution {
	case "":
		err = errors.New("attribution " + q.Attribution)
	case v1alpha1.StageValue:
		out.Stage = v1alpha1.ItemName(fmt.Sprint("step-", q.Stage))
		if order == "any" {
			byPlace := true
			out.Compat = &v1alpha1.BreakdownCompat{StageByPosition: &byPlace}
		}
	}
	return out, err
}

// textsOf parses a string or a list of strings.
func textsOf(raw json.RawMessage) (list []string, err error) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	return list, json.Unmarshal(raw, &list)
}

// groupGot is a group in the results of the engine.
type groupGot struct {
	values []string
	funnelGot
}

// runBreakdown compares the groups of a funnel.
func runBreakdown(ctx context.Context, w *world, c *Case, q *funnelQuery) (found Disagreements, err error) {
	var split breakdownQuery
	var want breakdownWant
	if err := errors.Join(json.Unmarshal(q.Breakdown, &split), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	spec, err := q.spec(c)
	if err != nil {
		return nil, err
	}
	by, err := split.spec(q.Order)
	if err != nil {
		return nil, err
	}
	report := &v1alpha1.MetricReportSpec{Analysis: spec.Analysis, BreakdownBy: []v1alpha1.Breakdown{by}}
	persons := placements{}
	engine, err := w.ask(ctx, spec, report, func(name string, _ *metric.View, groups [][]breakdown.Placement) {
		for i := range groups[0] {
			persons.add(name, &groups[0][i], q.Order == "any")
		}
	})
	if err != nil {
		return nil, err
	}
	groups := engine.Evaluations()[0].Breakdowns[0].Largest(int(*by.Limit))
	want.compare(&found, persons.groups(groups, len(q.Steps), q.Order == "any"))
	plain, err := w.ask(ctx, spec, report, nil)
	if err != nil {
		return nil, err
	}
	found.equal("groups without lists", sumsOfGroups(groups), sumsOfGroups(plain.Evaluations()[0].Breakdowns[0].Largest(int(*by.Limit))))
	return found, nil
}

func sumsOfGroups(groups []*breakdown.Group) map[string][]int64 {
	out := map[string][]int64{}
	for _, g := range groups {
		out[fmt.Sprint(g.Other, labelOf(g.Values))] = sumsOf(g.Funnel)
	}
	return out
}

// placements are the steps that each person reached, by values and person.
type placements map[string]map[string][]int

func (p placements) add(name string, at *breakdown.Placement, anyOrder bool) {
	group := labelOf(at.Values())
	if p[group] == nil {
		p[group] = map[string][]int{}
	}
	var steps []int
	for k := range at.Attempt.Depth() {
		steps = append(steps, k)
	}
	if !anyOrder {
		steps = nil
		for rest := at.Attempt.Stages; rest != 0; rest &= rest - 1 {
			steps = append(steps, bits.TrailingZeros32(rest))
		}
	}
	p[group][name] = append(p[group][name], steps...)
}

// groups combines the sums of the groups with the persons in them.
func (p placements) groups(sums []*breakdown.Group, steps int, anyOrder bool) []groupGot {
	var out []groupGot
	shown := map[string]bool{}
	for _, g := range sums {
		got := groupGot{values: g.Values, funnelGot: funnelGot{funnel: g.Funnel, reached: make([][]string, steps)}}
		if g.Other {
			got.values = []string{otherValue}
			for label, persons := range p {
				if !shown[label] {
					got.add(persons)
				}
			}
		} else {
			shown[labelOf(g.Values)] = true
			got.add(p[labelOf(g.Values)])
		}
		if anyOrder {
			got.counts = g.Funnel.Depth
		} else {
			for i := range g.Funnel.Stages {
				got.counts = append(got.counts, g.Funnel.Stages[i].Entered)
			}
		}
		out = append(out, got)
	}
	return out
}

func (g *groupGot) add(persons map[string][]int) {
	for name, steps := range persons {
		for _, k := range steps {
			if !slices.Contains(g.reached[k], name) {
				g.reached[k] = append(g.reached[k], name)
			}
		}
	}
}

func labelOf(values []string) string { return fmt.Sprintf("%q", values) }

func (want *breakdownWant) compare(found *Disagreements, got []groupGot) {
	var labels []string
	for _, g := range got {
		labels = append(labels, labelOf(g.values))
	}
	if want.NGroups != nil {
		found.equal("number of groups", *want.NGroups, len(got))
	}
	if want.Values != nil {
		var wanted []string
		for _, raw := range want.Values {
			values, err := textsOf(raw)
			if err != nil {
				found.addf("group_values: %v", err)
			}
			wanted = append(wanted, labelOf(values))
		}
		found.sameSet("values of the groups", wanted, labels)
	}
	for _, w := range want.Groups {
		values, err := textsOf(w.Value)
		if err != nil {
			found.addf("value: %v", err)
			continue
		}
		k := slices.Index(labels, labelOf(values))
		if k < 0 {
			found.addf("there is no group %q, only %v", values, labels)
			continue
		}
		var own Disagreements
		w.compare(&own, &got[k].funnelGot)
		for _, d := range own {
			found.addf("group %q: %s", values, d)
		}
	}
}
