// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// ReportAnalysis returns the analysis of a report. Fields that it does not set are those of its map, so that both analyse the same customers. Of two
// fields that exclude each other (every and schedule, lookback and range), the report's setting overrides both of the map's. Only suspend is not
// inherited. The result is nil if neither sets anything.
func ReportAnalysis(own, ofMap *v1alpha1.Analysis) *v1alpha1.Analysis {
	if ofMap == nil {
		return own.DeepCopy()
	}
	out := ofMap.DeepCopy()
	out.Suspend = nil
	if own == nil {
		return out
	}
	own = own.DeepCopy()
	if SaysWhen(own) {
		out.Every, out.Schedule = own.Every, own.Schedule
	}
	if own.Lookback != "" || own.Range != nil {
		out.Lookback, out.Range = own.Lookback, own.Range
	}
	out.AsOf = cmp.Or(own.AsOf, out.AsOf)
	out.TimeZone = cmp.Or(own.TimeZone, out.TimeZone)
	out.WeekStart = cmp.Or(own.WeekStart, out.WeekStart)
	out.Suspend = own.Suspend
	return out
}

// SaysWhen reports whether an analysis has its own schedule.
func SaysWhen(a *v1alpha1.Analysis) bool { return a != nil && (a.Every != "" || a.Schedule != "") }

// MapHash returns a hash of what a report uses from its map and of the effective analysis. A report whose results have a different hash is computed
// again. Texts for people, and settings that only the map uses, are not part of it.
func MapHash(m *v1alpha1.JourneyMapSpec, analysis *v1alpha1.Analysis) string {
	used := ReportPart(m)
	if analysis != nil {
		used.Analysis = analysis.DeepCopy()
		used.Analysis.Every, used.Analysis.Schedule, used.Analysis.Suspend = "", "", nil
		if *used.Analysis == (v1alpha1.Analysis{}) {
			used.Analysis = nil
		}
	}
	return hashOf(used)
}

// SourcesHash returns a hash of what results depend on in addition to the specs of their object and of their map: the sources and the exclude rules.
// Results with a different hash are computed again.
func SourcesHash(sources []MapSource, exclude []v1alpha1.EventCondition) string {
	used := struct {
		Sources []MapSource
		Exclude []v1alpha1.EventCondition
	}{slices.Clone(sources), exclude}
	for i := range used.Sources {
		used.Sources[i].CreatedAt = metav1.Time{} // a recreated source has the same events
	}
	return hashOf(used)
}

// hashOf returns a short hash, which is the same for equal values.
func hashOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // Values of the API can always be marshalled.
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// ReportPart returns what a report uses from its map in addition to the analysis: the spec without fields that change no number of a report. A new
// field is part of it until it is excluded here.
func ReportPart(m *v1alpha1.JourneyMapSpec) *v1alpha1.JourneyMapSpec {
	out := m.DeepCopy()
	out.Goal, out.Owners, out.Freshness, out.Analysis, out.Pod = "", nil, nil, nil, nil
	for i := range out.Personas {
		out.Personas[i].Description = ""
	}
	for i := range out.Stages {
		s := &out.Stages[i]
		s.Phase, s.Intent, s.Emotion, s.MaxDropOff, s.FrictionWithin = "", "", nil, "", ""
		for j := range s.Touchpoints {
			t := &s.Touchpoints[j]
			t.MicroConversion, t.Importance, t.Assessment, t.PainPoints, t.Opportunities = nil, "", nil, nil, nil
		}
	}
	return out
}
