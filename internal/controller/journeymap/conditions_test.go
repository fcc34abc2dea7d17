// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func fed(name string, every v1alpha1.Duration, is metav1.ConditionStatus, reason string) *v1alpha1.TouchpointSource {
	s := &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.TouchpointSourceSpec{ExpectEvery: every}}
	if reason != "" {
		s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionFresh, Status: is, Reason: reason}}
	}
	return s
}

func TestDataFresh(t *testing.T) {
	fine, free := fed("fine", "1h", "True", v1alpha1.ReasonWithinExpectation), fed("free", "", "True", v1alpha1.ReasonNoExpectation)
	stale, never := fed("stale", "1h", "False", v1alpha1.ReasonSourceStale), fed("never", "1h", "False", v1alpha1.ReasonNeverReceived)
	free0 := fed("free0", "", "Unknown", v1alpha1.ReasonNotObserved)
	away, fresh := fed("away", "1h", "Unknown", v1alpha1.ReasonStoreUnavailable), fed("new", "1h", "", "")
	for name, tt := range map[string]struct {
		sources []*v1alpha1.TouchpointSource
		want    string
		message string
	}{
		"none":                          {nil, v1alpha1.ReasonNoSources, ""},
		"all fresh":                     {[]*v1alpha1.TouchpointSource{fine, free}, v1alpha1.ReasonWithinExpectation, ""},
		"no expectEvery":                {[]*v1alpha1.TouchpointSource{free}, v1alpha1.ReasonNoExpectation, ""},
		"stale has priority":            {[]*v1alpha1.TouchpointSource{away, never, stale, fine}, v1alpha1.ReasonSourceStale, "stale, never"},
		"never heard":                   {[]*v1alpha1.TouchpointSource{fine, never, away}, v1alpha1.ReasonNeverReceived, "never"},
		"not known":                     {[]*v1alpha1.TouchpointSource{fine, away}, v1alpha1.ReasonStoreUnavailable, "away"},
		"unknown, without expectEvery":  {[]*v1alpha1.TouchpointSource{fed("quiet", "", "Unknown", v1alpha1.ReasonStoreUnavailable)}, v1alpha1.ReasonStoreUnavailable, "quiet"},
		"no event, without expectEvery": {[]*v1alpha1.TouchpointSource{free0}, v1alpha1.ReasonNotObserved, "free0"},
		"one without expectEvery":       {[]*v1alpha1.TouchpointSource{fine, free0}, v1alpha1.ReasonWithinExpectation, ""},
		"a new source":                  {[]*v1alpha1.TouchpointSource{fine, fresh}, v1alpha1.ReasonNotObserved, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			v := dataFresh(tt.sources)
			require.Equal(t, tt.want, v.Reason)
			require.Contains(t, v.Message, tt.message)
		})
	}
}

func TestMapFresh(t *testing.T) {
	m := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour))}}
	due := noon.Add(-time.Hour).Add(90 * 24 * time.Hour)
	v := mapFresh(m, false, noon)
	require.Equal(t, v1alpha1.ReasonNoResults, v.Reason)
	require.Equal(t, due, v.Recheck, "a map that was never reviewed is due 90 days after it was made")
	require.Equal(t, v1alpha1.ReasonReviewDue, mapFresh(m, true, due).Reason)
	require.NotEqual(t, v1alpha1.ReasonReviewDue, mapFresh(m, true, due.Add(-time.Second)).Reason)

	m.Spec.Freshness = &v1alpha1.MapFreshness{ReviewedAt: "2026-11-01", ReviewEvery: "1d", MinCoverage: "0.8"}
	day := metav1.NewTime(time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC))
	asOf := metav1.NewTime(time.Date(2026, 11, 2, 11, 0, 0, 0, time.UTC))
	m.Status.Summary = &v1alpha1.JourneySummary{Period: &v1alpha1.ResultPeriod{AsOf: &asOf}}
	m.Status.Coverage = &v1alpha1.CoverageResult{Ratio: "0.8", SilentCount: 4, SilentTouchpoints: []string{"a/b", "a/c"}, Since: &day}
	v = mapFresh(m, true, noon)
	require.Equal(t, v1alpha1.ReasonTouchpointsSilent, v.Reason, "a ratio that equals the limit is enough")
	require.Contains(t, v.Message, "Touchpoints without any event: a/b, a/c (4 in all). Looked at: events from 2026-10-03T09:00:00Z to 2026-11-02T11:00:00Z.")
	require.Equal(t, time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), v.Recheck, "a review counts to the end of its day")
	m.Status.Coverage = &v1alpha1.CoverageResult{Ratio: "0.799999", TopUnmatched: []v1alpha1.EventCount{
		{Event: "Odd Thing", Count: 9}, {Event: "jane@example.com called", Count: 2}}}
	v = mapFresh(m, true, noon)
	require.Equal(t, v1alpha1.ReasonCoverageLow, v.Reason)
	require.Contains(t, v.Message, "\"Odd Thing\", \"[email] called\"", "names of events are masked")
	m.Status.Coverage = &v1alpha1.CoverageResult{Since: &day}
	v = mapFresh(m, true, noon)
	require.Equal(t, v1alpha1.ReasonMapCurrent, v.Reason, "no customer did anything, so nothing is uncovered")
	require.Contains(t, v.Message, "no touchpoint is silent. Looked at: events from 2026-10-03T09:00:00Z to 2026-11-02T11:00:00Z.")
	m.Status.Coverage = &v1alpha1.CoverageResult{Since: &day, QuietCount: 1, QuietTouchpoints: []string{"a/d"}}
	v = mapFresh(m, true, noon)
	require.Equal(t, metav1.ConditionUnknown, v.Status, "too early to call a touchpoint silent")
	require.Equal(t, "Touchpoints without an event yet: a/d. The data of their sources, which begin on 2026-10-03 at the earliest, "+
		"cover too little time to call them silent.", v.Message)
	m.Status.Coverage = &v1alpha1.CoverageResult{QuietCount: 1, QuietTouchpoints: []string{"a/d"}}
	require.Equal(t, v1alpha1.ReasonDataTooShort, mapFresh(m, true, noon).Reason, "there are no data")
	require.Equal(t, v1alpha1.ReasonReviewDue, mapFresh(m, true, noon.Add(24*time.Hour)).Reason)

	m.Status.Coverage = &v1alpha1.CoverageResult{Ratio: "0.1", Since: &day}
	require.Equal(t, v1alpha1.ReasonNoResults, mapFresh(m, false, noon).Reason, "the coverage is that of an earlier spec")
	m.Spec.Freshness = nil
	require.Equal(t, v1alpha1.ReasonMapCurrent, mapFresh(m, true, noon).Reason, "no coverage is asked for")
	m.Status.Summary = nil
	require.Equal(t, "The map was reviewed in time, its coverage is high enough, and no touchpoint is silent.", mapFresh(m, true, noon).Message)
}

func TestDropOff(t *testing.T) {
	m := &v1alpha1.JourneyMap{Spec: v1alpha1.JourneyMapSpec{Stages: []v1alpha1.Stage{{Name: "see"}, {Name: "buy"}}}}
	require.Equal(t, v1alpha1.ReasonNoLimits, dropOff(m, true).Reason)
	m.Spec.Stages[0].MaxDropOff = "0.6"
	require.Equal(t, v1alpha1.ReasonNoResults, dropOff(m, false).Reason)
	m.Status.Stages = []v1alpha1.StageResult{{Name: "see"}, {Name: "buy"}}
	require.Equal(t, metav1.ConditionUnknown, dropOff(m, true).Status, "nobody entered")
	require.Equal(t, v1alpha1.ReasonNoCustomers, dropOff(m, true).Reason)
	m.Spec.Stages[1].MaxDropOff = "1"
	m.Status.Stages = []v1alpha1.StageResult{{Name: "see", Entered: 10, DropOff: "0.6"}, {Name: "buy"}}
	require.Equal(t, v1alpha1.ReasonDropOffWithinLimits, dropOff(m, true).Reason)
	require.Contains(t, dropOff(m, true).Message, "Nobody entered: buy.")
	m.Spec.Stages[1].MaxDropOff = ""
	m.Status.Stages = []v1alpha1.StageResult{{Name: "see", Entered: 10, DropOff: "0.6"}, {Name: "buy", Entered: 4, DropOff: "1"}}
	require.Equal(t, v1alpha1.ReasonDropOffWithinLimits, dropOff(m, true).Reason, "the limit itself is allowed")
	require.Equal(t, "No stage is above its maxDropOff, and no drop-off is unusually high.", dropOff(m, true).Message)
	m.Status.Summary = &v1alpha1.JourneySummary{Note: "A note."}
	require.Equal(t, "No stage is above its maxDropOff, and no drop-off is unusually high. A note.", dropOff(m, true).Message)
	m.Status.Stages[0].DropOff = "0.6001"
	v := dropOff(m, true)
	require.Equal(t, metav1.ConditionTrue, v.Status)
	require.Contains(t, v.Message, "see (60.01 % of at most 60 %)")

	asOf, from, to := metav1.NewTime(noon), metav1.NewTime(noon.Add(-44*24*time.Hour)), metav1.NewTime(noon.Add(-14*24*time.Hour))
	m.Status.Summary = &v1alpha1.JourneySummary{Customers: 10, Period: &v1alpha1.ResultPeriod{AsOf: &asOf, From: &from, To: &to}}
	require.Equal(t, "The drop-off is above spec.stages[].maxDropOff after: see (60.01 % of at most 60 %). As of "+
		noon.Format(time.RFC3339)+", entries from "+from.Format(time.RFC3339)+" to "+to.Format(time.RFC3339)+".", dropOff(m, true).Message)

	m.Status.Stages[0].Anomaly = &v1alpha1.StageAnomaly{Day: "2026-11-20", DropOff: "0.71", ExpectedLow: "0.38", ExpectedHigh: "0.47"}
	require.Contains(t, dropOff(m, true).Message, "The drop-off is unusually high after: see (71.0 % on 2026-11-20, usually 38.0 % to 47.0 %).")
	m.Spec.Stages[0].MaxDropOff = ""
	v = dropOff(m, true)
	require.Equal(t, metav1.ConditionTrue, v.Status)
	require.Equal(t, v1alpha1.ReasonDropOffUnusual, v.Reason)
}

// A silent source is named with its expectEvery, and since when it is silent.
func TestSilentSources(t *testing.T) {
	s := fed("tills", "12h", "False", v1alpha1.ReasonSourceStale)
	at := metav1.NewTime(noon.Add(-13 * time.Hour))
	s.Status.NewestReceivedTime = &at
	require.Equal(t, "No event was received within expectEvery from tills (12h, nothing since "+at.Format(time.RFC3339)+").",
		dataFresh([]*v1alpha1.TouchpointSource{s}).Message)
}
