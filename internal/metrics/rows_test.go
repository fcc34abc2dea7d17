// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// testEvent is an event in a test, without a store.
type testEvent struct {
	person     uint64
	time       time.Time
	index      int
	name       string
	properties string
}

// analyseRows computes a map's status over events that a customer did on the web.
func analyseRows(t *testing.T, spec *v1alpha1.JourneyMapSpec, exclude []v1alpha1.EventCondition, events []testEvent) *v1alpha1.JourneyMapStatus {
	doc := &config.Metrics{Version: config.Version, Kind: KindJourneyMap, Map: *spec, Exclude: exclude}
	p, err := newPlan(doc, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), store.State{})
	require.NoError(t, err)
	engine, err := journey.NewEngine(p.journey)
	require.NoError(t, err)
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b testEvent) int {
		return cmp.Or(cmp.Compare(a.person, b.person), a.time.Compare(b.time), cmp.Compare(a.index, b.index))
	})
	for _, e := range events {
		engine.Add(&journey.Row{
			Person: e.person, Time: e.time.UnixMicro(), Seq: 1, Index: int32(e.index), Source: "s", Channel: "web",
			Name: e.name, ReceivedAt: e.time.UnixMicro(), Properties: e.properties,
		})
	}
	require.NoError(t, engine.Close())
	return (&outcome{doc: doc, plan: p, engine: engine}).mapStatus()
}
