// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// runTimeToConvert compares the distribution of the time to convert. The product with these cases has one histogram for all customers, even with a
// breakdown.
func runTimeToConvert(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q stretchQuery
	var want struct {
		Bins    *[][2]int64 `json:"bins"`
		Average *float64    `json:"average_s"`
	}
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	result, err := q.ask(ctx, w, c, v1alpha1.Table{TimeToConvert: &v1alpha1.TimeToConvertTable{
		From: stage(q.FromStep), To: stage(q.ToStep), Bins: q.Bins,
	}})
	if err != nil {
		return nil, err
	}
	sums := result.(*table.TimeToConvertSums)
	if want.Bins != nil {
		got := [][2]int64{}
		for _, b := range sums.Histogram() {
			got = append(got, [2]int64{b.From, b.Customers})
		}
		found.equal("bins", *want.Bins, got)
	}
	if want.Average != nil {
		average := 0.0
		if mean, ok := sums.Mean(); ok {
			if average, err = strconv.ParseFloat(mean.String(), 64); err != nil {
				return nil, err
			}
		}
		found.near("average", *want.Average, average, 0.5)
	}
	return found, nil
}
