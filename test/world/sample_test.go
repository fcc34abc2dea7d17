// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/sample"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// Sends the sample events of the Helm chart. Map and report show exactly what the docs say: at once, and up to one day later, because silent sources
// can hold the time of analysis back by that much.
func TestSampleEvents(t *testing.T) {
	now := time.Now()
	r := newLocal(t, memory.New(identity.NewPolicy(nil)))
	sender := sample.Sender{
		Endpoints: map[string]sample.Endpoint{}, Client: &http.Client{Timeout: time.Minute}, Pause: 100 * time.Millisecond, Now: time.Now,
	}
	for source, e := range r.endpoints {
		sender.Endpoints[string(source)] = sample.Endpoint{URL: e.URL, Key: e.Secret}
	}
	events, err := sender.Send(t.Context())
	require.NoError(t, err)
	require.Equal(t, sample.Accepted, events)

	for _, later := range []time.Duration{0, 24 * time.Hour} {
		var m v1alpha1.JourneyMapStatus
		r.compute(v1alpha1.JourneyMapKind, now.Add(later), &m)
		var stages []sample.Stage
		for _, s := range m.Stages {
			stages = append(stages, sample.Stage{
				Name: string(s.Name), Entered: s.Entered, Converted: s.Converted, Dropped: s.Dropped, DropOff: string(s.DropOff),
			})
		}
		require.Equal(t, sample.Stages, stages)
		require.EqualValues(t, sample.Customers, m.Summary.Customers)
		require.EqualValues(t, sample.Conversion, m.Summary.Conversion)
		require.Equal(t, sample.WorstStage, m.Summary.WorstStage)
		require.EqualValues(t, sample.WorstDrop, m.Summary.WorstDropOff)

		var report v1alpha1.MetricReportStatus
		r.compute(v1alpha1.MetricReportKind, now.Add(later), &report)
		kpis := map[string]string{}
		for _, k := range report.KPIs {
			kpis[string(k.Name)] = string(k.Value)
		}
		require.Equal(t, sample.KPIs, kpis)
	}
}

// compute runs the job of the sample map or report at a given time.
func (r *local) compute(kind string, scheduled time.Time, into any) {
	r.t.Helper()
	c, err := r.client(r.material.ScanKey)
	require.NoError(r.t, err)
	run := analysis.Run{
		Document: r.samples.Analysis(kind, r.url, time.Now().Add(-time.Hour)), Scheduled: scheduled, Store: c, Now: time.Now, Log: quiet(),
	}
	status, err := run.Compute(context.Background())
	require.NoError(r.t, err)
	raw, err := json.Marshal(status)
	require.NoError(r.t, err)
	require.NoError(r.t, json.Unmarshal(raw, into))
}
