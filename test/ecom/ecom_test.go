// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ecom

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// stages of the published funnel, and how many of the 600 customers reached each.
var (
	stages    = []string{"catalog", "add_to_cart", "cart", "purchase"}
	published = []int64{600, 511, 431, 225}
)

func at(t *testing.T, text string) metav1.Time {
	parsed, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return metav1.NewTime(parsed)
}

func document(t *testing.T) *podconfig.Analysis {
	spec := v1alpha1.JourneyMapSpec{
		Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "26w"},
		Analysis:    &v1alpha1.Analysis{Range: &v1alpha1.TimeRange{From: at(t, "2024-01-01"), To: at(t, "2024-07-01")}},
	}
	asOf := at(t, "2025-06-01")
	spec.Analysis.AsOf = &asOf
	for _, name := range stages {
		stage := v1alpha1.ItemName(map[string]string{"add_to_cart": "add-to-cart"}[name])
		if stage == "" {
			stage = v1alpha1.ItemName(name)
		}
		spec.Stages = append(spec.Stages, v1alpha1.Stage{Name: stage, Touchpoints: []v1alpha1.Touchpoint{
			{Name: stage, Match: []v1alpha1.EventMatch{{Event: name}}},
		}})
	}
	return &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "shop", Name: "ecom", UID: "u", Generation: 1,
		Sources: []podconfig.MapSource{{Name: source, ExpectEvery: "1h"}}, Map: spec, MapName: "ecom", MapGeneration: 1,
	}
}

func analyse(t *testing.T, s store.Scanner, doc *podconfig.Analysis) *v1alpha1.JourneyMapStatus {
	r := analysis.Run{
		Document: doc, Scheduled: at(t, "2025-06-02").Time, Store: s,
		Now: func() time.Time { return at(t, "2025-06-02").Time }, Log: slog.New(slog.DiscardHandler),
	}
	status, err := r.Compute(context.Background())
	require.NoError(t, err)
	return status.(*v1alpha1.JourneyMapStatus)
}

func requirePublished(t *testing.T, status *v1alpha1.JourneyMapStatus) {
	var entered []int64
	for _, s := range status.Stages {
		require.Equal(t, s.Entered, s.Converted+s.Dropped)
		entered = append(entered, s.Entered)
	}
	require.Equal(t, published, entered)
}

// stores are the backends, which must give the same numbers. The embedded store has small segments, so that some events are in files and others in
// the log.
var stores = map[string]func(t *testing.T) store.Store{
	"memory": func(*testing.T) store.Store { return memory.New(identity.NewPolicy(nil)) },
	"embedded": func(t *testing.T) store.Store {
		s, err := embedded.Open(embedded.Options{Dir: filepath.Join(t.TempDir(), "store"), Identity: identity.NewPolicy(nil), SegmentBytes: 1 << 20})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	},
}

func TestPublishedFunnel(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { publishedFunnel(t, open(t)) })
	}
}

func publishedFunnel(t *testing.T, s store.Store) {
	appendAll(t, s, load(t, byUser), 500)
	status := analyse(t, s, document(t))
	requirePublished(t, status)
	require.EqualValues(t, 600, status.Summary.Customers)
	require.EqualValues(t, "0.3750", status.Summary.Conversion)
	require.Equal(t, "37.5%", status.Summary.Display.Conversion)
	// 431 reached the cart, and 225 of them bought
	require.Equal(t, "cart", status.Summary.WorstStage)
	require.EqualValues(t, "0.4780", status.Summary.WorstDropOff)
	require.EqualValues(t, 31_106, status.Trace.Analysis.EventsScanned)
	require.EqualValues(t, 31_106, status.Coverage.Matched+status.Coverage.Unmatched)
	require.Equal(t, v1alpha1.EventCount{Event: "product_view", Count: 6851}, status.Coverage.TopUnmatched[0])
	require.Zero(t, status.Coverage.SilentCount)
	require.Zero(t, status.Provisional.Entered)
}

// Each session has its own anonymous id, and only the last event of the session names the customer. 5 % of the events are redelivered, in other
// batches.
func TestPublishedFunnelStitched(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { publishedFunnelStitched(t, open(t)) })
	}
}

func publishedFunnelStitched(t *testing.T, s store.Store) {
	events := load(t, func(user, session string) []event.Identity {
		return []event.Identity{{Type: "customerId", Value: user}, {Type: "anonymousId", Value: session}}
	})
	last := map[string]int{}
	for i, e := range events {
		last[e.SessionID] = i
	}
	for i := range events {
		if last[events[i].SessionID] != i {
			events[i].Identities = events[i].Identities[1:]
		}
	}
	appendAll(t, s, events, 500)
	random := rand.New(rand.NewPCG(1, 2))
	var again []event.Event
	for _, e := range events {
		if random.IntN(20) == 0 {
			e.ReceivedAt += 1_000_000
			again = append(again, e)
		}
	}
	require.NotEmpty(t, again)
	appendAll(t, s, again, 77)
	status := analyse(t, s, document(t))
	requirePublished(t, status)
	require.EqualValues(t, 31_106, status.Trace.Analysis.EventsScanned)
}
