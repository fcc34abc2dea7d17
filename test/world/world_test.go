// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/metrics"
	"github.com/journeyman-dev/journeyman/internal/simulator/compare"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

func drawn(t *testing.T, seed uint64, persons int) *world.World {
	t.Helper()
	p := world.Defaults(time.Now().Add(-time.Second))
	p.Seed, p.Persons = seed, persons
	w, err := world.New(p)
	require.NoError(t, err)
	return w
}

// analyse runs both metric jobs over the rig's store, as of an instant.
func (r *rig) analyse(scheduled time.Time, w *world.World) *compare.Objects {
	r.t.Helper()
	c, err := r.client(r.material.ScanKey)
	require.NoError(r.t, err)
	compute := func(kind string) any {
		run := metrics.Run{
			Document: r.samples.metrics(kind, r.url, w.Params.Start()), Scheduled: scheduled, Store: c, Now: time.Now, Log: quiet(),
		}
		status, err := run.Compute(context.Background())
		require.NoError(r.t, err)
		return status
	}
	objects := &compare.Objects{}
	m, mr := r.samples.journey, r.samples.report
	m.Status = *compute(metrics.KindJourneyMap).(*v1alpha1.JourneyMapStatus)
	mr.Status = *compute(metrics.KindMetricReport).(*v1alpha1.MetricReportStatus)
	objects.Maps, objects.Reports = []v1alpha1.JourneyMap{m}, []v1alpha1.MetricReport{mr}
	state, err := c.State(context.Background())
	require.NoError(r.t, err)
	objects.Sources, objects.Stores = statuses(r.samples, state)
	return objects
}

// statuses puts the store's state where the operator would: into the status of sources and store, with all reasons.
func statuses(s *samples, state store.State) ([]v1alpha1.TouchpointSource, []v1alpha1.EventStore) {
	es := s.store
	es.Status.Events = state.Health.Events
	var sources []v1alpha1.TouchpointSource
	for _, source := range s.sources {
		for _, known := range state.Sources {
			if known.Name != source.Name {
				continue
			}
			source.Status.Accepted = known.Counters.Accepted
			for reason, r := range known.Counters.Rejected {
				source.Status.Rejected += r.Count
				source.Status.TopReasons = append(source.Status.TopReasons, v1alpha1.RejectReason{Reason: reason, Count: r.Count})
			}
		}
		sources = append(sources, source)
	}
	return sources, []v1alpha1.EventStore{es}
}

// agree compares all numbers with the truth and shows those that differ.
func (r *rig) agree(objects *compare.Objects, sent wire.Tally, w *world.World) {
	r.t.Helper()
	table, err := objects.Compare([]wire.Tally{sent}, w)
	require.NoError(r.t, err)
	var text bytes.Buffer
	require.NoError(r.t, table.Print(&text, true))
	require.Zero(r.t, table.Wrong(), "of %d numbers:\n%s", len(table.Lines), text.String())
	require.Greater(r.t, len(table.Lines), 100)
}

func TestEveryNumberIsTheTruth(t *testing.T) {
	w := drawn(t, 11, 800)
	r := newRig(t, memory.New(identity.NewPolicy(map[string]int32{"deviceId": 3, "email": 2})))
	summary := r.send(w)
	for _, ago := range []time.Duration{0, 26 * time.Hour, 9*24*time.Hour + 7*time.Minute} {
		objects := r.analyse(w.Params.Now.Add(-ago), w)
		r.agree(objects, summary.Sent, w)
		require.Positive(t, objects.Maps[0].Status.Stages[3].Converted, "the world is too small to say anything")
	}
}
