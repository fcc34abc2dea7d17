// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// retentionQuery is the query of a cohort table. The table ends with the period of to.
type retentionQuery struct {
	span
	Target     Step     `json:"target"`
	Returning  Step     `json:"returning"`
	Period     string   `json:"period"`
	Intervals  int32    `json:"intervals"`
	FirstTime  bool     `json:"first_time"`
	Cumulative bool     `json:"cumulative"`
	Filters    []Filter `json:"filters"`
	CountBy    string   `json:"count_by"`
}

func (q *retentionQuery) table() v1alpha1.Table {
	t := &v1alpha1.RetentionTable{
		Start: "target", Return: "returning", Period: periods[q.Period], Cohorts: q.Intervals,
		Entry: "Recurring", Retained: "On", Windows: "Calendar",
	}
	if q.FirstTime {
		t.Entry = "FirstTime"
	}
	if q.Cumulative {
		t.Retained = "OnOrAfter"
	}
	return v1alpha1.Table{Name: "retention", Retention: t}
}

// runRetention compares the triangle of cohorts.
func runRetention(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q retentionQuery
	var want struct {
		Cohorts [][]int64            `json:"cohorts"`
		Starts  map[string]time.Time `json:"cohort_starts"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	ask := reportQuestion{
		span: q.span, filters: q.Filters, countBy: q.CountBy, table: q.table(),
		events: map[v1alpha1.ItemName]*Step{"target": &q.Target, "returning": &q.Returning},
	}
	engine, err := ask.engine(ctx, w, c)
	if err != nil {
		return nil, err
	}
	got := engine.Evaluations()[0].Tables[0].(*table.RetentionSums)
	if want.Cohorts != nil {
		found.equal("number of cohorts", len(want.Cohorts), len(got.Cohorts))
		for i := range min(len(want.Cohorts), len(got.Cohorts)) {
			found.equal(fmt.Sprint("cohort ", i), want.Cohorts[i], got.Cohorts[i])
		}
	}
	for number, start := range want.Starts {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(got.Starts()) {
			found.addf("cohort %s: there is none", number)
			continue
		}
		found.equal("start of cohort "+number, start.UTC(), time.UnixMicro(got.Starts()[i]).UTC())
	}
	return found, nil
}
