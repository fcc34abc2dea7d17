// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// The tables about paths do not change when all times move by the same amount.
func TestPathsMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		journeytest.RequireShift(t, pathPlan(drawPaths(t)), drawPathRows(t), journeytest.DrawShift(t))
	})
}

// Both tables of one plan do not change when all times move by the same amount.
func TestTransitionsAndDriversMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := stepPlan(Transitions{
			Event: []journey.Match{{}}, Between: rapid.SampledFrom([]Between{BetweenEvents, BetweenStages, BetweenTouchpoints}).Draw(t, "between"),
			SessionGap: time.Duration(rapid.IntRange(0, 10).Draw(t, "gap")) * time.Second, Collapse: rapid.Bool().Draw(t, "collapse"),
		})
		plan.Tables = append(plan.Tables, metric.Named{Name: "drivers", Metric: Drivers{Event: []journey.Match{{}}, Key: "event", MinCustomers: 1}})
		journeytest.RequireShift(t, plan, drawWalk(t), journeytest.DrawShift(t))
	})
}

// If all times move by whole weeks without a clock change, only the dates in these tables change.
func TestCustomersMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, _ := drawOrders(t)
		from, to, asOf, _ := drawUntil(t)
		tables := []metric.Metric{
			RFM(refOrderTable), LifetimeValue{Orders: refOrderTable, Months: 12}, drawRetention(t),
			Lifecycle{Event: journeytest.EventA(), Period: journey.Week, New: FirstEvent}, Stickiness{Event: journeytest.EventA(), Period: journey.Week},
		}
		for _, table := range tables {
			plan := journeytest.TablePlan(table, from, to, asOf)
			plan.Calendar.Location = time.UTC
			journeytest.RequireShift(t, plan, rows, rapid.Int64Range(-200, 200).Draw(t, "weeks")*7*journeytest.Daily)
		}
	})
}
