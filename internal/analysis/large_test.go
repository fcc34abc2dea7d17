// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// wide returns a text that takes six times its length in JSON. Texts differ at the end.
func wide(n int) string { return strings.Repeat("<", 120) + fmt.Sprintf("%06d", n) }

// A report with as many tables, groups and KPIs as the API allows, and events with the longest names and values that ingestion accepts. Without
// truncation, it would be several times too large for an object.
func TestLargestReport(t *testing.T) {
	c := newCluster(t)
	spec := visitMap()
	spec.Stages = nil
	for s := range 20 {
		spec.Stages = append(spec.Stages, stageOf(strings.Repeat("s", 37)+fmt.Sprintf("%03d", s), fmt.Sprint("stage ", s)))
	}
	edges, limit := int32(100), int32(25)
	report := v1alpha1.MetricReportSpec{Compare: v1alpha1.PreviousPeriod, Analysis: &v1alpha1.Analysis{Lookback: "10d"}}
	for i := range 16 {
		report.Tables = append(report.Tables, v1alpha1.Table{Name: v1alpha1.ItemName(fmt.Sprint("paths-", i)), Paths: &v1alpha1.PathsTable{Edges: &edges}})
	}
	for i := range 4 {
		b := v1alpha1.Breakdown{By: v1alpha1.ByProperty, Limit: &limit}
		for k := range 3 {
			b.Keys = append(b.Keys, fmt.Sprintf("properties.%s%d%d", strings.Repeat("k", 80), i, k))
		}
		report.BreakdownBy = append(report.BreakdownBy, b)
	}
	for i := range 32 {
		report.KPIs = append(report.KPIs, v1alpha1.KPI{Name: v1alpha1.ItemName(strings.Repeat("k", 38) + fmt.Sprintf("%02d", i)), Measure: v1alpha1.Measure{
			ConversionRate: &v1alpha1.ConversionRateMeasure{From: spec.Stages[0].Name, To: spec.Stages[19].Name},
		}})
	}
	var events []event.Event
	for p := range 60 {
		for s := range 20 {
			e := say(p, fmt.Sprint("stage ", s), 3*day-time.Duration(s)*time.Minute)
			properties := map[string]string{}
			for i := range report.BreakdownBy {
				for k, key := range report.BreakdownBy[i].Keys {
					properties[strings.TrimPrefix(key, "properties.")] = wide(p*100 + k)
				}
			}
			e.Properties, _ = json.Marshal(properties)
			events = append(events, e, say(p, wide(p*100+s), 3*day-time.Duration(s)*time.Minute-time.Second))
		}
	}
	doc := c.createReport(t, c.createMap(t, "wide", spec), "widest", report)
	doc.Sources[0].ExpectEvery = ""
	r := runOf(doc, storeWith(t, events...))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))

	live := &v1alpha1.MetricReport{}
	require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: "widest"}, live))
	b, err := json.Marshal(live.Status)
	require.NoError(t, err)
	t.Logf("%d bytes, cut: %v", len(b), live.Status.Truncated)
	require.LessOrEqual(t, len(b), fit.MaxBytes)
	require.Greater(t, len(b), fit.MaxBytes/2, "what there is room for is shown")
	require.Len(t, live.Status.KPIs, 32)
	require.Len(t, live.Status.Tables, 16)
	require.NotEmpty(t, live.Status.Truncated)
	for _, table := range live.Status.Tables {
		require.NotEmpty(t, table.Rows)
		require.Less(t, len(table.Rows), 100)
		require.NotZero(t, table.LeftOut)
	}
	for _, breakdown := range live.Status.Breakdowns {
		var customers int64
		for _, g := range breakdown.Groups {
			customers += g.Customers
		}
		require.EqualValues(t, 60, customers)
	}
}

// fillMap increases the size of a map's spec to the given number of bytes.
func fillMap(spec *v1alpha1.JourneyMapSpec, bytes int) {
	for s := 0; ; s++ {
		stage := v1alpha1.Stage{Name: v1alpha1.ItemName(fmt.Sprint("filled-", s))}
		for p := range 24 {
			touchpoint := v1alpha1.Touchpoint{Name: v1alpha1.ItemName(fmt.Sprint("p", p)), Match: []v1alpha1.EventMatch{{Event: fmt.Sprint("never ", s, p)}}}
			for w := range 8 {
				where := v1alpha1.EventCondition{Key: fmt.Sprint("properties.x", w), Operator: "In"}
				for v := range 24 {
					where.Values = append(where.Values, strings.Repeat("v", 60)+fmt.Sprint(v))
				}
				touchpoint.Match[0].Where = append(touchpoint.Match[0].Where, where)
			}
			stage.Touchpoints = append(stage.Touchpoints, touchpoint)
			if bytes -= 8 * 24 * 66; bytes < 0 {
				spec.Stages = append(spec.Stages, stage)
				return
			}
		}
		spec.Stages = append(spec.Stages, stage)
	}
}

// The results of the largest map fit into the space that its spec leaves.
func TestResultsOfTheLargestMap(t *testing.T) {
	c := newCluster(t)
	spec := visitMap()
	fillMap(&spec, 1_350_000)
	doc := c.createMap(t, "large", spec)
	var events []event.Event
	for p := range 40 {
		e := say(p, "Visited", 3*day)
		e.Channel = fmt.Sprint("channel-", p)
		events = append(events, e, say(p, wide(p), 3*day-hour))
	}
	r := runOf(doc, storeWith(t, events...))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	live := c.liveMap(t, "large")
	b, err := json.Marshal(live)
	require.NoError(t, err)
	t.Logf("an object of %d bytes, cut: %v", len(b), live.Status.Truncated)
	require.EqualValues(t, 40, live.Status.Summary.Customers)
}

// Strangers send names of 200 bytes in other scripts from a different channel for each person. The spec of the map leaves hardly any space for
// results. The numbers are complete, and the status names the lists that lost entries.
func TestResultsOfALargeMapAreTruncated(t *testing.T) {
	c := newCluster(t)
	name := func(kind string, n int) string { return fmt.Sprintf("%s%03d%s", kind, n, strings.Repeat("\u2028", 64)) } // each character has six bytes in JSON
	const stages = 14
	var events []event.Event
	for p := range 60 {
		for s := range stages {
			e := say(p, fmt.Sprint("Stage ", s), 3*day-time.Duration(s)*hour)
			e.Channel = name("c", p*stages+s)
			other := say(p, name("e", p), 3*day-time.Duration(s)*hour-time.Minute)
			events = append(events, e, other)
		}
	}
	for _, left := range []int{20_000, 17_000} {
		spec := crowded(t, stages, publish.MaxObject-left)
		of := fmt.Sprint("crowded-", left)
		doc := c.createMap(t, of, spec)
		r := runOf(doc, storeWith(t, events...))
		r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
		require.NoError(t, r.Execute(context.Background()))
		live := c.liveMap(t, of)
		t.Logf("%d bytes of spec, %d of status, cut: %v", size(t, live.Spec), size(t, live.Status), live.Status.Truncated)
		require.EqualValues(t, 60, live.Status.Summary.Customers)
		require.Len(t, live.Status.Stages, len(spec.Stages))
		require.EqualValues(t, 60, live.Status.Stages[1].Entered)
		require.NotEmpty(t, live.Status.Truncated)
		for _, cut := range live.Status.Truncated {
			require.Less(t, cut.Shown, cut.Total, cut.List)
		}
		require.True(t, utf8.ValidString(fmt.Sprint(live.Status)), "no name is cut within a character")
	}
}

// crowded returns a spec with simple stages that has about the given size.
func crowded(t *testing.T, stages, bytes int) v1alpha1.JourneyMapSpec {
	t.Helper()
	var spec v1alpha1.JourneyMapSpec
	for fill := bytes; spec.Stages == nil || size(t, spec) > bytes; fill -= 10_000 {
		spec = visitMap()
		spec.Stages = nil
		for s := range stages {
			spec.Stages = append(spec.Stages, stageOf(fmt.Sprint("stage-", s), fmt.Sprint("Stage ", s)))
		}
		fillMap(&spec, fill)
	}
	for i := 0; size(t, spec) < bytes-2000; i++ {
		where := v1alpha1.EventCondition{Key: "properties.x", Operator: "In"}
		for v := range 24 {
			where.Values = append(where.Values, strings.Repeat("v", 60)+fmt.Sprint(v))
		}
		first := &spec.Stages[i%stages].Touchpoints[0]
		first.Match = append(first.Match, v1alpha1.EventMatch{Event: fmt.Sprint("never again ", i), Where: []v1alpha1.EventCondition{where}})
	}
	return spec
}

func size(t *testing.T, v any) int {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return len(b)
}

// TooLarge recognises the errors of a real API server about objects that are too large for etcd, for the client of etcd, and for the API server.
func TestErrorsOfTooLargeObjects(t *testing.T) {
	c := newCluster(t)
	c.createMap(t, "small", visitMap())
	maps := c.dynamic.Resource(schema.GroupVersionResource{Group: "journeyman.dev", Version: "v1alpha1", Resource: "journeymaps"}).Namespace(c.namespace)
	for _, bytes := range []int{1_700_000, 2_500_000, 4_000_000} {
		spec := visitMap()
		fillMap(&spec, bytes)
		body, err := json.Marshal(map[string]any{"spec": spec})
		require.NoError(t, err)
		_, err = maps.Patch(context.Background(), "small", types.MergePatchType, body, metav1.PatchOptions{})
		require.Error(t, err)
		require.True(t, publish.TooLarge(err), "%d: %s", bytes, err)
	}
	require.False(t, publish.TooLarge(nil))
	require.False(t, publish.TooLarge(context.Canceled))
}
