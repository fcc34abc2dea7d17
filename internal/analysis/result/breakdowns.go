// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// breakdownResults returns the breakdowns of a report for its status.
func (o *Outcome) breakdownResults() []v1alpha1.BreakdownResult {
	var out []v1alpha1.BreakdownResult
	for i := range o.Doc.Report.BreakdownBy {
		out = append(out, o.breakdownResult(i, plan.Whole(o.Doc.Report.BreakdownBy[i].Limit, plan.DefaultGroups)))
	}
	return out
}

// breakdownResult returns one breakdown with at most limit groups in addition to the rest.
func (o *Outcome) breakdownResult(i, limit int) v1alpha1.BreakdownResult {
	evals := o.Engine.Evaluations()
	spec, sums := &o.Doc.Report.BreakdownBy[i], evals[0].Breakdowns[i]
	result := v1alpha1.BreakdownResult{
		By: spec.By, Keys: spec.Keys, Attribution: plan.AttributionOf(spec), Stage: spec.Stage, Distinct: int64(sums.Values()),
		Basis: basis(o.Plan.Journey.Periods[0].Entries()),
	}
	groups := sums.Largest(limit)
	var previous *breakdown.Sums
	if len(evals) > 1 {
		previous = evals[1].Breakdowns[i]
	}
	for _, g := range groups {
		shown := o.breakdownGroup(g)
		if previous != nil {
			comparison(&shown, g, groups, previous)
		}
		result.Groups = append(result.Groups, shown)
	}
	return result
}

func (o *Outcome) breakdownGroup(g *breakdown.Group) v1alpha1.BreakdownGroup {
	f := g.Funnel
	out := v1alpha1.BreakdownGroup{
		Other: g.Other, Customers: f.Customers, Converted: f.Converted, Conversion: v1alpha1.Ratio(number.Ratio(f.Converted, f.Customers)),
	}
	if !g.Other {
		for _, v := range g.Values {
			out.Values = append(out.Values, cell(v, maxTableText))
		}
	}
	for i := range f.Stages {
		name, entered, converted := f.Step(i)
		out.Stages = append(out.Stages, v1alpha1.BreakdownStage{
			Name: v1alpha1.ItemName(name), Entered: entered, Converted: converted, Dropped: entered - converted,
		})
	}
	for i, k := range g.KPIs {
		if k != nil {
			value := k.Value()
			out.KPIs = append(out.KPIs, v1alpha1.BreakdownKPI{
				Name: o.Doc.Report.KPIs[i].Name, Value: decimal(value.Number, value.Known), Samples: value.Samples,
			})
		}
	}
	return out
}

// comparison adds the numbers of the previous period: for the same value, or for the rest, those of all values that are not shown.
func comparison(out *v1alpha1.BreakdownGroup, g *breakdown.Group, shown []*breakdown.Group, previous *breakdown.Sums) {
	var customers, converted int64
	if g.Other {
		customers, converted = previous.Rest(shown)
	} else if before := previous.Of(g.Values); before != nil {
		customers, converted = before.Funnel.Customers, before.Funnel.Converted
	}
	out.PreviousCustomers = &customers
	out.PreviousConversion = v1alpha1.Ratio(number.Ratio(converted, customers))
}
