// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

var intervals = []v1alpha1.AnalysisInterval{
	"1m", "2m", "3m", "5m", "6m", "10m", "12m", "15m", "20m", "30m", "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d",
}

// For any interval, UID and time, two runs are exactly one interval apart, and the first run starts within one interval.
func TestScheduleKeepsItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom(intervals).Draw(t, "every")
		uid := types.UID(rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}`).Draw(t, "uid"))
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		schedule, err := resources.ScheduleOf(&v1alpha1.Analysis{Every: every, TimeZone: "Europe/Berlin"}, uid)
		require.NoError(t, err)
		interval, err := v1alpha1.Duration(every).Parse()
		require.NoError(t, err)
		first := schedule.Next(at)
		require.LessOrEqual(t, first.Sub(at), interval)
		require.Equal(t, interval, schedule.Next(first).Sub(first), schedule.Line)
	})
}

// A thousand objects with one interval do not start in the same minute.
func TestSchedulesAreSpreadOverMinutes(t *testing.T) {
	for every, minutes := range map[v1alpha1.AnalysisInterval]int{"15m": 15, "1h": 60, "1d": 60} {
		lines := map[string]int{}
		for i := range 1000 {
			line, err := resources.CronSchedule(every, types.UID(fmt.Sprintf("0b7f3a52-7d5c-4b7e-9a55-%012d", i)))
			require.NoError(t, err)
			lines[line]++
		}
		require.Len(t, lines, minutes)
		for line, n := range lines {
			require.Less(t, n, 3*1000/minutes, line)
		}
	}
}

func TestScheduleDefaults(t *testing.T) {
	a, err := resources.ScheduleOf(nil, "uid")
	require.NoError(t, err)
	b, err := resources.ScheduleOf(&v1alpha1.Analysis{Every: resources.DefaultEvery}, "uid")
	require.NoError(t, err)
	require.Equal(t, b.Line, a.Line)
	require.Equal(t, "Etc/UTC", a.TimeZone)
}

// A report without a schedule runs at the same minute as its map.
func TestReportsRunAtTheMinuteOfTheirMap(t *testing.T) {
	m := &v1alpha1.JourneyMap{}
	m.UID = "of-the-map"
	r := &v1alpha1.MetricReport{}
	r.UID = "of-the-report"
	for name, c := range map[string]struct{ own, ofMap, want *v1alpha1.Analysis }{
		"neither has a schedule":     {nil, nil, nil},
		"the report has a schedule":  {&v1alpha1.Analysis{Lookback: "7d"}, &v1alpha1.Analysis{Every: "1h"}, &v1alpha1.Analysis{Every: "1h"}},
		"a schedule in the map":      {nil, &v1alpha1.Analysis{Schedule: "0 6 * * *", TimeZone: "Asia/Tokyo"}, &v1alpha1.Analysis{Schedule: "0 6 * * *", TimeZone: "Asia/Tokyo"}},
		"a schedule in another zone": {&v1alpha1.Analysis{TimeZone: "UTC"}, &v1alpha1.Analysis{Schedule: "0 6 * * *", TimeZone: "Asia/Tokyo"}, &v1alpha1.Analysis{Schedule: "0 6 * * *", TimeZone: "UTC"}},
	} {
		r.Spec.Analysis, m.Spec.Analysis = c.own, c.ofMap
		want, err := resources.ScheduleOf(c.want, m.UID)
		require.NoError(t, err, name)
		got, err := resources.ReportSchedule(r, m)
		require.NoError(t, err, name)
		require.Equal(t, []string{want.Line, want.TimeZone}, []string{got.Line, got.TimeZone}, name)
	}
	r.Spec.Analysis, m.Spec.Analysis = &v1alpha1.Analysis{Every: "1h"}, &v1alpha1.Analysis{Schedule: "0 6 * * *"}
	want, err := resources.ScheduleOf(r.Spec.Analysis, r.UID)
	require.NoError(t, err)
	got, err := resources.ReportSchedule(r, m)
	require.NoError(t, err)
	require.Equal(t, want.Line, got.Line)
}

func TestScheduleInItsTimeZone(t *testing.T) {
	schedule, err := resources.ScheduleOf(&v1alpha1.Analysis{Schedule: "0 6 * * 1-5", TimeZone: "Europe/Berlin"}, "uid")
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", schedule.TimeZone)
	// The run after that of a Friday is on Monday, at six in Berlin, which is five in UTC in winter.
	friday := time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)
	require.Equal(t, time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), schedule.Next(friday).UTC())
}

func TestInvalidSchedules(t *testing.T) {
	for name, tc := range map[string]struct {
		analysis v1alpha1.Analysis
		path     string
		says     string
	}{
		"not a cron expression":  {v1alpha1.Analysis{Schedule: "every day"}, "spec.analysis.schedule", "five fields"},
		"four fields":            {v1alpha1.Analysis{Schedule: "0 6 * *"}, "spec.analysis.schedule", "five fields"},
		"hour too large":         {v1alpha1.Analysis{Schedule: "0 25 * * *"}, "spec.analysis.schedule", "above maximum"},
		"never":                  {v1alpha1.Analysis{Schedule: "0 0 31 2 *"}, "spec.analysis.schedule", "never run"},
		"shorthand":              {v1alpha1.Analysis{Schedule: "@every 5m"}, "spec.analysis.schedule", "spec.analysis.every"},
		"zone in the expression": {v1alpha1.Analysis{Schedule: "TZ=UTC 0 6 * * *"}, "spec.analysis.schedule", "spec.analysis.timeZone"},
		"unknown zone":           {v1alpha1.Analysis{Every: "1h", TimeZone: "Europe/Brelin"}, "spec.analysis.timeZone", "Europe/Berlin"},
		"the node's own":         {v1alpha1.Analysis{Schedule: "0 6 * * *", TimeZone: "Local"}, "spec.analysis.timeZone", "IANA"},
		"odd interval":           {v1alpha1.Analysis{Every: "7m"}, "spec.analysis.every", "cron line can express"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resources.ScheduleOf(&tc.analysis, "uid")
			var fieldError *field.Error
			require.True(t, errors.As(err, &fieldError), "%v", err)
			require.Equal(t, tc.path, fieldError.Field)
			require.Contains(t, err.Error(), tc.says)
		})
	}
}
