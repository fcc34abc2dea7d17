// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/status"
)

// dataFresh sums up the sources: one that is stale counts for more than one that is not known, and that for more than
// any that are well.
func dataFresh(sources []*v1alpha1.TouchpointSource) status.Verdict {
	if len(sources) == 0 {
		return status.Unknown(v1alpha1.ReasonNoSources, "No TouchpointSource feeds the map.")
	}
	var stale, never, unknown, idle []string
	expecting, why := false, v1alpha1.ReasonNotObserved
	for _, s := range sources {
		c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionFresh)
		switch {
		case c == nil:
			unknown = append(unknown, s.Name)
		case c.Status == metav1.ConditionUnknown && c.Reason == v1alpha1.ReasonNotObserved && s.Spec.ExpectEvery == "":
			idle = append(idle, s.Name) // nothing was received, and nothing is expected
		case c.Status == metav1.ConditionUnknown:
			unknown = append(unknown, s.Name)
			if c.Reason == v1alpha1.ReasonStoreUnavailable {
				why = c.Reason
			}
		case c.Status == metav1.ConditionFalse && c.Reason == v1alpha1.ReasonNeverReceived:
			never = append(never, s.Name)
		case c.Status == metav1.ConditionFalse:
			stale = append(stale, s.Name)
		}
		expecting = expecting || s.Spec.ExpectEvery != ""
	}
	switch {
	case len(stale) > 0:
		return status.False(v1alpha1.ReasonSourceStale, "Nothing was received within expectEvery from %s.", status.Names(append(stale, never...)))
	case len(never) > 0:
		return status.False(v1alpha1.ReasonNeverReceived, "Nothing was ever received from %s.", status.Names(never))
	case len(unknown) > 0:
		return status.Unknown(why, "It is not known how fresh the data of %s are.", status.Names(unknown))
	case len(idle) == len(sources):
		return status.Unknown(v1alpha1.ReasonNotObserved, "Nothing was received yet from %s.", status.Names(idle))
	case !expecting:
		return status.True(v1alpha1.ReasonNoExpectation, "No source of the map has expectEvery set, so no silence is too long.")
	default:
		return status.True(v1alpha1.ReasonWithinExpectation, "Every source that has expectEvery set was heard from in time.")
	}
}

// mapFresh asks three things: was the map reviewed in time, does it cover what happens, is every touchpoint alive?
func mapFresh(m *v1alpha1.JourneyMap, hasResults bool, now time.Time) status.Verdict {
	due, field := config.ReviewDue(m.Spec.Freshness, m.CreationTimestamp.Time)
	if !now.Before(due) {
		return status.False(v1alpha1.ReasonReviewDue, "A review was due on %s, counted from %s. Check the map against reality and set spec.freshness.reviewedAt.",
			due.UTC().Format(time.DateOnly), cmp.Or(field, "the creation of the map"))
	}
	coverage := m.Status.Coverage
	if !hasResults || coverage == nil {
		return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet, so its coverage is not known.").At(due)
	}
	if f := m.Spec.Freshness; f != nil && below(coverage.Ratio, f.MinCoverage) {
		names := make([]string, 0, len(coverage.TopUnmatched))
		for _, e := range coverage.TopUnmatched {
			names = append(names, strconv.Quote(e.Event))
		}
		shown, least := number.PercentOfLimit(string(coverage.Ratio), string(f.MinCoverage))
		return status.False(v1alpha1.ReasonCoverageLow, "%s of the customer events match a touchpoint, of at least %s. Most frequent without one: %s.",
			shown, least, status.Names(names)).At(due)
	}
	if coverage.SilentCount > 0 {
		return status.False(v1alpha1.ReasonTouchpointsSilent, "Touchpoints without any event%s: %s.",
			since(coverage), some(coverage.SilentTouchpoints, coverage.SilentCount)).At(due)
	}
	if coverage.Since == nil {
		return status.Unknown(v1alpha1.ReasonDataTooShort, "There are no events yet, so it is not known whether the map covers what happens.").At(due)
	}
	if coverage.QuietCount > 0 {
		return status.Unknown(v1alpha1.ReasonDataTooShort, "Touchpoints without an event yet: %s. The data of their sources, which begin%s at the earliest, are too short to call them silent.",
			some(coverage.QuietTouchpoints, coverage.QuietCount), since(coverage)).At(due)
	}
	return status.True(v1alpha1.ReasonMapCurrent, "The map was reviewed in time, covers what happens, and no touchpoint is silent.").At(due)
}

// some names touchpoints, of which the status lists the first ones.
func some(names []string, all int32) string {
	if int(all) > len(names) {
		return fmt.Sprintf("%s (%d in all)", status.Names(names), all)
	}
	return status.Names(names)
}

// since gives the day from which on events were looked at.
func since(c *v1alpha1.CoverageResult) string {
	if c.Since == nil {
		return ""
	}
	return " since " + c.Since.UTC().Format(time.DateOnly)
}

// below compares two ratios. A ratio that is missing, on either side, is never below.
func below(value, limit v1alpha1.Ratio) bool {
	v, errV := strconv.ParseFloat(string(value), 64)
	l, errL := strconv.ParseFloat(string(limit), 64)
	return errV == nil && errL == nil && v < l
}

// dropOff compares each stage with its limit.
func dropOff(m *v1alpha1.JourneyMap, hasResults bool) status.Verdict {
	limits := map[v1alpha1.ItemName]v1alpha1.Ratio{}
	for _, s := range m.Spec.Stages {
		if s.MaxDropOff != "" {
			limits[s.Name] = s.MaxDropOff
		}
	}
	if !hasResults {
		return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet.")
	}
	var over, unusual, empty []string
	for _, s := range m.Status.Stages {
		limit, limited := limits[s.Name]
		if limited && s.Entered == 0 {
			empty = append(empty, string(s.Name))
		}
		if limited && below(limit, s.DropOff) {
			shown, most := number.PercentOfLimit(string(s.DropOff), string(limit))
			over = append(over, fmt.Sprintf("%s (%s of at most %s)", s.Name, shown, most))
		}
		if a := s.Anomaly; a != nil {
			unusual = append(unusual, fmt.Sprintf("%s (%s on %s, usually %s to %s)", s.Name, percent(a.DropOff), a.Day, percent(a.ExpectedLow), percent(a.ExpectedHigh)))
		}
	}
	const tooMany, tooUnusual = "More customers are lost than spec.stages[].maxDropOff allows after: %s.", "More customers are lost than usual after: %s."
	switch {
	case len(over) > 0 && len(unusual) > 0:
		return status.True(v1alpha1.ReasonDropOffAboveLimit, tooMany+" "+tooUnusual, status.Names(over), status.Names(unusual))
	case len(over) > 0:
		return status.True(v1alpha1.ReasonDropOffAboveLimit, tooMany, status.Names(over))
	case len(unusual) > 0:
		return status.True(v1alpha1.ReasonDropOffUnusual, tooUnusual, status.Names(unusual))
	case len(limits) > 0 && len(empty) == len(limits):
		return status.Unknown(v1alpha1.ReasonNoCustomers, "Nobody has entered a stage with a maxDropOff in the analysed time, so there is nothing to compare with it.")
	case len(empty) > 0:
		return status.False(v1alpha1.ReasonDropOffWithinLimits, "Every stage with a maxDropOff that customers entered keeps to it, and none lost unusually many. Nobody entered: %s.",
			status.Names(empty))
	case len(limits) == 0:
		return status.False(v1alpha1.ReasonNoLimits, "No stage has a maxDropOff, and none lost unusually many.")
	}
	return status.False(v1alpha1.ReasonDropOffWithinLimits, "Every stage with a maxDropOff keeps to it, and none lost unusually many.")
}

func percent(r v1alpha1.Ratio) string { return number.PercentText(string(r)) }
