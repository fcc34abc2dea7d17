// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// stretchQuery is a funnel with two steps, between which something is counted or measured.
type stretchQuery struct {
	funnelQuery
	Interval string `json:"interval"`
	FromStep *int   `json:"from_step"`
	ToStep   *int   `json:"to_step"`
	Bins     *int32 `json:"bins"`
}

// stage returns the name of a step, or an empty name.
func stage(step *int) v1alpha1.ItemName {
	if step == nil {
		return ""
	}
	return v1alpha1.ItemName(fmt.Sprint("step-", *step))
}

// ask evaluates a funnel with one table.
func (q *stretchQuery) ask(ctx context.Context, w *world, c *Case, table v1alpha1.Table) (metric.Sums, error) {
	spec, err := q.spec(c)
	if err != nil {
		return nil, err
	}
	if q.Breakdown != nil && table.TimeToConvert == nil {
		return nil, errors.New("breakdown of a table")
	}
	table.Name = "table"
	report := &v1alpha1.MetricReportSpec{Analysis: spec.Analysis, Tables: []v1alpha1.Table{table}}
	engine, err := w.ask(ctx, spec, report, nil)
	if err != nil {
		return nil, err
	}
	return engine.Evaluations()[0].Tables[0], nil
}

// runTrends compares a funnel over time.
func runTrends(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q stretchQuery
	var want struct {
		Periods []struct {
			Period    time.Time `json:"period"`
			Entered   *int64    `json:"entered"`
			Converted *int64    `json:"converted"`
			Rate      *float64  `json:"rate"`
		} `json:"periods"`
		NPeriods *int `json:"n_periods"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	result, err := q.ask(ctx, w, c, v1alpha1.Table{Trend: &v1alpha1.TrendTable{
		Period: periods[q.Interval], From: stage(q.FromStep), To: stage(q.ToStep),
	}})
	if err != nil {
		return nil, err
	}
	got := map[int64]table.TrendPeriod{}
	for _, p := range result.(*table.TrendSums).Periods {
		got[p.Start] = p
	}
	if want.NPeriods != nil {
		found.equal("number of periods", *want.NPeriods, len(got))
	}
	for _, p := range want.Periods {
		name := p.Period.Format(time.RFC3339)
		sums, ok := got[p.Period.UnixMicro()]
		if !ok {
			found.addf("there is no period that begins at %s", name)
			continue
		}
		if p.Entered != nil {
			found.equal("entered in "+name, *p.Entered, sums.Entered)
		}
		if p.Converted != nil {
			found.equal("converted in "+name, *p.Converted, sums.Converted)
		}
		if p.Rate != nil {
			rate := 0.0
			if sums.Entered > 0 {
				rate = 100 * float64(sums.Converted) / float64(sums.Entered)
			}
			found.near("rate of "+name, *p.Rate, rate, 0.01)
		}
	}
	return found, nil
}
