// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// The numbers of each day agree with a reference that examines each day by itself.
func TestStageDaysAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Strict)
		c.Optional = 0
		journeytest.DrawGrace(t, &c)
		p, err := c.Progression()
		require.NoError(t, err)
		got := &DaySums{window: c.Policy.Window.Microseconds(), age: int64(rapid.IntRange(0, 3).Draw(t, "age")), Stages: make([][]DayCount, c.Stages)}
		length := int64(rapid.IntRange(1, 3).Draw(t, "day"))
		for end := int64(8); end > 0; end -= length {
			got.days = append(got.days, event.Span{From: end - length, To: end})
		}
		want := make([][]DayCount, c.Stages)
		for s := range want {
			want[s], got.Stages[s] = make([]DayCount, len(got.days)), make([]DayCount, len(got.days))
		}
		for i, d := range got.days {
			c.From, c.To, c.Limit = d.From-c.Policy.Window.Microseconds(), d.To, d.To-1+got.age
			best := c.Best()
			for s := 0; best != nil && s < len(best.Times); s++ {
				if best.Times[s] < d.From || best.Times[s] >= d.To {
					continue
				}
				want[s][i].Entered++
				if s+1 < len(best.Times) || s == c.Stages-1 {
					want[s][i].Converted++
				}
			}
		}
		// With exact ties, the reference uses the order of the list, like the engine.
		got.AddPerson(&metric.View{Person: &metric.Person{Events: c.Events}, Progression: p, Period: &journey.Period{}})
		require.Equal(t, want, got.Stages)
		twice := &DaySums{Stages: make([][]DayCount, c.Stages)}
		for s := range twice.Stages {
			twice.Stages[s] = make([]DayCount, len(got.days))
		}
		twice.Merge(got)
		twice.Merge(got)
		for s := range want {
			for i := range want[s] {
				require.Equal(t, DayCount{Entered: 2 * want[s][i].Entered, Converted: 2 * want[s][i].Converted}, twice.Stages[s][i])
			}
		}
	})
}

// The days of a period are whole days of the zone: all days of the scanned time whose windows have ended.
func TestStageDaysOfThePeriod(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	policy := journey.Policy{Order: journey.Ordered, Window: 24 * time.Hour}
	asOf := time.Date(2026, 4, 2, 15, 30, 0, 0, berlin)
	period := journey.Lookback(asOf.UnixMicro(), (10 * 24 * time.Hour).Microseconds(), policy)
	a, err := Days{}.NewSums(&metric.Context{
		Map: &journey.Map{Stages: make([]journey.Stage, 2)}, Policy: policy, Period: &period, Calendar: &journey.Calendar{Location: berlin},
	})
	require.NoError(t, err)
	s := a.(*DaySums)
	newest, ok := s.Newest()
	require.True(t, ok)
	require.Equal(t, time.Date(2026, 4, 1, 0, 0, 0, 0, berlin).UnixMicro(), newest)
	require.Equal(t, (15*time.Hour + 30*time.Minute + time.Microsecond).Microseconds(), s.age)
	require.Len(t, s.days, 9, "of 11 days and 15 hours, one day is for the window and the oldest is cut")
	require.Equal(t, 23*time.Hour, time.Duration(s.days[3].To-s.days[3].From)*time.Microsecond, "the clocks change on 29 March")
}

// A day without midnight is one day, and a date that the zone skips is an empty day.
func TestStageDaysInUnusualZones(t *testing.T) {
	for _, c := range []struct {
		zone    string
		asOf    string
		from    []string // the starts, the newest first
		lengths []time.Duration
	}{
		{
			"America/Santiago", "2026-09-08T10:00:00-03:00", []string{"2026-09-07T00:00:00-03:00", "2026-09-06T01:00:00-03:00", "2026-09-05T00:00:00-04:00"},
			[]time.Duration{24 * time.Hour, 23 * time.Hour, 24 * time.Hour},
		},
		{
			"Pacific/Apia", "2012-01-01T10:00:00+14:00", []string{"2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00", "2011-12-29T00:00:00-10:00"},
			[]time.Duration{24 * time.Hour, 0, 24 * time.Hour},
		},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		policy := journey.Policy{Order: journey.Ordered, Window: time.Hour}
		asOf, err := time.Parse(time.RFC3339, c.asOf)
		require.NoError(t, err)
		period := journey.Lookback(asOf.UnixMicro(), (10 * 24 * time.Hour).Microseconds(), policy)
		calendar := &journey.Calendar{Location: zone}
		a, err := Days{}.NewSums(&metric.Context{
			Map: &journey.Map{Stages: make([]journey.Stage, 2)}, Policy: policy, Period: &period, Calendar: calendar,
		})
		require.NoError(t, err)
		for i, day := range a.(*DaySums).days[:3] {
			require.Equal(t, c.from[i], calendar.Instant(day.From), c.zone)
			require.Equal(t, c.lengths[i], time.Duration(day.To-day.From)*time.Microsecond, c.zone)
		}
	}
}
