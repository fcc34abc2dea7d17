// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// defaultGroups is the number of groups of a breakdown, where the spec says nothing.
const defaultGroups = 10

// breakdowns puts the breakdowns of a report into the words of the journey package.
func breakdowns(report *v1alpha1.MetricReportSpec) []journey.Breakdown {
	var out []journey.Breakdown
	for i := range report.BreakdownBy {
		b := &report.BreakdownBy[i]
		out = append(out, journey.Breakdown{
			By: journey.By(b.By), Keys: b.Keys, Attribution: journey.Attribution(attributionOf(b)), Stage: string(b.Stage),
			ByPlace: b.Compat != nil && b.Compat.StageByPlace != nil && *b.Compat.StageByPlace,
		})
	}
	return out
}

// attributionOf is the effective one.
func attributionOf(b *v1alpha1.Breakdown) v1alpha1.BreakdownAttribution {
	if b.By == v1alpha1.ByPersona {
		return ""
	}
	return cmp.Or(b.Attribution, v1alpha1.FirstValue)
}

// whole gives a number that may be missing.
func whole(n *int32, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return int(*n)
}

// breakdownResults writes the breakdowns of a report for its status.
func (o *outcome) breakdownResults() []v1alpha1.BreakdownResult {
	var out []v1alpha1.BreakdownResult
	for i := range o.doc.Report.BreakdownBy {
		out = append(out, o.breakdownResult(i, whole(o.doc.Report.BreakdownBy[i].Limit, defaultGroups)))
	}
	return out
}

// breakdownResult writes one breakdown with at most so many groups beside the rest.
func (o *outcome) breakdownResult(i, limit int) v1alpha1.BreakdownResult {
	evals := o.engine.Evaluations()
	spec, sums := &o.doc.Report.BreakdownBy[i], evals[0].Breakdowns[i]
	result := v1alpha1.BreakdownResult{
		By: spec.By, Keys: spec.Keys, Attribution: attributionOf(spec), Stage: spec.Stage, Distinct: int64(sums.Values()),
		Counts: counted(o.plan.journey.Periods[0].Entries()),
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

func (o *outcome) breakdownGroup(g *breakdown.Group) v1alpha1.BreakdownGroup {
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
				Name: o.doc.Report.KPIs[i].Name, Value: decimal(value.Number, value.Known), Samples: value.Samples,
			})
		}
	}
	return out
}

// comparison adds the numbers of the previous period: those of the same value; for the rest, those of all values that are not shown.
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
