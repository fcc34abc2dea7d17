// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// listEvents returns visits of 40 persons on their devices. Half of them look, a quarter buy, and a third have two sessions.
func listEvents() []event.Event {
	var events []event.Event
	add := func(person int, name string, ago time.Duration, session string) {
		e := say(person, name, ago)
		e.ID, e.SessionID = fmt.Sprint("l", len(events)), session
		e.Identities = append(e.Identities, event.Identity{Type: "deviceId", Value: fmt.Sprint("device-", person)})
		events = append(events, e)
	}
	for i := range 40 {
		session := fmt.Sprint("s", i)
		add(i, "Visited", 4*day, session)
		if i%2 == 0 {
			add(i, "Looked", 4*day-hour, session)
		}
		if i%3 == 0 {
			session += "-later"
		}
		if i%4 == 0 {
			add(i, "Order Completed", 4*day-2*hour, session)
		}
	}
	return events
}

func listMap(order v1alpha1.ProgressionOrder) v1alpha1.JourneyMapSpec {
	spec := visitMap()
	spec.Progression.Order = order
	spec.Stages = []v1alpha1.Stage{stageOf("visit", "Visited"), stageOf("look", "Looked"), stageOf("buy", "Order Completed")}
	return spec
}

func listDocument(spec v1alpha1.JourneyMapSpec) *podconfig.Analysis {
	return &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "default", Name: "shop", UID: "u-1", Generation: 3, Map: spec,
		Sources: []podconfig.MapSource{{Name: testSource}},
	}
}

// sortedStore returns a store with the events in sorted files instead of the log.
func sortedStore(t *testing.T, events []event.Event) store.Store {
	options := embedded.Options{Dir: t.TempDir(), CompactEvery: -1, MemoryLimit: 256 << 20, MinFree: 1, Threads: 1, Logger: slog.New(slog.DiscardHandler)}
	s, err := embedded.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Append(t.Context(), store.Batch{Source: testSource, Events: events})
	require.NoError(t, err)
	require.NoError(t, s.Compact(t.Context()))
	return s
}

// mapStatusOf runs the job of a map at noon.
func mapStatusOf(t *testing.T, doc *podconfig.Analysis, s store.Scanner) *v1alpha1.JourneyMapStatus {
	status, err := runOf(doc, s).Compute(t.Context())
	require.NoError(t, err)
	return status.(*v1alpha1.JourneyMapStatus)
}

// listOf returns the customers of a list by their first identity, or by their unit.
func listOf(t *testing.T, s store.Scanner, r ListRequest) []string {
	r.Now, r.Log = func() time.Time { return noon.Add(30 * day) }, slog.New(slog.DiscardHandler)
	names := []string{}
	n, err := List(t.Context(), s, r, func(who Listed) error {
		if who.Unit != "" {
			names = append(names, who.Unit)
			return nil
		}
		require.Len(t, who.Identities, 2)
		require.Equal(t, "device-"+who.Identities[0].Value, who.Identities[1].Value, "the identities are of two persons")
		require.False(t, who.More)
		require.Equal(t, noon.Add(-4*day), who.Entry)
		names = append(names, who.Identities[0].Value)
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, len(names), n.Customers)
	slices.Sort(names)
	return slices.Compact(names)
}

// listStores have the same events, in memory and in files.
func listStores(t *testing.T) map[string]store.Store {
	return map[string]store.Store{"in memory": storeWith(t, listEvents()...), "in files": sortedStore(t, listEvents())}
}

// For every stage, the lists of customers who reached it and who dropped off have as many entries as the results of a run, even if there are newer
// events.
func TestListsAgreeWithCounts(t *testing.T) {
	for name, s := range listStores(t) {
		t.Run(name, func(t *testing.T) {
			doc := listDocument(listMap(v1alpha1.Ordered))
			status := mapStatusOf(t, doc, s)
			require.EqualValues(t, 40, status.Summary.Customers)
			// After the run, all persons look and buy inside the window, and two persons are merged.
			var later []event.Event
			for i := range 40 {
				for _, name := range []string{"Looked", "Order Completed"} {
					e := say(i, name, 4*day-3*hour)
					e.ID = fmt.Sprint(name, i)
					later = append(later, e)
				}
			}
			join := say(1, "Joined", hour)
			join.ID, join.Kind, join.Identities = "join", event.Alias, append(join.Identities, event.Identity{Type: "customerId", Value: "2"})
			_, err := s.Append(t.Context(), store.Batch{Source: testSource, Events: append(later, join)})
			require.NoError(t, err)

			for _, stage := range status.Stages {
				r := ListRequest{Document: doc, Record: status.Trace.Analysis, AsOf: status.Summary.Period.AsOf, Stage: string(stage.Name)}
				require.EqualValues(t, stage.Entered, len(listOf(t, s, r)), stage.Name)
				r.Dropped = true
				lost := listOf(t, s, r)
				require.EqualValues(t, stage.Dropped, len(lost), stage.Name)
				if stage.Name == "look" {
					require.Equal(t, []string{"10", "14", "18", "2", "22", "26", "30", "34", "38", "6"}, lost)
				}
			}
			now := ListRequest{Document: doc, Stage: "buy"}
			require.Len(t, listBare(t, s, now), 39, "without a record the list is of now")
		})
	}
}

// listBare returns the number of identities of each customer.
func listBare(t *testing.T, s store.Scanner, r ListRequest) (sizes []int) {
	r.Now, r.Log = func() time.Time { return noon }, slog.New(slog.DiscardHandler)
	_, err := List(t.Context(), s, r, func(who Listed) error {
		sizes = append(sizes, len(who.Identities))
		return nil
	})
	require.NoError(t, err)
	return sizes
}

// In a map with the order Any, a number of stages replaces the stage.
func TestListsByDepth(t *testing.T) {
	s := storeWith(t, listEvents()...)
	doc := listDocument(listMap(v1alpha1.AnyOrder))
	status := mapStatusOf(t, doc, s)
	require.Len(t, status.Depth, 3)
	for i, d := range status.Depth {
		r := ListRequest{Document: doc, Record: status.Trace.Analysis, AsOf: status.Summary.Period.AsOf, Depth: int(d.Stages)}
		require.Len(t, listOf(t, s, r), int(d.Customers))
		r.Dropped = true
		want := int64(0)
		if i+1 < len(status.Depth) {
			want = d.Customers - status.Depth[i+1].Customers
		}
		require.Len(t, listOf(t, s, r), int(want))
	}
}

// Lists of a map that counts sessions have sessions.
func TestListsOfUnits(t *testing.T) {
	for name, s := range listStores(t) {
		t.Run(name, func(t *testing.T) {
			spec := listMap(v1alpha1.Ordered)
			spec.CountBy = &v1alpha1.CountBy{Key: "sessionId"}
			doc := listDocument(spec)
			status := mapStatusOf(t, doc, s)
			require.EqualValues(t, 40, status.Stages[0].Entered)
			bought := listOf(t, s, ListRequest{Document: doc, Record: status.Trace.Analysis, AsOf: status.Summary.Period.AsOf, Stage: "buy"})
			require.Len(t, bought, int(status.Stages[2].Entered))
			require.Equal(t, []string{"s16", "s20", "s28", "s32", "s4", "s8"}, bought)
		})
	}
}

// A list of entries has a customer once for each entry that counts.
func TestListsOfEntries(t *testing.T) {
	events := listEvents()
	for i := range 10 {
		e := say(i, "Visited", 7*day)
		e.ID = fmt.Sprint("again", i)
		events = append(events, e)
	}
	s := storeWith(t, events...)
	spec := listMap(v1alpha1.Ordered)
	spec.Progression.Count, spec.Progression.Entry = v1alpha1.CountEntries, v1alpha1.FirstEntry
	doc := listDocument(spec)
	status := mapStatusOf(t, doc, s)
	require.EqualValues(t, 50, status.Stages[0].Entered)
	for _, stage := range status.Stages {
		r := ListRequest{Document: doc, Record: status.Trace.Analysis, AsOf: status.Summary.Period.AsOf, Stage: string(stage.Name)}
		require.Len(t, listBare(t, s, r), int(stage.Entered))
		r.Dropped = true
		require.Len(t, listBare(t, s, r), int(stage.Dropped))
	}
}

// Lists refuse invalid requests.
func TestInvalidListsAreRefused(t *testing.T) {
	s := storeWith(t, listEvents()...)
	doc, anyOrder := listDocument(listMap(v1alpha1.Ordered)), listDocument(listMap(v1alpha1.AnyOrder))
	status := mapStatusOf(t, doc, s)
	record, asOf := status.Trace.Analysis, status.Summary.Period.AsOf
	older := record.DeepCopy()
	older.Generation = 2
	for name, r := range map[string]ListRequest{
		"an unknown stage":           {Document: doc, Stage: "nowhere"},
		"a depth in a sequence":      {Document: doc, Stage: "buy", Depth: 1},
		"a stage in any order":       {Document: anyOrder, Stage: "buy"},
		"more stages than there are": {Document: anyOrder, Depth: 4},
		"another generation":         {Document: doc, Stage: "buy", Record: older, AsOf: asOf},
		"a run without a state":      {Document: doc, Stage: "buy", Record: &v1alpha1.AnalysisRecord{}},
	} {
		t.Run(name, func(t *testing.T) {
			r.Now, r.Log = time.Now, slog.New(slog.DiscardHandler)
			_, err := List(t.Context(), s, r, func(Listed) error { return nil })
			require.ErrorIs(t, err, plan.ErrConfig)
		})
	}
	enough := errors.New("enough")
	r := ListRequest{Document: doc, Stage: "visit", Record: record, AsOf: asOf, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	n, err := List(context.Background(), s, r, func(Listed) error { return enough })
	require.ErrorIs(t, err, enough)
	require.EqualValues(t, 1, n.Customers)
	record.Seq = 99
	_, err = List(t.Context(), s, r, func(Listed) error { return nil })
	require.ErrorIs(t, err, store.ErrInvalid, "a commit that is not there")
}

// A stranger with the write key of a web page sends the victim's e-mail address with their own id, and their own address with the victim's id.
// Neither is listed as an identity of the other.
func TestPublicIdentitiesAreListedSeparately(t *testing.T) {
	s := memory.New(identity.NewPolicy(nil))
	id := func(kind, value string) event.Identity { return event.Identity{Type: kind, Value: value} }
	visit := func(source, n string, identities ...event.Identity) event.Event {
		e := say(0, "Visited", 4*day)
		e.ID, e.Source, e.Identities = n, source, identities
		return e
	}
	for source, events := range map[string][]event.Event{
		testSource: {visit(testSource, "1", id("customerId", "victim"), id("email", "victim@x.example"))},
		"web": {
			visit("web", "2", id("customerId", "victim"), id("email", "thief@x.example"), id("anonymousId", "thief")),
			visit("web", "3", id("customerId", "thief"), id("email", "victim@x.example")),
		},
	} {
		_, err := s.Append(t.Context(), store.Batch{Source: source, Trust: &store.Trust{Public: source == "web"}, Events: events})
		require.NoError(t, err)
	}
	doc := listDocument(listMap(v1alpha1.Ordered))
	doc.Sources = append(doc.Sources, podconfig.MapSource{Name: "web"})
	got := map[string][2][]event.Identity{}
	_, err := List(t.Context(), s, ListRequest{
		Document: doc, Stage: "visit", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
	}, func(who Listed) error {
		got[who.Identities[0].Value] = [2][]event.Identity{who.Identities, who.Claimed}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, map[string][2][]event.Identity{
		"victim": {{id("customerId", "victim"), id("email", "victim@x.example")}, {id("email", "thief@x.example"), id("anonymousId", "thief")}},
		"thief":  {{id("customerId", "thief")}, {id("email", "victim@x.example")}},
	}, got)
}
