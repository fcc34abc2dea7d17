// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

func TestReviewDue(t *testing.T) {
	created := time.Date(2026, 5, 4, 15, 30, 0, 0, time.UTC)
	const reviewed = "spec.freshness.reviewedAt"
	for name, c := range map[string]struct {
		freshness *v1alpha1.MapFreshness
		created   time.Time
		due       time.Time
		field     string
	}{
		"never reviewed":                      {nil, created, created.Add(90 * 24 * time.Hour), ""},
		"never reviewed, with reviewEvery":    {&v1alpha1.MapFreshness{ReviewEvery: "2w"}, created, created.Add(14 * 24 * time.Hour), ""},
		"to the end of the day":               {&v1alpha1.MapFreshness{ReviewedAt: "2026-06-30", ReviewEvery: "1d"}, created, time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC), reviewed},
		"reviewed before the map was created": {&v1alpha1.MapFreshness{ReviewedAt: "2026-01-01", ReviewEvery: "30d"}, created, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), reviewed},
		"reviewed, by default":                {&v1alpha1.MapFreshness{ReviewedAt: "2026-01-31"}, created, time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), reviewed},
		"in a file, not on a cluster":         {nil, time.Time{}, time.Time{}, ""},
		"reviewed, not on a cluster":          {&v1alpha1.MapFreshness{ReviewedAt: "2026-01-01", ReviewEvery: "30d"}, time.Time{}, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), reviewed},
		"in a file, with reviewEvery":         {&v1alpha1.MapFreshness{ReviewEvery: "30d"}, time.Time{}, time.Time{}, ""},
	} {
		due, field := c.freshness.ReviewDue(c.created)
		require.Equal(t, c.due, due, name)
		require.Equal(t, c.field, field, name)
	}
}
