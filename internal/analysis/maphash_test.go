// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// fillSpec sets all empty fields, with one element in each list.
func fillSpec(v reflect.Value) {
	switch v.Interface().(type) {
	case v1alpha1.Duration:
		v.SetString("1d")
		return
	case metav1.Time:
		v.Set(reflect.ValueOf(metav1.NewTime(noon)))
		return
	case v1alpha1.Date:
		v.SetString("2026-01-01")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSpec(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillSpec(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			fillSpec(v.Field(i))
		}
	case reflect.String:
		v.SetString("properties.x")
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// eachLeaf changes every single value, calls changed with its path, and restores the value.
func eachLeaf(v reflect.Value, path string, changed func(path string)) {
	set := func(other any) {
		old := reflect.ValueOf(v.Interface())
		v.Set(reflect.ValueOf(other).Convert(v.Type()))
		changed(path)
		v.Set(old)
	}
	switch x := v.Interface().(type) {
	case v1alpha1.Duration:
		set("2d")
		return
	case v1alpha1.Date:
		set("2026-01-02")
		return
	case metav1.Time:
		set(metav1.NewTime(x.Add(time.Minute)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		eachLeaf(v.Elem(), path, changed)
	case reflect.Slice:
		eachLeaf(v.Index(0), path+"[]", changed)
	case reflect.Struct:
		for i := range v.NumField() {
			eachLeaf(v.Field(i), path+"."+v.Type().Field(i).Name, changed)
		}
	case reflect.String:
		set(v.String() + "y")
	case reflect.Int32, reflect.Int64:
		v.SetInt(2)
		changed(path)
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(false)
		changed(path)
		v.SetBool(true)
	}
}

// Changes every field of a map. If the plan of a report changes, its hash must change, so that the report is computed again. If the hash changes, the
// report must use the field.
func TestMapHashFollowsThePlan(t *testing.T) {
	spec := &v1alpha1.JourneyMapSpec{}
	fillSpec(reflect.ValueOf(spec).Elem())
	spec.CountBy.Key = "properties.cart"
	spec.Analysis = &v1alpha1.Analysis{
		Range: &v1alpha1.TimeRange{From: metav1.NewTime(noon.Add(-5 * day)), To: metav1.NewTime(noon)}, AsOf: &metav1.Time{Time: noon}, TimeZone: "UTC", WeekStart: v1alpha1.Monday,
		Suspend: new(bool), Every: "1h", Schedule: "0 6 * * *",
	}
	*spec.Analysis.Suspend = true
	planned := func() (*plan.Plan, string) {
		doc := mapDocument(*spec.DeepCopy())
		report := reportSpec()
		report.Analysis = podconfig.ReportAnalysis(nil, spec.Analysis)
		doc.Kind, doc.Report = v1alpha1.MetricReportKind, &report
		p, err := plan.New(doc, noon, store.State{}, false)
		if err != nil {
			return nil, podconfig.MapHash(spec, doc.Report.Analysis)
		}
		return p, podconfig.MapHash(spec, doc.Report.Analysis)
	}
	before, hash := planned()
	require.NotNil(t, before)
	unused := map[string]bool{}
	for _, f := range []string{
		".Goal", ".Owners[].Team", ".Personas[].Description", ".Stages[].Phase", ".Stages[].Intent", ".Stages[].Emotion.Expected", ".Stages[].Emotion.Score",
		".Stages[].MaxDropOff", ".Stages[].FrictionWithin", ".Stages[].Touchpoints[].MicroConversion", ".Stages[].Touchpoints[].Importance",
		".Stages[].Touchpoints[].PainPoints[]", ".Stages[].Touchpoints[].Opportunities[]", ".Stages[].Touchpoints[].Assessment.Appropriateness",
		".Stages[].Touchpoints[].Assessment.Relevance", ".Stages[].Touchpoints[].Assessment.Simplicity", ".Stages[].Touchpoints[].Assessment.Appeal",
		".Freshness.ReviewedAt", ".Freshness.ReviewEvery", ".Freshness.MinCoverage", ".Freshness.IgnoreEvents[]", ".Analysis.Every", ".Analysis.Schedule", ".Analysis.Suspend",
	} {
		unused[f] = true
	}
	seen := 0
	eachLeaf(reflect.ValueOf(spec).Elem(), "", func(path string) {
		after, now := planned()
		same := after != nil && reflect.DeepEqual(before.Journey, after.Journey) && reflect.DeepEqual(before.Scan, after.Scan) && before.AsOf.Equal(after.AsOf)
		if len(path) > 5 && path[:5] == ".Pod." {
			unused[path] = true
		}
		if !same {
			require.NotEqual(t, hash, now, "%s changes the numbers of a report, so it belongs into its hash", path)
		}
		require.Equal(t, unused[path], now == hash, "%s: a field that no report uses is left out in config.ReportPart, and named here", path)
		seen++
	})
	require.Greater(t, seen, 50)
	_, again := planned()
	require.Equal(t, hash, again)
}
