// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// runStickiness evaluates one report for each series, because each series can count by its own unit.
func runStickiness(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q struct {
		span
		Series []struct {
			Step
			CountBy string `json:"count_by"`
		} `json:"series"`
		Interval string   `json:"interval"`
		Filters  []Filter `json:"filters"`
		CountBy  string   `json:"count_by"`
	}
	var want struct {
		Series map[string][]int64 `json:"series"`
		Totals map[string]int64   `json:"totals"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	for i := range q.Series {
		s := &q.Series[i]
		ask := reportQuestion{
			span: q.span, filters: q.Filters, countBy: cmp.Or(s.CountBy, q.CountBy), events: map[v1alpha1.ItemName]*Step{"activity": &s.Step},
			table: v1alpha1.Table{Name: "stickiness", Stickiness: &v1alpha1.StickinessTable{Event: "activity", Period: periods[q.Interval]}},
		}
		engine, err := ask.engine(ctx, w, c)
		if err != nil {
			return nil, err
		}
		sums := engine.Evaluations()[0].Tables[0].(*table.StickinessSums)
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
