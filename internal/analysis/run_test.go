// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/analysis/result"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestScheduledTime(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 7, 5, time.UTC)
	for name, c := range map[string]struct {
		given, job string
		want       time.Time
	}{
		"a first run has the annotation":              {"2026-02-28T10:00:00+01:00", "shop-map-29528160", time.Date(2026, 2, 28, 9, 0, 0, 0, time.UTC)},
		"the name of a CronJob's Job has the minutes": {"", fmt.Sprintf("shop-map-%d", now.Unix()/60-15), time.Date(2026, 3, 1, 11, 45, 0, 0, time.UTC)},
		"a hash is not a time":                        {"", "shop-map-12345678", now.Truncate(time.Second)},
		"a time far in the future is not a time":      {"", "shop-map-99999999", now.Truncate(time.Second)},
		"outside a Job":                               {"", "", now.Truncate(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ScheduledTime(c.given, c.job, now)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	_, err := ScheduledTime("yesterday", "", now)
	require.ErrorIs(t, err, plan.ErrConfig)
}

func computeMap(t *testing.T, r *Run) *v1alpha1.JourneyMapStatus {
	status, err := r.Compute(context.Background())
	require.NoError(t, err)
	return status.(*v1alpha1.JourneyMapStatus)
}

func mapDocument(spec v1alpha1.JourneyMapSpec) *podconfig.Analysis {
	return &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "n", Name: "shop", UID: "u", Generation: 3,
		Sources: []podconfig.MapSource{{Name: testSource, ExpectEvery: "1h", CreatedAt: metav1.NewTime(noon.Add(-100 * day))}},
		Map:     spec, MapName: "shop", MapGeneration: 3,
	}
}

func TestAnalysisRecord(t *testing.T) {
	spec := visitMap()
	spec.Freshness = &v1alpha1.MapFreshness{ReviewedAt: "2026-01-01", ReviewEvery: "30d", IgnoreEvents: []string{"Searched"}}
	spec.Stages[0].Touchpoints = append(spec.Stages[0].Touchpoints, v1alpha1.Touchpoint{Name: "ad", Match: []v1alpha1.EventMatch{{Event: "Ad Clicked"}}})
	// The newest event is half an hour old, so the source holds the time of analysis back. One event is in the future.
	future := say(9, "Visited", -2*hour)
	future.Flags, future.ReceivedAt = event.FlagFuture, noon.Add(-hour).UnixMicro()
	s := storeWith(t, say(1, "Visited", 3*day), say(1, "Searched", 3*day), say(2, "Visited", 30*time.Minute), future)
	status := computeMap(t, runOf(mapDocument(spec), s))
	require.Equal(t, &v1alpha1.AnalysisRecord{
		UID: "u", Generation: 3, ScheduledTime: result.Stamp(noon), StartTime: result.Stamp(noon.Add(10 * time.Second)), CompletionTime: result.Stamp(noon.Add(10 * time.Second)),
		HeldBackBy: testSource, Policy: status.Trace.Analysis.Policy, Seq: 1, IdentityVersion: status.Trace.Analysis.IdentityVersion,
		EventsScanned: 4, Future: 1,
	}, status.Trace.Analysis)
	require.Equal(t, &v1alpha1.ResultPeriod{
		AsOf: result.Stamp(noon.Add(-30 * time.Minute)), From: result.Stamp(noon.Add(-30*time.Minute - 11*day)), To: result.Stamp(noon.Add(-30*time.Minute - day)),
	}, status.Summary.Period)
	require.Contains(t, status.Trace.Analysis.Policy, "order=Ordered window=1d entry=Best ties=EitherOrder conversions=Window")
	require.Equal(t, result.Stamp(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)), status.Freshness.ReviewDue)
	require.Equal(t, []v1alpha1.SourceFreshness{{Name: testSource, NewestEventTime: result.Stamp(noon.Add(-30 * time.Minute))}}, status.Freshness.Sources)
	require.Equal(t, []v1alpha1.SourceTrace{{
		Name: testSource, NewestReceivedTime: status.Trace.Sources[0].NewestReceivedTime,
		Watermark: result.Stamp(noon.Add(-30 * time.Minute)), Events: 3,
	}}, status.Trace.Sources)
	require.Equal(t, []string{"visit/ad", "buy/buy"}, status.Coverage.QuietTouchpoints, "three days of data are too few to call them silent")
	require.EqualValues(t, 2, status.Coverage.QuietCount)
	require.Zero(t, status.Coverage.SilentCount)
	require.Equal(t, result.Stamp(noon.Add(-3*day)), status.Coverage.Since)
	require.EqualValues(t, "1.0000", status.Coverage.Ratio)
}

// Without a review, the next review is due after the creation of the map, as in the condition MapFresh.
func TestReviewDueWithoutAReview(t *testing.T) {
	doc := mapDocument(visitMap())
	require.Nil(t, computeMap(t, runOf(doc, storeWith(t))).Freshness.ReviewDue, "nobody knows when a map in a file was made")
	doc.MapCreatedAt = metav1.NewTime(noon)
	require.Equal(t, result.Stamp(noon.Add(90*day)), computeMap(t, runOf(doc, storeWith(t))).Freshness.ReviewDue)
}

// A touchpoint without events is silent if the data cover the lookback. An event after the time of analysis, which a lagging source holds back, makes
// it not silent. Future events and events of bots do not count. Rows and packed runs give the same result.
func TestSilentTouchpoints(t *testing.T) {
	spec := visitMap()
	for _, name := range []string{"ad", "mail", "shop", "odd"} {
		spec.Stages[0].Touchpoints = append(spec.Stages[0].Touchpoints,
			v1alpha1.Touchpoint{Name: v1alpha1.ItemName(name), Match: []v1alpha1.EventMatch{{Event: name}}})
	}
	lagging := say(3, "Visited", 50*time.Minute)
	lagging.Source = "late"
	ahead, robot := say(4, "shop", -2*hour), say(5, "mail", 10*time.Minute)
	ahead.Flags, ahead.ReceivedAt = event.FlagFuture, noon.UnixMicro()
	robot.Flags = event.FlagBot
	odd := say(6, "odd", 5*time.Minute)
	events := []event.Event{say(1, "Visited", 12*day), say(2, "Visited", 0), say(2, "ad", 20*time.Minute), ahead, robot, odd}
	s := storeWith(t, events...)
	lagging.ID = "lagging"
	_, err := s.Append(context.Background(), store.Batch{Source: "late", Events: []event.Event{lagging}})
	require.NoError(t, err)
	for name, change := range map[string]func(*v1alpha1.JourneyMapSpec){
		"packed": func(*v1alpha1.JourneyMapSpec) {},
		"rows": func(m *v1alpha1.JourneyMapSpec) {
			m.Stages[0].Touchpoints[4].Match[0].Where = []v1alpha1.EventCondition{{Key: "properties.x", Operator: v1alpha1.DoesNotExist}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := *spec.DeepCopy()
			change(&spec)
			doc := mapDocument(spec)
			doc.Sources = append(doc.Sources, podconfig.MapSource{Name: "late", ExpectEvery: "1h", CreatedAt: metav1.NewTime(noon.Add(-100 * day))})
			status := computeMap(t, runOf(doc, s))
			require.Equal(t, "late", status.Trace.Analysis.HeldBackBy)
			require.Equal(t, []string{"visit/mail", "visit/shop", "buy/buy"}, status.Coverage.SilentTouchpoints)
			require.Zero(t, status.Coverage.QuietCount)
		})
	}
}

func TestExplicitAsOfWins(t *testing.T) {
	spec := visitMap()
	asOf := metav1.NewTime(noon.Add(-2 * day))
	spec.Analysis.AsOf = &asOf
	status := computeMap(t, runOf(mapDocument(spec), shopEvents(t)))
	require.True(t, status.Summary.Period.AsOf.Equal(&asOf))
	require.Empty(t, status.Trace.Analysis.HeldBackBy)
	require.EqualValues(t, 1, status.Provisional.Entered, "the visitor of that very instant")
	require.EqualValues(t, 2, status.Summary.Customers)
}

func TestSourcesOfTheMapAlone(t *testing.T) {
	spec := visitMap()
	spec.Sources = []v1alpha1.LocalReference{{Name: "tills"}}
	s := shopEvents(t)
	till := say(7, "Visited", 3*day)
	till.Source, till.ID = "tills", "t1"
	_, err := s.(store.Appender).Append(context.Background(), store.Batch{Source: "tills", Events: []event.Event{till}})
	require.NoError(t, err)
	require.EqualValues(t, 1, computeMap(t, runOf(mapDocument(spec), s)).Summary.Customers)
	spec.Sources = nil
	require.EqualValues(t, 4, computeMap(t, runOf(mapDocument(spec), s)).Summary.Customers)
}

// The store refuses redelivered events long before a run, but the results have their number.
func TestDuplicatesAreCountedWhereNumbersAre(t *testing.T) {
	s := shopEvents(t)
	again := say(1, "Visited", 3*day)
	again.ID = "again"
	other := say(7, "Visited", 3*day)
	other.Source, other.ID = "tills", "t1"
	for range 3 {
		for _, b := range []store.Batch{{Source: testSource, Events: []event.Event{again, again}}, {Source: "tills", Events: []event.Event{other}}} {
			_, err := s.(store.Appender).Append(context.Background(), b)
			require.NoError(t, err)
		}
	}
	spec := visitMap()
	require.EqualValues(t, 5+2, computeMap(t, runOf(mapDocument(spec), s)).Trace.Analysis.DuplicatesDropped, "of all sources")
	spec.Sources = []v1alpha1.LocalReference{{Name: "tills"}}
	require.EqualValues(t, 2, computeMap(t, runOf(mapDocument(spec), s)).Trace.Analysis.DuplicatesDropped, "of the map's")
}

// A trait that was set long before the time of analysis counts for personas.
func TestPersonasUseEarlierTraits(t *testing.T) {
	spec := visitMap()
	spec.Personas = []v1alpha1.Persona{{Name: "club", Where: []v1alpha1.EventCondition{{Key: "traits.club", Operator: v1alpha1.In, Values: []string{"true"}}}}}
	long := say(1, "", 300*day)
	long.Kind, long.Traits = event.Identify, json.RawMessage(`{"club":true}`)
	status := computeMap(t, runOf(mapDocument(spec), storeWith(t, long, say(1, "Visited", 3*day), say(1, "Order Completed", 3*day-hour), say(2, "Visited", 3*day))))
	require.Equal(t, []v1alpha1.PersonaResult{
		{Name: "club", Customers: 1, Converted: 1, Conversion: "1.0000"}, {Name: "other", Customers: 1, Conversion: "0.0000"},
	}, status.Personas)
	require.EqualValues(t, 2, status.Summary.Customers)
}

func TestOrderAnyGivesDepth(t *testing.T) {
	spec := visitMap()
	spec.Progression.Order = v1alpha1.AnyOrder
	status := computeMap(t, runOf(mapDocument(spec), storeWith(t,
		say(1, "Order Completed", 3*day), say(1, "Visited", 3*day-hour), say(2, "Visited", 2*day), say(3, "Order Completed", 2*day))))
	require.Equal(t, []v1alpha1.DepthResult{{Stages: 1, Customers: 3, DropOff: "0.6667"}, {Stages: 2, Customers: 1}}, status.Depth)
	require.EqualValues(t, "0.3333", status.Summary.Conversion)
	require.Empty(t, status.Summary.WorstStage)
	require.Equal(t, []int64{2, 2}, []int64{status.Stages[0].Entered, status.Stages[1].Reach})
	require.Empty(t, status.Stages[0].DropOff)
}

func TestInvalidSpecsAreConfigErrors(t *testing.T) {
	for want, change := range map[string]func(*v1alpha1.JourneyMapSpec){
		"spec.progression.window":       func(s *v1alpha1.JourneyMapSpec) { s.Progression.Window = "x" },
		"spec.stages[1].frictionWithin": func(s *v1alpha1.JourneyMapSpec) { s.Stages[1].FrictionWithin = "soon" },
		"spec.stages[1].touchpoints[0].match[0].where[0]": func(s *v1alpha1.JourneyMapSpec) {
			s.Stages[1].Touchpoints[0].Match[0].Where = []v1alpha1.EventCondition{{Key: "amount", Operator: v1alpha1.GreaterThan, Values: []string{"much"}}}
		},
		"spec.progression.order": func(s *v1alpha1.JourneyMapSpec) { s.Progression.Order = "Sideways" },
	} {
		spec := visitMap()
		change(&spec)
		_, err := runOf(mapDocument(spec), storeWith(t)).Compute(context.Background())
		require.ErrorIs(t, err, plan.ErrConfig)
		require.ErrorContains(t, err, want)
		require.Equal(t, ExitConfig, ExitCode(err))
	}
}

func TestExitCodes(t *testing.T) {
	require.Equal(t, 0, ExitCode(nil))
	require.Equal(t, 0, ExitCode(fmt.Errorf("x: %w", publish.ErrSuperseded)))
	require.Equal(t, 3, ExitCode(fmt.Errorf("x: %w", plan.ErrConfig)))
	require.Equal(t, 3, ExitCode(fmt.Errorf("x: %w", store.ErrInvalid)))
	require.Equal(t, 5, ExitCode(fmt.Errorf("x: %w", store.ErrUnavailable)))
	require.Equal(t, 5, ExitCode(fmt.Errorf("x: %w", store.ErrSnapshotGone)))
	require.Equal(t, 1, ExitCode(errors.New("x")))
}

func TestLoadDocument(t *testing.T) {
	write := func(change func(*podconfig.Analysis)) string {
		doc := mapDocument(visitMap())
		change(doc)
		b, err := json.Marshal(doc)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "config.json")
		require.NoError(t, os.WriteFile(file, b, 0o600))
		return file
	}
	doc, err := LoadDocument(write(func(*podconfig.Analysis) {}), Wanted{Generation: 3})
	require.NoError(t, err)
	require.Equal(t, mapDocument(visitMap()).Map.Stages, doc.Map.Stages)
	for name, change := range map[string]func(*podconfig.Analysis){
		"version": func(d *podconfig.Analysis) { d.Version = 99 },
		"kind":    func(d *podconfig.Analysis) { d.Kind = "Pod" },
		"report":  func(d *podconfig.Analysis) { d.Kind = v1alpha1.MetricReportKind },
		"uid":     func(d *podconfig.Analysis) { d.UID = "" },
	} {
		_, err := LoadDocument(write(change), Wanted{})
		require.ErrorIs(t, err, plan.ErrConfig, name)
	}
	_, err = LoadDocument(write(func(*podconfig.Analysis) {}), Wanted{Generation: 4})
	require.ErrorContains(t, err, "has not been updated in the pod yet")
	require.Equal(t, ExitFailed, ExitCode(err), "the next try may find it")
	_, err = LoadDocument(write(func(d *podconfig.Analysis) { d.SourcesHash = "old" }), Wanted{SourcesHash: "new"})
	require.ErrorContains(t, err, "has not been updated in the pod yet")
	require.Equal(t, ExitFailed, ExitCode(err))
	file := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("{"), 3), 0o600))
	_, err = LoadDocument(file, Wanted{})
	require.ErrorIs(t, err, plan.ErrConfig)
}
