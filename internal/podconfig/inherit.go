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

// ReportAnalysis returns the analysis of a report: what it does not say itself is its map's, field by field, so that both are about the same
// customers. Of two fields that exclude each other (every and schedule, lookback and range) what the report says goes before
// both of the map's. Only suspend is each object's own. It is nil when neither says anything.
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

// SaysWhen reports whether an analysis has a rhythm of its own.
func SaysWhen(a *v1alpha1.Analysis) bool { return a != nil && (a.Every != "" || a.Schedule != "") }

// MapHash is a hash of what a report takes from its map and of the analysis that applies: a report whose results have another one is computed
// again. What people write for each other, and what evaluates the map alone, is no part of it.
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

// SourcesHash is a hash of what results depend on next to the spec of their object and of their map: the sources and the exclude rules. Results with
// another one are computed again.
func SourcesHash(sources []MapSource, exclude []v1alpha1.EventCondition) string {
	used := struct {
		Sources []MapSource
		Exclude []v1alpha1.EventCondition
	}{slices.Clone(sources), exclude}
	for i := range used.Sources {
		used.Sources[i].CreatedAt = metav1.Time{} // a source that is made again has the same events
	}
	return hashOf(used)
}

// hashOf is short, and the same for equal values.
func hashOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // What comes from the API always has a form in JSON.
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// ReportPart is what a report takes from its map next to the analysis: the spec without what changes no number of a report. A new field is a part
// of it until it is left out here.
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
