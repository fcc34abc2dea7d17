// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// mapFresh evaluates whether the map was reviewed in time, covers the events, and has no silent touchpoints.
func mapFresh(m *v1alpha1.JourneyMap, hasResults bool, now time.Time) status.Verdict {
	due, field := m.Spec.Freshness.ReviewDue(m.CreationTimestamp.Time)
	if !now.Before(due) {
		return status.False(v1alpha1.ReasonReviewDue, "The review was due on %s, counted from %s. Check the map against reality, "+
			"then set spec.freshness.reviewedAt.", due.UTC().Format(time.DateOnly), cmp.Or(field, "the creation of the map"))
	}
	coverage := m.Status.Coverage
	if !hasResults || coverage == nil {
		return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet, so its coverage is not known.").At(due)
	}
	looked := lookedAt(coverage, m.Status.Summary.AsOf())
	if f := m.Spec.Freshness; f != nil && below(coverage.Ratio, f.MinCoverage) {
		names := make([]string, 0, len(coverage.TopUnmatched))
		for _, e := range coverage.TopUnmatched {
			names = append(names, strconv.Quote(mask.Name(e.Event)))
		}
		shown, least := number.PercentOfLimit(string(coverage.Ratio), string(f.MinCoverage))
		return status.False(v1alpha1.ReasonCoverageLow, "%s of the customer events match a touchpoint; spec.freshness.minCoverage is %s. "+
			"Most frequent events without one: %s.%s", shown, least, value.Listed(names), looked).At(due)
	}
	if coverage.SilentCount > 0 {
		return status.False(v1alpha1.ReasonTouchpointsSilent, "Touchpoints without any event: %s.%s",
			some(coverage.SilentTouchpoints, coverage.SilentCount), looked).At(due)
	}
	if coverage.Since == nil {
		return status.Unknown(v1alpha1.ReasonDataTooShort, "There are no events yet, so it is not known whether the map covers what happens.").At(due)
	}
	if coverage.QuietCount > 0 {
		return status.Unknown(v1alpha1.ReasonDataTooShort, "Touchpoints without an event yet: %s. "+
			"The data of their sources, which begin on %s at the earliest, cover too little time to call them silent.",
			some(coverage.QuietTouchpoints, coverage.QuietCount), coverage.Since.UTC().Format(time.DateOnly)).At(due)
	}
	return status.True(v1alpha1.ReasonMapCurrent, "The map was reviewed in time, its coverage is high enough, and no touchpoint is silent.%s", looked).At(due)
}

// lookedAt formats the time of the events behind a verdict on coverage.
func lookedAt(c *v1alpha1.CoverageResult, asOf *metav1.Time) string {
	if c.Since == nil || asOf == nil {
		return ""
	}
	return " Looked at: " + messages.Basis("events", c.Since.Time, asOf.Time) + "."
}

// some lists touchpoints, of which the status contains the first ones.
func some(names []string, all int32) string {
	if int(all) > len(names) {
		return fmt.Sprintf("%s (%d in all)", value.Listed(names), all)
	}
	return value.Listed(names)
}

// below compares two ratios. If either is missing, it returns false.
func below(value, limit v1alpha1.Ratio) bool {
	v, errV := strconv.ParseFloat(string(value), 64)
	l, errL := strconv.ParseFloat(string(limit), 64)
	return errV == nil && errL == nil && v < l
}
