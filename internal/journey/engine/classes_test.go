// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// Rows and runs of classes give the same sums for every plan that does not read columns that a class does not have.
func TestRunsEqualRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		if rapid.Bool().Draw(t, "few rules") {
			// Without these, the plan reads only classes, except for the last stage.
			plan.Exclude, plan.Filters, plan.Breakdowns, plan.Policy.HoldConstant = nil, nil, nil, nil
			plan.KPIs, plan.Tables, plan.Policy.Exclusions = nil, nil, nil
		}
		rows := journeytest.InOrder(drawSome(t, 1))
		for i := range rows {
			r := &rows[i]
			rows[i] = journey.Row{
				Person: r.Person, Time: r.Time, Seq: int64(i + 1), Source: r.Source, Channel: r.Channel, Name: r.Name, Kind: r.Kind,
				Initiator: r.Initiator, Flags: r.Flags, ReceivedAt: r.ReceivedAt,
			}
		}
		want := journeytest.Run(t, plan, rows)
		got, err := engine.New(plan)
		require.NoError(t, err)
		for left := rows; len(left) > 0; {
			// A batch can end anywhere, and class numbers change between batches.
			n := rapid.IntRange(1, len(left)).Draw(t, "batch")
			addRuns(got, left[:n])
			left = left[n:]
		}
		require.NoError(t, got.Close())
		require.Equal(t, numbers(want), numbers(got))
	})
}

// addRuns adds rows to an engine as runs of persons.
func addRuns(e *engine.Engine, rows []journey.Row) {
	var list []event.Class
	classes, times := make([]uint16, len(rows)), make([]int64, len(rows))
	for i := range rows {
		r := &rows[i]
		c := event.Class{
			Source: r.Source, Channel: r.Channel, Name: r.Name, Kind: r.Kind, Initiator: r.Initiator, Flags: r.Flags,
			Late: r.ReceivedAt-r.Time > event.LateAfter,
		}
		at := slices.Index(list, c)
		if at < 0 {
			at, list = len(list), append(list, c)
		}
		classes[i], times[i] = uint16(at), r.Time
	}
	e.NewClasses(list)
	for i := 0; i < len(rows); {
		end := i + 1
		for end < len(rows) && rows[end].Person == rows[i].Person {
			end++
		}
		e.AddRun(rows[i].Person, times[i:end], classes[i:end])
		i = end
	}
}

func TestUnorderedRunsAreErrors(t *testing.T) {
	for name, add := range map[string]func(e *engine.Engine){
		"times":   func(e *engine.Engine) { e.AddRun(1, []int64{2, 1}, []uint16{0, 0}) },
		"runs":    func(e *engine.Engine) { e.AddRun(1, []int64{2}, []uint16{0}); e.AddRun(1, []int64{1}, []uint16{0}) },
		"persons": func(e *engine.Engine) { e.AddRun(2, []int64{1}, []uint16{0}); e.AddRun(1, []int64{1}, []uint16{0}) },
	} {
		t.Run(name, func(t *testing.T) {
			e, err := engine.New(engine.Plan{Map: journeytest.TwoStages(), Policy: journeytest.Plain, Periods: []journey.Period{journey.Range(0, 10, 20, journeytest.Plain)}})
			require.NoError(t, err)
			e.NewClasses([]event.Class{{Name: "See"}})
			add(e)
			require.ErrorContains(t, e.Close(), "out of order")
		})
	}
}
