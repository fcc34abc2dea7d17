// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"time"

	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// An hour and a day in microseconds.
const (
	Hourly = int64(time.Hour / time.Microsecond)
	Daily  = 24 * Hourly
)

// Berlin has a clock change on 2026-03-29, in the middle of the drawn times.
var Berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}()

// Epoch is the beginning of the drawn times.
var Epoch = time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC).UnixMicro()

// TablePlan returns a plan with one table between two times.
func TablePlan(table metric.Metric, from, to, asOf int64) engine.Plan {
	policy := journey.Policy{Order: journey.Ordered, Window: time.Hour, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	return engine.Plan{
		Map:    journey.Map{Stages: []journey.Stage{{Name: "any", Touchpoints: []journey.Touchpoint{{Name: "any", Match: []journey.Match{{Event: "A"}}}}}}},
		Policy: policy, Periods: []journey.Period{journey.Range(from, to, asOf, policy)},
		Calendar: journey.Calendar{Location: Berlin, WeekStart: time.Monday},
		Tables:   []metric.Named{{Name: "t", Metric: table}},
	}
}

// DrawRows draws events A and B of a few persons over three weeks, and some that match nothing.
func DrawRows(t *rapid.T) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		at := Epoch + rapid.Int64Range(0, 21*24*2).Draw(t, "halfHour")*Hourly/2
		return journey.Row{
			Person: uint64(rapid.IntRange(1, 4).Draw(t, "person")), Time: at, ReceivedAt: at, Source: "shop", Kind: event.Track,
			Name: rapid.SampledFrom([]string{"A", "A", "B", "B", "C"}).Draw(t, "name"),
		}
	}), 0, 40).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return rows
}

// EventA matches the event A.
func EventA() []journey.Match { return []journey.Match{{Event: "A"}} }

// EventB matches the event B.
func EventB() []journey.Match { return []journey.Match{{Event: "B"}} }
