// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
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

// microseconds of an hour.
const hourMicros int64 = 3_600_000_000

// Elapsed gives the length of a period in microseconds of elapsed time; 0 for a month, which has none.
func (u Unit) Elapsed() int64 {
	switch u {
	case Hour:
		return hourMicros
	case Day:
		return 24 * hourMicros
	case Week:
		return 7 * 24 * hourMicros
	}
	return 0
}

// Calendar cuts time into calendar periods. The zero value is UTC with weeks that begin on Sunday.
type Calendar struct {
	// Location decides when a day begins; nil means UTC.
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

// Start gives the beginning of the period that an instant lies in, both in microseconds.
func (c *Calendar) Start(instant int64, u Unit) int64 {
	t := c.Time(instant)
	y, m, d := t.Date()
	switch u {
	case Hour:
		// Hours are counted in elapsed time, so that the doubled hour of a clock change is two periods.
		_, offset := t.Zone()
		shift := int64(offset) % 3600 * 1_000_000
		return floorDiv(instant+shift, hourMicros)*hourMicros - shift
	case Week:
		d -= (int(t.Weekday()) - int(c.WeekStart) + 7) % 7
	case Month:
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, c.Zone()).UnixMicro()
}

// Add gives the beginning of the period n periods after the one that begins at start; n may be negative.
func (c *Calendar) Add(start int64, u Unit, n int) int64 {
	t := c.Time(start)
	y, m, d := t.Date()
	switch u {
	case Hour:
		return start + int64(n)*3_600_000_000
	case Day:
		d += n
	case Week:
		d += 7 * n
	case Month:
		m += time.Month(n)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, c.Zone()).UnixMicro()
}

// Starts gives the beginnings of all periods that overlap from <= t < to, at most limit of them, the newest ones if there are more.
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

// Time gives an instant, in microseconds, in the zone of the calendar.
func (c *Calendar) Time(instant int64) time.Time { return time.UnixMicro(instant).In(c.Zone()) }

// Zone of the calendar: its Location, UTC when there is none.
func (c *Calendar) Zone() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// Instant writes a time for a Grid, by RFC 3339 in the calendar's zone.
func (c *Calendar) Instant(micros int64) string { return c.Time(micros).Format(time.RFC3339) }

// Day numbers the calendar days of the zone; the day of an instant in microseconds, 0 is the first of January 1970.
func (c *Calendar) Day(instant int64) int64 {
	_, offset := c.Time(instant).Zone()
	return floorDiv(instant+int64(offset)*1_000_000, 24*hourMicros)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
