// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// benchBreakdowns are one of each cost.
var benchBreakdowns = map[string][]Breakdown{
	"none":          nil,
	"channel first": {{By: ByChannel, Attribution: FirstValue}},
	"channel all":   {{By: ByChannel, Attribution: AllValues}},
	"channel stage": {{By: ByChannel, Attribution: StageValue, Stage: "buy"}},
	"json last":     {{By: ByProperty, Keys: []string{"properties.page"}, Attribution: LastValue}},
}

// BenchmarkBreakdown is what a breakdown adds to a run.
func BenchmarkBreakdown(b *testing.B) {
	const n = 1_000_000
	rows := benchRows(n)
	for name, list := range benchBreakdowns {
		b.Run(name, func(b *testing.B) {
			policy := Plain
			policy.Window = 7 * 24 * time.Hour
			plan := Plan{
				Map: TwoStages(), Policy: policy, Periods: []Period{Lookback(30*24*3600*Second, 20*24*3600*Second, policy)}, Breakdowns: list,
			}
			for b.Loop() {
				runRows(b, plan, rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
		})
	}
}

// BenchmarkValuesOfOnePerson is the worst person: as many events as are looked at, each with a value of its own.
func BenchmarkValuesOfOnePerson(b *testing.B) {
	var rows []Row
	for i := range int64(MaxEvents) {
		rows = append(rows, valueRow(1, i, "A", fmt.Sprint(i)))
	}
	for _, attribution := range []Attribution{AllValues, StageValue} {
		b.Run(string(attribution), func(b *testing.B) {
			plan := breakdownPlan(Breakdown{By: ByProperty, Keys: []string{"properties.v"}, Attribution: attribution})
			if attribution == StageValue {
				plan.Breakdowns[0].Stage = "a"
			}
			plan.Periods = []Period{Range(0, MaxEvents*Second, 2*MaxEvents*Second, plan.Policy)}
			for b.Loop() {
				runRows(b, plan, rows)
			}
		})
	}
}

// runRows runs a plan over rows that are in order.
func runRows(b *testing.B, plan Plan, rows []Row) {
	e, err := NewEngine(plan)
	require.NoError(b, err)
	for i := range rows {
		e.Add(&rows[i])
	}
	require.NoError(b, e.Close())
}
