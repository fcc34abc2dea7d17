// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// missing are days that start after midnight, because of a clock change.
var missing = []struct{ zone, day, begins string }{
	{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
	{"Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z"},
	{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
	{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"},
}

// One new customer at noon of each day, and one customer who is active on each of the seven days around the clock change.
func TestDaysWithoutMidnightInEachTable(t *testing.T) {
	for _, c := range missing {
		t.Run(c.zone, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			require.NoError(t, err)
			day, err := time.Parse(time.DateOnly, c.day)
			require.NoError(t, err)
			noon := func(n int) time.Time {
				return time.Date(day.Year(), day.Month(), day.Day()+n, 12, 0, 0, 0, zone)
			}
			var rows []journey.Row
			var begins []string
			for n := -3; n <= 3; n++ {
				at := noon(n)
				for _, person := range []uint64{uint64(10 + n), 20} {
					for i, name := range []string{"A", "B"} {
						rows = append(rows, journey.Row{
							Person: person, Time: at.Add(time.Duration(i) * time.Minute).UnixMicro(), Name: name, Seq: int64(len(rows) + 1),
						})
					}
				}
				if n == 0 {
					begins = append(begins, c.begins)
				} else {
					begins = append(begins, at.Add(-12*time.Hour).Format(time.RFC3339))
				}
			}
			from, to := noon(-3).Add(-12*time.Hour).UnixMicro(), noon(4).Add(-12*time.Hour).UnixMicro()
			run := func(table metric.Metric, asOf int64) metric.Grid {
				plan := journeytest.TablePlan(table, from, to, asOf)
				plan.Calendar = journey.Calendar{Location: zone, WeekStart: day.Weekday()}
				stagesAB(&plan, plan.Policy)
				return journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].Grid()
			}
			later := to + 90*journeytest.Daily
			firsts := func(g metric.Grid, column int) (names, values []string) {
				for _, row := range g.Rows {
					names, values = append(names, row.Values[0]), append(values, row.Values[column])
				}
				return names, values
			}

			names, entered := firsts(run(Trend{Period: journey.Day}, later), 1)
			require.Equal(t, begins, names)
			require.Equal(t, []string{"2", "2", "2", "2", "2", "2", "2"}, entered)
			names, entered = firsts(run(Trend{Period: journey.Week}, later), 1)
			require.Equal(t, []string{noon(-7).Add(-12 * time.Hour).Format(time.RFC3339), c.begins}, names)
			require.Equal(t, []string{"4", "5"}, entered)

			_, customers := firsts(run(Stickiness{Event: journeytest.EventA(), Period: journey.Day}, later), 1)
			require.Equal(t, []string{"7", "1"}, customers)

			lifecycle := Lifecycle{Event: journeytest.EventA(), Period: journey.Day, New: FirstMatch}
			names, fresh := firsts(run(lifecycle, later), 1)
			require.Equal(t, begins, names)
			require.Equal(t, []string{"2", "1", "1", "1", "1", "1", "1"}, fresh)
			_, dormant := firsts(run(lifecycle, later), 4)
			require.Equal(t, []string{"0", "-1", "-1", "-1", "-1", "-1", "-1"}, dormant)

			retention := run(Retention{Start: journeytest.EventA(), Return: journeytest.EventA(), Period: journey.Day, Cohorts: 7, Counts: true}, later)
			names, sizes := firsts(retention, 1)
			require.Equal(t, append(begins, "all"), names)
			require.Equal(t, []string{"2", "2", "2", "2", "2", "2", "2", "14"}, sizes)
			require.Equal(t, []string{begins[0], "2", "1", "1", "1", "1", "1", "1"}, retention.Rows[0].Values)

			condition := EventOnDay{Event: journeytest.EventA(), Day: c.day}
			_, met := firsts(run(ConditionRetention{Conditions: []EventOnDay{
				condition, {Event: journeytest.EventA(), Day: noon(-1).Format(time.DateOnly)}, {Event: journeytest.EventB(), Day: noon(1).Format(time.DateOnly)},
			}}, later), 2)
			require.Equal(t, []string{"2", "1", "1"}, met)

			// just before the end of the day, it is in progress, and at its end, it is not
			end := noon(1).Add(-12 * time.Hour).UnixMicro()
			for asOf, under := range map[int64]bool{end - 2: true, end - 1: false} {
				g := run(lifecycle, asOf)
				require.Len(t, g.Rows, 4)
				require.Equal(t, under, g.Rows[3].Provisional)
				require.False(t, g.Rows[2].Provisional)
				g = run(Retention{Start: journeytest.EventA(), Return: journeytest.EventA(), Period: journey.Day, Cohorts: 7}, asOf)
				require.Equal(t, under, g.Rows[3].Provisional)
				require.Equal(t, under, g.Rows[0].Provisional, "its third day is in progress")
				require.Equal(t, 4, max(4, g.Rows[0].ProvisionalFrom))
			}
			g := run(Trend{Period: journey.Day}, end+journeytest.Hourly-1)
			require.False(t, g.Rows[3].Provisional, "the window of an hour is over")
			g = run(Trend{Period: journey.Day}, end+journeytest.Hourly-2)
			require.True(t, g.Rows[3].Provisional)
		})
	}
}

// A date means the first instant of the day.
func TestCreationDateWithoutMidnight(t *testing.T) {
	for _, c := range missing {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		calendar := &journey.Calendar{Location: zone}
		at, ok := parseTime(calendar, c.day)
		require.True(t, ok)
		require.Equal(t, c.begins, calendar.Instant(at))
	}
}
