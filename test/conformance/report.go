// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
)

// reportQuestion is a query for one table of a MetricReport.
type reportQuestion struct {
	span    span
	filters []Filter
	// countBy is the unit that the case counts, or empty for persons.
	countBy string
	// events by the name that the table uses.
	events map[v1alpha1.ItemName]*Step
	table  v1alpha1.Table
}

// engine returns the engine after the scan for the query.
func (q *reportQuestion) engine(ctx context.Context, w *world, c *Case) (*engine.Engine, error) {
	analysis, err := q.span.analysis(c.Events)
	if err != nil {
		return nil, err
	}
	report := &v1alpha1.MetricReportSpec{Analysis: analysis, Tables: []v1alpha1.Table{q.table}}
	if report.Filters, err = clausesOf(q.filters); err != nil {
		return nil, err
	}
	for name, step := range q.events {
		match, err := step.matches()
		if err != nil {
			return nil, err
		}
		report.Events = append(report.Events, v1alpha1.NamedEvent{Name: name, Match: match})
	}
	slices.SortFunc(report.Events, func(a, b v1alpha1.NamedEvent) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	if report.CountBy, err = countBy(q.countBy); err != nil {
		return nil, err
	}
	return w.ask(ctx, anyMap(analysis), report, nil)
}
