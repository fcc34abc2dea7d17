// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/simulator/compare"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// analyse runs both analysis jobs with the store of the rig at a given time of analysis.
func (r *local) analyse(scheduled time.Time, w *world.World, sent ...wire.Tally) *compare.Objects {
	r.t.Helper()
	c, err := r.client(r.material.ScanKey)
	require.NoError(r.t, err)
	counted(r.t, c, sent)
	compute := func(kind string) []byte {
		run := analysis.Run{
			Document: r.samples.Analysis(kind, r.url, w.Params.Start()), Scheduled: scheduled, Store: c, Now: time.Now, Log: quiet(),
		}
		status, err := run.Compute(context.Background())
		require.NoError(r.t, err)
		raw, err := json.Marshal(status)
		require.NoError(r.t, err)
		return raw
	}
	return objectsOf(r.t, r.samples, c, compute(v1alpha1.JourneyMapKind), compute(v1alpha1.MetricReportKind))
}

func TestNumbersOfAWorld(t *testing.T) {
	w := drawn(t, 11, 800)
	r := newLocal(t, memory.New(identity.NewPolicy(nil)))
	summary := sendWorld(t, r.endpoints, w, 0)
	for _, ago := range []time.Duration{0, 26 * time.Hour, 9*24*time.Hour + 7*time.Minute} {
		objects := r.analyse(w.Params.Now.Add(-ago), w, summary.Sent)
		agree(t, objects, []wire.Tally{summary.Sent}, w)
		require.Positive(t, objects.Maps[0].Status.Stages[world.Purchase].Converted, "the world is too small to say anything")
	}
}

// The numbers of the first world that make demo sends are the true ones.
func TestNumbersOfTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("4000 persons take a while")
	}
	w := drawn(t, 7, 4000)
	r := newLocal(t, memory.New(identity.NewPolicy(nil)))
	sent := []wire.Tally{sendWorld(t, r.endpoints, w, 0).Sent}
	agree(t, r.analyse(w.Params.Now, w, sent...), sent, w)
}

// Small worlds, in which few persons share tills, tablets and mailboxes, have the true numbers, too.
func TestSmallWorlds(t *testing.T) {
	for seed := range uint64(8) {
		w := drawn(t, 40+seed, 8+20*int(seed))
		r := newLocal(t, memory.New(identity.NewPolicy(nil)))
		sent := []wire.Tally{sendWorld(t, r.endpoints, w, 0).Sent}
		for _, ago := range []time.Duration{0, 13 * time.Hour, 20 * 24 * time.Hour} {
			agree(t, r.analyse(w.Params.Now.Add(-ago), w, sent...), sent, w)
		}
	}
}

// A second world in the same store has no person of the first one, so the numbers add up.
func TestTwoWorldsAddUp(t *testing.T) {
	a, b := drawn(t, 3, 300), drawn(t, 4, 300)
	r := newLocal(t, memory.New(identity.NewPolicy(nil)))
	sent := []wire.Tally{sendWorld(t, r.endpoints, a, 0).Sent, sendWorld(t, r.endpoints, b, 0).Sent}
	agree(t, r.analyse(b.Params.Now, b, sent...), sent, a, b)
}

// The comparison notices that one converted customer is missing in the status.
func TestComparisonNoticesADifference(t *testing.T) {
	w := drawn(t, 5, 300)
	r := newLocal(t, memory.New(identity.NewPolicy(nil)))
	summary := sendWorld(t, r.endpoints, w, 0)
	objects := r.analyse(w.Params.Now, w, summary.Sent)
	agree(t, objects, []wire.Tally{summary.Sent}, w)
	objects.Maps[0].Status.Stages[world.Intent].Converted--
	*objects.Stores[0].Status.Events++
	table, err := objects.Compare([]wire.Tally{summary.Sent}, w)
	require.NoError(t, err)
	require.Equal(t, 2, table.Wrong())
}
