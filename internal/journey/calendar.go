// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math"
	"time"
)

// Unit is the length of a calendar period.
type Unit string

// The units of calendar periods.
const (
	Hour  Unit = "Hour"
	Day   Unit = "Day"
	Week  Unit = "Week"
	Month Unit = "Month"
)

// Microseconds of an hour, and of a day in UTC.
const (
	hourMicros int64 = 3_600_000_000
	dayMicros        = 24 * hourMicros
)

// Elapsed returns the length of a period in microseconds. It is 0 for a month, whose length varies.
func (u Unit) Elapsed() int64 {
	switch u {
	case Hour:
		return hourMicros
	case Day:
		return dayMicros
	case Week:
		return 7 * dayMicros
	}
	return 0
}

// Calendar divides time into calendar periods. The zero value is UTC with weeks that start on Sunday.
type Calendar struct {
	// Location decides when a day starts; nil means UTC.
	Location *time.Location
	// WeekStart is the first day of a week.
	WeekStart time.Weekday
}

// Valid returns an error if the unit is not one of those above.
func (u Unit) Valid() error {
	switch u {
	case Hour, Day, Week, Month:
		return nil
	}
	return fmt.Errorf("there is no period %q", u)
}

// Start returns the beginning of the period that contains an instant, both in microseconds.
//
// A day starts at the first instant at which the clock shows its date or a later one. That is midnight, except where the clock is set forward
// over midnight; where it is set back over midnight, it is the first of the two. Dates that a zone skips have no day. The periods of each unit
// therefore follow each other without gaps: Start(t) <= t < Add(Start(t), 1), and Add(Add(s, 1), -1) = s for the beginning s of a period.
func (c *Calendar) Start(instant int64, u Unit) int64 {
	if u == Hour {
		return c.hour(instant)
	}
	return c.first(c.begin(c.day(instant), u))
}

// Add returns the beginning of the period that is n periods after the one that contains start; n can be negative. It takes n steps.
func (c *Calendar) Add(start int64, u Unit, n int) int64 {
	for ; n > 0; n-- {
		start = c.next(start, u)
	}
	for ; n < 0; n++ {
		start = c.Start(start-1, u)
	}
	return start
}

// Date returns the beginning of a day and of the next day, in microseconds. They are equal for a date that the zone skips.
func (c *Calendar) Date(year int, month time.Month, day int) (from, to int64) {
	date := civil(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	return c.first(date), c.first(date + 1)
}

// next returns the end of the period that starts at start.
func (c *Calendar) next(start int64, u Unit) int64 {
	switch u {
	case Hour:
		_, end, offset := c.segment(start)
		hour := floorDiv(start+offset, hourMicros)*hourMicros - offset + hourMicros
		return min(hour, end)
	case Week:
		return c.first(c.begin(c.day(start), Week) + 7)
	case Month:
		t := date(c.begin(c.day(start), Month))
		return c.first(civil(t.AddDate(0, 1, 0)))
	}
	return c.first(c.day(start) + 1)
}

// begin returns the first day of the period that contains a day.
func (c *Calendar) begin(day int64, u Unit) int64 {
	switch u {
	case Week:
		return day - int64(date(day).Weekday()-c.WeekStart+7)%7
	case Month:
		return day - int64(date(day).Day()) + 1
	}
	return day
}

// hour returns the beginning of the hour that contains an instant. An hour starts when the clock shows a full hour, and when the clock is changed: a
// repeated hour is two periods, and a change by half an hour makes a short one.
func (c *Calendar) hour(instant int64) int64 {
	from, _, offset := c.segment(instant)
	return max(from, floorDiv(instant+offset, hourMicros)*hourMicros-offset)
}

// day returns the day of an instant: the latest date that the clock has shown by then.
func (c *Calendar) day(instant int64) int64 {
	_, offset := c.Time(instant).Zone()
	day := floorDiv(instant+int64(offset)*1_000_000, dayMicros)
	for c.first(day+1) <= instant { // the clock was set back over midnight
		day++
	}
	return day
}

// first returns the first instant at which the clock shows a date or a later one.
func (c *Calendar) first(day int64) int64 {
	midnight := day * dayMicros
	// No clock was ever a full day ahead of UTC, so it showed an earlier date here.
	for at := c.Time(midnight - dayMicros); ; {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		instant := max(at.UnixMicro(), midnight-int64(offset)*1_000_000)
		if end.IsZero() || instant < end.UnixMicro() {
			return instant
		}
		at = end
	}
}

// segment returns the period around an instant in which the clock is not changed, from <= t < to, and its offset from UTC, all in microseconds.
func (c *Calendar) segment(instant int64) (from, to, offset int64) {
	t := c.Time(instant)
	_, seconds := t.Zone()
	from, to = math.MinInt64, math.MaxInt64
	for start, _ := t.ZoneBounds(); !start.IsZero(); {
		before := start.Add(-1)
		if _, o := before.Zone(); o != seconds { // otherwise only the name changed
			from = start.UnixMicro()
			break
		}
		start, _ = before.ZoneBounds()
	}
	for _, end := t.ZoneBounds(); !end.IsZero(); _, end = end.ZoneBounds() {
		if _, o := end.Zone(); o != seconds {
			to = end.UnixMicro()
			break
		}
	}
	return from, to, int64(seconds) * 1_000_000
}

// date returns the beginning of a day in UTC. Days are numbered as by Day.
func date(day int64) time.Time { return time.UnixMicro(day * dayMicros).UTC() }

// civil returns the number of the day of a time in UTC.
func civil(t time.Time) int64 { return floorDiv(t.UnixMicro(), dayMicros) }

// Starts returns the beginnings of all periods that overlap from <= t < to. If there are more than limit, it returns the latest ones.
func (c *Calendar) Starts(from, to int64, u Unit, limit int) []int64 {
	if from >= to {
		return nil
	}
	var back []int64
	for at := c.Start(to-1, u); len(back) < limit; at = c.Add(at, u, -1) {
		back = append(back, at)
		if at <= from {
			break
		}
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

// Time returns an instant, in microseconds, in the time zone of the calendar.
func (c *Calendar) Time(instant int64) time.Time { return time.UnixMicro(instant).In(c.Zone()) }

// Zone returns the time zone of the calendar: its Location, or UTC.
func (c *Calendar) Zone() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// Instant formats a time for a Grid, as RFC 3339 in the time zone of the calendar.
func (c *Calendar) Instant(micros int64) string { return c.Time(micros).Format(time.RFC3339) }

// Day returns the number of the calendar day of an instant in microseconds. Day 0 is 1 January 1970.
func (c *Calendar) Day(instant int64) int64 { return c.day(instant) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
