// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package breakdown_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// benchBreakdowns has one breakdown of each cost.
var benchBreakdowns = map[string][]journey.Breakdown{
	"none":          nil,
	"channel first": {{By: journey.ByChannel, Attribution: journey.FirstValue}},
	"channel all":   {{By: journey.ByChannel, Attribution: journey.AllValues}},
	"channel stage": {{By: journey.ByChannel, Attribution: journey.StageValue, Stage: "buy"}},
	"json last":     {{By: journey.ByProperty, Keys: []string{"properties.page"}, Attribution: journey.LastValue}},
}

// BenchmarkBreakdown measures the additional cost of a breakdown.
func BenchmarkBreakdown(b *testing.B) {
	const n = 1_000_000
	rows := journeytest.ManyRows(n)
	for name, list := range benchBreakdowns {
		b.Run(name, func(b *testing.B) {
			policy := journeytest.Plain
			policy.Window = 7 * 24 * time.Hour
			plan := engine.Plan{
				Map: journeytest.TwoStages(), Policy: policy, Periods: []journey.Period{journey.Lookback(30*24*3600*journeytest.Second, 20*24*3600*journeytest.Second, policy)}, Breakdowns: list,
			}
			for b.Loop() {
				runRows(b, plan, rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
		})
	}
}

// BenchmarkValuesOfOnePerson measures the worst case: a person with the maximum number of events, each with a different value.
func BenchmarkValuesOfOnePerson(b *testing.B) {
	var rows []journey.Row
	for i := range int64(journey.MaxEvents) {
		rows = append(rows, valueRow(1, i, "A", fmt.Sprint(i)))
	}
	for _, attribution := range []journey.Attribution{journey.AllValues, journey.StageValue} {
		b.Run(string(attribution), func(b *testing.B) {
			plan := breakdownPlan(journey.Breakdown{By: journey.ByProperty, Keys: []string{"properties.v"}, Attribution: attribution})
			if attribution == journey.StageValue {
				plan.Breakdowns[0].Stage = "a"
			}
			plan.Periods = []journey.Period{journey.Range(0, journey.MaxEvents*journeytest.Second, 2*journey.MaxEvents*journeytest.Second, plan.Policy)}
			for b.Loop() {
				runRows(b, plan, rows)
			}
		})
	}
}

// runRows runs a plan with sorted rows.
func runRows(b *testing.B, plan engine.Plan, rows []journey.Row) {
	e, err := engine.New(plan)
	require.NoError(b, err)
	for i := range rows {
		e.Add(&rows[i])
	}
	require.NoError(b, e.Close())
}
