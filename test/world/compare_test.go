// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/simulator/compare"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig"
)

func drawn(t *testing.T, seed uint64, persons int) *world.World {
	t.Helper()
	p := world.Defaults(time.Now().Add(-time.Second))
	p.Seed, p.Persons = seed, persons
	w, err := world.New(p)
	require.NoError(t, err)
	return w
}

// counted waits until the store has the counters of all refused requests, which ingestion reports at intervals.
func counted(t *testing.T, scanner store.Scanner, sent []wire.Tally) {
	t.Helper()
	var want int64
	for _, tally := range sent {
		for _, c := range tally {
			for _, n := range c.Rejected {
				want += n
			}
		}
	}
	require.Eventually(t, func() bool {
		state, err := scanner.State(context.Background())
		require.NoError(t, err)
		var got int64
		for _, s := range state.Sources {
			for _, r := range s.Counters.Rejected {
				got += r.Count
			}
		}
		return got >= want
	}, time.Minute, 50*time.Millisecond)
}

// objectsOf sets the statuses of the samples from the results of the jobs and the state of the store, like operator and jobs.
func objectsOf(t *testing.T, s *rig.Samples, scanner store.Scanner, mapStatus, reportStatus []byte) *compare.Objects {
	t.Helper()
	m, r, es := s.Journey, s.Report, s.Store
	require.NoError(t, json.Unmarshal(mapStatus, &m.Status))
	require.NoError(t, json.Unmarshal(reportStatus, &r.Status))
	state, err := scanner.State(context.Background())
	require.NoError(t, err)
	es.Status.Events = &state.Health.Events
	objects := &compare.Objects{
		Maps: []v1alpha1.JourneyMap{m}, Reports: []v1alpha1.MetricReport{r}, Stores: []v1alpha1.EventStore{es},
	}
	for _, source := range s.Sources {
		for _, known := range state.Sources {
			if known.Name != source.Name {
				continue
			}
			source.Status.Accepted, source.Status.Rejected = &known.Counters.Accepted, new(int64)
			source.Status.Uncorrected = known.Counters.Uncorrected
			for reason, r := range known.Counters.Rejected {
				if reject.Unauthorized(reason) {
					source.Status.UnauthorizedRequests += r.Count
					continue
				}
				*source.Status.Rejected += r.Count
				source.Status.RejectReasons = append(source.Status.RejectReasons, v1alpha1.RejectReason{Reason: reason, Count: r.Count})
			}
		}
		objects.Sources = append(objects.Sources, source)
	}
	return objects
}

// agree compares all numbers with the true ones, and prints those that differ.
func agree(t *testing.T, objects *compare.Objects, sent []wire.Tally, worlds ...*world.World) {
	t.Helper()
	table, err := objects.Compare(sent, worlds...)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, table.Print(&text, true))
	require.Zero(t, table.Wrong(), "of %d numbers:\n%s", len(table.Lines), text.String())
	require.Greater(t, len(table.Lines), 80)
}
