// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// BenchmarkRetentionAndPaths uses 320,000 events of 10,000 persons over thirty days. Each event counts in both tables in all roles.
func BenchmarkRetentionAndPaths(b *testing.B) {
	const persons, each, month = 10_000, 32, 30 * 24 * 3600
	random := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 17)
	for i := range names {
		names[i] = fmt.Sprintf("Something %d Done", i)
	}
	rows := make([]journey.Row, 0, persons*each)
	for p := range persons {
		for i := range each {
			at := (int64(i)*month/each + random.Int64N(month/each)) * journeytest.Second
			rows = append(rows, journey.Row{
				Person: uint64(p), Time: at, ReceivedAt: at, Seq: int64(len(rows)), Source: "shop", Channel: "web", Name: names[random.IntN(len(names))],
			})
		}
	}
	every := []journey.Match{{}}
	plan := engine.Plan{
		Map: journeytest.TwoStages(), Policy: journeytest.Plain,
		Periods: []journey.Period{journey.Lookback(month*journeytest.Second, month*journeytest.Second, journeytest.Plain)},
		Tables: []metric.Named{
			{Name: "retention", Metric: Retention{Start: every, Return: every, Period: journey.Day, Cohorts: 31, FirstTime: true}},
			{Name: "paths", Metric: Paths{Items: []PathItem{{Match: every}}, Steps: 5, SessionGap: 24 * time.Hour, Limit: 50}},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := engine.New(plan)
		require.NoError(b, err)
		for i := range rows {
			e.Add(&rows[i])
		}
		require.NoError(b, e.Close())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/event")
}
