// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

func at(day int) metav1.Time { return metav1.NewTime(time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC)) }

func ptr[T any](v T) *T { return &v }

// TestReportInheritsFieldByField visits all fields of an analysis, so that a new field needs a case.
func TestReportInheritsFieldByField(t *testing.T) {
	values := map[string][2]any{ // of the report, of the map
		"Every": {v1alpha1.AnalysisInterval("1h"), v1alpha1.AnalysisInterval("2h")}, "Schedule": {"0 1 * * *", "0 2 * * *"},
		"Lookback": {v1alpha1.Duration("7d"), v1alpha1.Duration("60d")}, "Range": {&v1alpha1.TimeRange{From: at(1), To: at(2)}, &v1alpha1.TimeRange{From: at(3), To: at(4)}},
		"AsOf": {ptr(at(5)), ptr(at(6))}, "TimeZone": {"Europe/Berlin", "America/Santiago"}, "WeekStart": {v1alpha1.Monday, v1alpha1.Sunday},
		"Suspend": {ptr(false), ptr(true)},
	}
	excludes := map[string]string{"Every": "Schedule", "Schedule": "Every", "Lookback": "Range", "Range": "Lookback"}
	set := func(a *v1alpha1.Analysis, field string, which int) {
		reflect.ValueOf(a).Elem().FieldByName(field).Set(reflect.ValueOf(values[field][which]))
	}
	get := func(a *v1alpha1.Analysis, field string) any {
		return reflect.ValueOf(a).Elem().FieldByName(field).Interface()
	}
	fields := reflect.VisibleFields(reflect.TypeFor[v1alpha1.Analysis]())
	for _, f := range fields {
		require.Contains(t, values, f.Name, "decide whether a report inherits the field, and add it here")
		ofMap, own := &v1alpha1.Analysis{}, &v1alpha1.Analysis{}
		set(ofMap, f.Name, 1)
		for _, says := range []*v1alpha1.Analysis{nil, {}} {
			got := ReportAnalysis(says, ofMap)
			if f.Name == "Suspend" {
				require.Nil(t, got.Suspend)
			} else {
				require.Equal(t, ofMap, got, f.Name)
			}
		}
		set(own, f.Name, 0)
		require.Equal(t, own, ReportAnalysis(own, nil), f.Name)
		require.Equal(t, own, ReportAnalysis(own, ofMap), f.Name)
		for _, other := range fields {
			if other.Name == f.Name || other.Name == "Suspend" {
				continue
			}
			ofMap, own := &v1alpha1.Analysis{}, &v1alpha1.Analysis{}
			set(own, f.Name, 0)
			set(ofMap, other.Name, 1)
			got := ReportAnalysis(own, ofMap)
			require.Equal(t, values[f.Name][0], get(got, f.Name))
			if excludes[f.Name] == other.Name {
				require.Equal(t, own, got, "%s of the report goes before %s of the map", f.Name, other.Name)
			} else {
				require.Equal(t, values[other.Name][1], get(got, other.Name), "%s and %s", other.Name, f.Name)
			}
			require.Equal(t, got, ReportAnalysis(got, ofMap), "twice is as once")
		}
	}
	require.Nil(t, ReportAnalysis(nil, nil))
}

func TestInheritedAnalysisIsACopy(t *testing.T) {
	ofMap := &v1alpha1.Analysis{Range: &v1alpha1.TimeRange{From: at(1), To: at(2)}, AsOf: ptr(at(9))}
	got := ReportAnalysis(nil, ofMap)
	got.Range.From, *got.AsOf = at(20), at(21)
	require.Equal(t, at(1), ofMap.Range.From)
	require.Equal(t, at(9), *ofMap.AsOf)
}

// The hash depends on the analysed period, but not on the schedule of runs.
func TestMapHashOfTheTime(t *testing.T) {
	m := &v1alpha1.JourneyMapSpec{StoreRef: v1alpha1.LocalReference{Name: "default"}}
	none := MapHash(m, nil)
	require.Equal(t, none, MapHash(m, &v1alpha1.Analysis{Every: "1h", Suspend: ptr(true)}))
	require.Equal(t, none, MapHash(m, &v1alpha1.Analysis{Schedule: "0 6 * * *"}))
	known := map[string]string{none: "nothing"}
	for name, a := range map[string]*v1alpha1.Analysis{
		"lookback": {Lookback: "60d"}, "range": {Range: &v1alpha1.TimeRange{From: at(1), To: at(2)}}, "asOf": {AsOf: ptr(at(3))}, "timeZone": {TimeZone: "Asia/Tokyo"},
		"weekStart": {WeekStart: v1alpha1.Sunday},
	} {
		hash := MapHash(m, a)
		require.Empty(t, known[hash], name)
		known[hash] = name
	}
}
