// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math"
	"time"
)

// Unit is the length of calendar periods.
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

// Elapsed returns the length of a period in microseconds of elapsed time; 0 for a month, which has none.
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

// Calendar cuts time into calendar periods. The zero value is UTC with weeks that start on Sunday.
type Calendar struct {
	// Location decides when a day starts; nil means UTC.
	Location *time.Location
	// WeekStart is the first day of a week.
	WeekStart time.Weekday
}

// Valid says what is wrong with a unit.
func (u Unit) Valid() error {
	switch u {
	case Hour, Day, Week, Month:
		return nil
	}
	return fmt.Errorf("there is no period %q", u)
}

// Start returns the beginning of the period that an instant lies in, both in microseconds.
//
// A day starts with its first instant, the one at which the clock shows its date, or a later one, for the first time. That is midnight but
// where the clock jumps over it, and the first of two midnights where it is put back over it. Dates that a zone skips have no day. So the
// periods of each unit follow on each other without a gap: Start(t) <= t < Add(Start(t), 1), and Add(Add(s, 1), -1) = s for the beginning s of
// a period.
func (c *Calendar) Start(instant int64, u Unit) int64 {
	if u == Hour {
		return c.hour(instant)
	}
	return c.first(c.begin(c.day(instant), u))
}

// Add returns the beginning of the period n periods after the one that lies around start; n may be negative. It takes n steps.
func (c *Calendar) Add(start int64, u Unit, n int) int64 {
	for ; n > 0; n-- {
		start = c.next(start, u)
	}
	for ; n < 0; n++ {
		start = c.Start(start-1, u)
	}
	return start
}

// Date returns the beginning of a day in microseconds, and that of the next date. They are the same for a date that the zone skips.
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

// start returns the date that a period of days starts with.
func (c *Calendar) begin(day int64, u Unit) int64 {
	switch u {
	case Week:
		return day - int64(date(day).Weekday()-c.WeekStart+7)%7
	case Month:
		return day - int64(date(day).Day()) + 1
	}
	return day
}

// hour returns the beginning of the hour of an instant. An hour starts when the clock shows a full hour, and when the clock is changed: so the
// doubled hour of a clock change is two periods, and a change by half an hour makes a short one.
func (c *Calendar) hour(instant int64) int64 {
	from, _, offset := c.segment(instant)
	return max(from, floorDiv(instant+offset, hourMicros)*hourMicros-offset)
}

// day returns the day of an instant: the newest date that the clock has shown by then.
func (c *Calendar) day(instant int64) int64 {
	_, offset := c.Time(instant).Zone()
	day := floorDiv(instant+int64(offset)*1_000_000, dayMicros)
	for c.first(day+1) <= instant { // the clock was put back over midnight
		day++
	}
	return day
}

// first returns the first instant at which the clock shows a date or a later one.
func (c *Calendar) first(day int64) int64 {
	midnight := day * dayMicros
	// Clocks were never ahead of UTC by a day, so they showed an earlier date here.
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

// segment returns the time around an instant in which the clock is not changed, from <= t < to, and its offset from UTC, all in microseconds.
func (c *Calendar) segment(instant int64) (from, to, offset int64) {
	t := c.Time(instant)
	_, seconds := t.Zone()
	from, to = math.MinInt64, math.MaxInt64
	for start, _ := t.ZoneBounds(); !start.IsZero(); {
		before := start.Add(-1)
		if _, o := before.Zone(); o != seconds { // else no more than the name changed
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

// date returns the beginning of a day, numbered as by Day, in UTC.
func date(day int64) time.Time { return time.UnixMicro(day * dayMicros).UTC() }

// civil numbers the day of a time in UTC.
func civil(t time.Time) int64 { return floorDiv(t.UnixMicro(), dayMicros) }

// Starts returns the beginnings of all periods that overlap from <= t < to, at most limit of them, the newest ones if there are more.
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

// Time returns an instant, in microseconds, in the zone of the calendar.
func (c *Calendar) Time(instant int64) time.Time { return time.UnixMicro(instant).In(c.Zone()) }

// Zone of the calendar: its Location, UTC if there is none.
func (c *Calendar) Zone() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// Instant writes a time for a Grid, by RFC 3339 in the calendar's zone.
func (c *Calendar) Instant(micros int64) string { return c.Time(micros).Format(time.RFC3339) }

// Day numbers the calendar days of the zone; the day of an instant in microseconds, 0 is the first of January 1970.
func (c *Calendar) Day(instant int64) int64 { return c.day(instant) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
