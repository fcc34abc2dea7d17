// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// runLifecycle compares the statuses by period. A person is new in the period of their creation.
func runLifecycle(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q struct {
		span
		Event    Step     `json:"event"`
		Interval string   `json:"interval"`
		Filters  []Filter `json:"filters"`
		CountBy  string   `json:"count_by"`
	}
	var want struct {
		Statuses map[string][]int64 `json:"statuses"`
		Days     []string           `json:"days"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	ask := reportQuestion{
		span: q.span, filters: q.Filters, countBy: q.CountBy, events: map[v1alpha1.ItemName]*Step{"activity": &q.Event},
		table: v1alpha1.Table{Name: "lifecycle", Lifecycle: &v1alpha1.LifecycleTable{
			Event: "activity", Period: periods[q.Interval], NewBy: "CreatedAt",
		}},
	}
	engine, err := ask.engine(ctx, w, c)
	if err != nil {
		return nil, err
	}
	got := engine.Evaluations()[0].Tables[0].(*table.LifecycleSums)
	for status, of := range map[string]func(n table.LifecycleCounts) int64{
		"new":          func(n table.LifecycleCounts) int64 { return n.New },
		"returning":    func(n table.LifecycleCounts) int64 { return n.Returning },
		"resurrecting": func(n table.LifecycleCounts) int64 { return n.Resurrecting },
		"dormant":      func(n table.LifecycleCounts) int64 { return n.Dormant },
	} {
		list, asserted := want.Statuses[status]
		if !asserted {
			continue
		}
		counts := []int64{}
		for _, n := range got.Statuses {
			counts = append(counts, of(n))
		}
		found.equal(status, list, counts)
	}
	if want.Days != nil {
		location, err := time.LoadLocation(q.TimeZone)
		if err != nil {
			return nil, err
		}
		var days []string
		for _, start := range got.Starts() {
			days = append(days, time.UnixMicro(start).In(location).Format(time.DateOnly))
		}
		found.equal("days", want.Days, days)
	}
	return found, nil
}
