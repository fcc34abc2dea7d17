// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// RequireShift moves events and periods by the same time and requires the same tables. Tables of paths only use differences in time, so any shift is
// valid. Tables of days need a shift by whole days, a calendar in UTC, and no dates.
func RequireShift(t require.TestingT, plan engine.Plan, rows []journey.Row, by int64) {
	later := slices.Clone(rows)
	for i := range later {
		later[i].Time, later[i].ReceivedAt = later[i].Time+by, later[i].ReceivedAt+by
	}
	moved := plan
	moved.Periods = nil
	for _, p := range plan.Periods {
		moved.Periods = append(moved.Periods, p.Shift(by))
	}
	now, then := Run(t, plan, rows).Evaluations(), Run(t, moved, later).Evaluations()
	for i := range now {
		for k, table := range now[i].Tables {
			require.Equal(t, withoutTimes(table.Grid()), withoutTimes(then[i].Tables[k].Grid()), "%s moved by %d", plan.Tables[k].Name, by)
		}
	}
}

// withoutTimes drops the columns that hold times.
func withoutTimes(g metric.Grid) metric.Grid {
	for i := range g.Rows {
		var kept []string
		for k, value := range g.Rows[i].Values {
			if g.Columns[k].Unit != metric.UnitTime {
				kept = append(kept, value)
			}
		}
		g.Rows[i].Values = kept
	}
	return g
}

// DrawShift draws a shift: up to five years, to the microsecond, or in whole weeks.
func DrawShift(t *rapid.T) int64 {
	const weeks = 260
	if rapid.Bool().Draw(t, "wholeWeeks") {
		return rapid.Int64Range(-weeks, weeks).Draw(t, "weeks") * 7 * Daily
	}
	return rapid.Int64Range(-weeks*7*Daily, weeks*7*Daily).Draw(t, "shift")
}
