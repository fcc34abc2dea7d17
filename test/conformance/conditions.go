// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// runConditions compares the number of persons who met the first condition, and each of the others.
func runConditions(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q struct {
		span
		Conditions []struct {
			Step
			Day string `json:"day"`
		} `json:"conditions"`
		Filters []Filter `json:"filters"`
		CountBy string   `json:"count_by"`
	}
	var want struct {
		Counts []int64 `json:"counts"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	spec := &v1alpha1.ConditionRetentionTable{}
	ask := reportQuestion{
		span: q.span, filters: q.Filters, countBy: q.CountBy, events: map[v1alpha1.ItemName]*Step{},
		table: v1alpha1.Table{Name: "conditions", ConditionRetention: spec},
	}
	for i := range q.Conditions {
		var name v1alpha1.EventRef
		if step := &q.Conditions[i].Step; step.Event != nil || step.AnyOf != nil || step.Filters != nil {
			name = v1alpha1.EventRef(fmt.Sprint("condition-", i))
			ask.events[v1alpha1.ItemName(name)] = step
		}
		spec.Conditions = append(spec.Conditions, v1alpha1.RetentionCondition{Event: name, Day: v1alpha1.Date(q.Conditions[i].Day)})
	}
	engine, err := ask.engine(ctx, w, c)
	if err != nil {
		return nil, err
	}
	got := engine.Evaluations()[0].Tables[0].(*table.ConditionSums)
	found.equal("counts", want.Counts, got.Counts)
	return found, nil
}
