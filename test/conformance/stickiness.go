// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// runStickiness asks one report for each series: a series may count by a unit of its own.
func runStickiness(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q struct {
		span
		Series []struct {
			Step
			CountBy string `json:"count_by"`
		} `json:"series"`
		Interval string   `json:"interval"`
		Filters  []Filter `json:"filters"`
	}
	var want struct {
		Series map[string][]int64 `json:"series"`
		Totals map[string]int64   `json:"totals"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	analysis, err := q.analysis(c.Events)
	if err != nil {
		return nil, err
	}
	for i, s := range q.Series {
		if s.CountBy != "" && s.CountBy != "person" {
			return nil, errors.New("count_by " + s.CountBy)
		}
		match, err := s.matches()
		if err != nil {
			return nil, err
		}
		filters, err := clausesOf(q.Filters)
		if err != nil {
			return nil, err
		}
		engine, err := w.ask(ctx, anyMap(analysis), &v1alpha1.MetricReportSpec{
			Analysis: analysis, Filters: filters, Events: []v1alpha1.NamedEvent{{Name: "activity", Match: match}},
			Tables: []v1alpha1.Table{{Name: "stickiness", Stickiness: &v1alpha1.StickinessTable{Event: "activity", Period: periods[q.Interval]}}},
		}, nil)
		if err != nil {
			return nil, err
		}
		sums := engine.Evaluations()[0].Tables[0].(*journey.StickinessSums)
		name, total := fmt.Sprint(i), int64(0)
		for _, n := range sums.Persons {
			total += n
		}
		if series, ok := want.Series[name]; ok {
			found.equal("series "+name, series, sums.Persons)
		}
		if n, ok := want.Totals[name]; ok {
			found.equal("total of series "+name, n, total)
		}
	}
	return found, nil
}
