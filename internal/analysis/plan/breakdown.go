// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// DefaultGroups is the default number of groups of a breakdown.
const DefaultGroups = 10

// breakdowns converts the breakdowns of a report to the types of the journey package.
func breakdowns(report *v1alpha1.MetricReportSpec) []journey.Breakdown {
	var out []journey.Breakdown
	for i := range report.BreakdownBy {
		b := &report.BreakdownBy[i]
		out = append(out, journey.Breakdown{
			By: journey.By(b.By), Keys: b.Keys, Attribution: journey.Attribution(AttributionOf(b)), Stage: string(b.Stage),
			ByPlace: b.Compat != nil && b.Compat.StageByPosition != nil && *b.Compat.StageByPosition,
		})
	}
	return out
}

// AttributionOf returns the effective attribution.
func AttributionOf(b *v1alpha1.Breakdown) v1alpha1.BreakdownAttribution {
	if b.By == v1alpha1.ByPersona {
		return ""
	}
	return cmp.Or(b.Attribution, v1alpha1.FirstValue)
}

// Whole returns a number, or otherwise if it is not set.
func Whole(n *int32, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return int(*n)
}
