// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey_test

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

var units = []journey.Unit{journey.Hour, journey.Day, journey.Week, journey.Month}

// everyZone returns all zones of Go's copy of the tz database.
func everyZone(t *testing.T) []*time.Location {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib/time/zoneinfo.zip"))
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	var list []*time.Location
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		zone, err := time.LoadLocation(f.Name)
		require.NoError(t, err)
		list = append(list, zone)
	}
	require.Greater(t, len(list), 500)
	return list
}

// changes returns the clock changes of a zone until 2040. Later rules repeat themselves.
func changes(zone *time.Location) (list []time.Time) {
	for at := time.Date(1800, 1, 1, 0, 0, 0, 0, zone); ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Year() >= 2040 {
			return list
		}
		list, at = append(list, end), end
	}
}

func TestPeriodsOfEveryZoneAreContiguous(t *testing.T) {
	known := map[string]bool{} // the database has several names for some zones
	for i, zone := range everyZone(t) {
		list := changes(zone)
		name := ""
		for _, c := range list {
			name += c.Format(time.RFC3339) + c.Format("Z07:00:00")
		}
		if known[name] {
			continue
		}
		known[name] = true
		c := &journey.Calendar{Location: zone, WeekStart: time.Weekday(i % 7)}
		for _, change := range append(list, time.Date(2026, 9, 6, 3, 0, 0, 1000, zone)) {
			for _, by := range []time.Duration{-25 * time.Hour, -time.Microsecond, 0, 40 * time.Minute, 23*time.Hour + 59*time.Minute} {
				for _, unit := range units {
					checkPeriod(t, c, change.Add(by).UnixMicro(), unit)
				}
			}
		}
	}
	require.Greater(t, len(known), 300)
}

func checkPeriod(t *testing.T, c *journey.Calendar, at int64, unit journey.Unit) {
	start := c.Start(at, unit)
	next := c.Add(start, unit, 1)
	ok := start <= at && at < next && c.Add(next, unit, -1) == start && c.Start(start, unit) == start && c.Start(next-1, unit) == start
	ok = ok && c.Add(start, unit, 2) == c.Add(next, unit, 1) && c.Add(c.Add(start, unit, -3), unit, 3) == start
	if unit != journey.Hour {
		// No earlier time has this date, so this is the start of the day.
		date := c.Time(start).Format(time.DateOnly)
		for _, before := range []int64{1, 60_000_000, 1_800_000_000, 3_600_000_000, 86_400_000_000} {
			ok = ok && c.Time(start-before).Format(time.DateOnly) < date
		}
		// Except for skipped dates, a period starts on the day in its name.
		switch day := c.Time(start); {
		case unit == journey.Week && day.Weekday() != c.WeekStart, unit == journey.Month && day.Day() != 1:
			from, to := c.Date(day.Year(), day.Month(), day.Day()-1)
			ok = ok && from == to
		}
	}
	if !ok {
		require.Failf(t, "periods do not follow on each other", "%s %s %s: from %s to %s, back %s", c.Zone(), unit, c.Instant(at), c.Instant(start),
			c.Instant(next), c.Instant(c.Add(next, unit, -1)))
	}
}

func TestDaysWithoutMidnight(t *testing.T) {
	for _, c := range []struct {
		zone, at   string
		unit       journey.Unit
		start, end string
	}{
		{"America/Santiago", "2026-09-06T12:00:00-03:00", journey.Day, "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"},
		{"America/Santiago", "2026-09-05T23:59:59-04:00", journey.Day, "2026-09-05T00:00:00-04:00", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-04-04T23:30:00-04:00", journey.Day, "2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00"}, // 23:30 for the second time
		{"Atlantic/Azores", "2026-03-29T12:00:00Z", journey.Day, "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"},
		{"Atlantic/Azores", "2026-03-29T12:00:00Z", journey.Week, "2026-03-23T00:00:00-01:00", "2026-03-30T00:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04T01:00:00-02:00", journey.Day, "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"America/Havana", "2026-03-08T20:00:00-04:00", journey.Day, "2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"},
		{"America/Asuncion", "2023-10-01T20:00:00-03:00", journey.Month, "2023-10-01T01:00:00-03:00", "2023-11-01T00:00:00-03:00"},
		{"America/St_Johns", "2010-11-06T23:30:00-03:30", journey.Day, "2010-11-07T00:00:00-02:30", "2010-11-08T00:00:00-03:30"}, // two midnights
		{"Pacific/Apia", "2011-12-31T05:00:00+14:00", journey.Day, "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"},
		{"Pacific/Apia", "2011-12-29T05:00:00-10:00", journey.Day, "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"}, // no 30th
		{"Europe/Berlin", "2026-10-25T12:00:00+01:00", journey.Day, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T02:30:00+01:00", journey.Hour, "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"},
		{"Australia/Lord_Howe", "2026-04-05T01:45:00+10:30", journey.Hour, "2026-04-05T01:30:00+10:30", "2026-04-05T02:00:00+10:30"},
		{"Australia/Lord_Howe", "2026-04-05T01:45:00+11:00", journey.Hour, "2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30"},
		{"Asia/Kathmandu", "2026-04-05T01:10:00+05:45", journey.Hour, "2026-04-05T01:00:00+05:45", "2026-04-05T02:00:00+05:45"},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		calendar := journey.Calendar{Location: zone, WeekStart: time.Monday}
		at, err := time.Parse(time.RFC3339, c.at)
		require.NoError(t, err)
		start := calendar.Start(at.UnixMicro(), c.unit)
		require.Equal(t, []string{c.start, c.end}, []string{calendar.Instant(start), calendar.Instant(calendar.Add(start, c.unit, 1))}, "%v", c)
	}
}

func TestDatesThatAZoneSkips(t *testing.T) {
	apia, err := time.LoadLocation("Pacific/Apia")
	require.NoError(t, err)
	c := journey.Calendar{Location: apia}
	from, to := c.Date(2011, 12, 30)
	require.Equal(t, from, to)
	from, to = c.Date(2011, 12, 31)
	require.Equal(t, "2011-12-31T00:00:00+14:00", c.Instant(from))
	require.Equal(t, "2012-01-01T00:00:00+14:00", c.Instant(to))
	require.Len(t, c.Starts(time.Date(2011, 12, 28, 0, 0, 0, 0, apia).UnixMicro(), to, journey.Day, 10), 3)
}

func BenchmarkCalendar(b *testing.B) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Santiago"} {
		zone, err := time.LoadLocation(name)
		require.NoError(b, err)
		c := journey.Calendar{Location: zone}
		at := time.Date(2026, 9, 6, 12, 0, 0, 0, zone).UnixMicro()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.Add(c.Start(at, journey.Day), journey.Day, 1)
			}
		})
	}
}
