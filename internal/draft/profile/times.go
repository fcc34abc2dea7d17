// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Times counts the forms of times.
type Times struct {
	// Zoned have a time zone; Local and Days, which have no time of day, do not.
	Zoned, Local, Days int64
	// Units count numbers since 1970 by their unit, between 2000 and 2040.
	Units map[string]int64
	// Clocks are times of the day without a date: Seconds of them with seconds, Halves with AM or PM.
	Clocks, Seconds, Halves int64
	// layouts count the forms that mapping rules read by a layout.
	layouts map[string]int64
	// tried is the number of values that were compared with all layouts.
	tried int
}

// Units of Times besides seconds, milliseconds, microseconds and nanoseconds: 20261121 and 20261121101457.
const (
	Compact      = "a compact date"
	CompactClock = "a compact time"
)

// All returns the number of times in all forms but layouts.
func (t *Times) All() int64 {
	n := t.Zoned + t.Local + t.Days
	for _, u := range t.Units {
		n += u
	}
	return n
}

var (
	first = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	last  = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

func (t *Times) look(s string) {
	if len(s) < 4 || len(s) > 40 || s[0] == '-' || !strings.ContainsAny(s[:min(len(s), 12)], "0123456789") {
		return
	}
	if strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") < 2 {
		t.number(s)
		return
	}
	if r, err := value.ReadTime(s); err == nil {
		switch {
		case r.Clock && r.Zone:
			t.Zoned++
		case r.Clock:
			t.Local++
		default:
			t.Days++
		}
		return
	}
	if !t.clock(s) {
		t.laidOut(s)
	}
}

func (t *Times) number(s string) {
	us, unit, err := value.EpochTime(s)
	if err != nil || us < first || us >= last {
		return
	}
	if len(s) == len("20060102150405") && unit == Compact {
		unit = CompactClock
	}
	if t.Units == nil {
		t.Units = map[string]int64{}
	}
	t.Units[unit]++
}

// clock counts a time of the day.
func (t *Times) clock(s string) bool {
	for _, l := range []string{"15:04", "15:04:05", "3:04 PM", "3:04:05 PM"} {
		if _, err := time.Parse(l, s); err != nil {
			continue
		}
		t.Clocks++
		if strings.Contains(l, "05") {
			t.Seconds++
		}
		if strings.Contains(l, "PM") {
			t.Halves++
		}
		return true
	}
	return false
}

// Layouts of dates that do not begin with the year, those with the day first first. The layouts of a column are those of its first values, so that few
// are tried for the others.
var (
	dayFirst   = []string{"2.1.2006", "2.1.06", "2/1/2006", "2/1/06", "2-1-2006", "2 Jan 2006", "2-Jan-2006", "2 January 2006", "Mon, 2 Jan 2006"}
	monthFirst = []string{"1/2/2006", "1/2/06", "1-2-2006", "Jan 2, 2006", "January 2, 2006", "Jan 2 2006"}
	clocks     = []string{"", " 15:04:05", " 15:04", " 3:04:05 PM", " 3:04 PM", ", 15:04:05", ", 15:04", ", 3:04:05 PM", ", 3:04 PM", "T15:04:05"}
	zones      = []string{"", " -0700", " -07:00", "Z07:00"}
)

// maxTried is the number of values that are compared with all layouts.
const maxTried = 64

func (t *Times) laidOut(s string) {
	if t.layouts == nil {
		t.layouts = map[string]int64{}
	}
	if t.tried == maxTried {
		for l := range t.layouts {
			if _, err := time.Parse(l, s); err == nil {
				t.layouts[l]++
			}
		}
		return
	}
	t.tried++
	for _, day := range slices.Concat(dayFirst, monthFirst) {
		for _, clock := range clocks {
			for _, zone := range zones {
				if zone != "" && clock == "" {
					continue
				}
				if _, err := time.Parse(day+clock+zone, s); err == nil {
					t.layouts[day+clock+zone]++
				}
			}
		}
	}
}

// Layout returns the layout with which most values can be read, and their number. Of the two orders of day and month, it uses the given one. Without one,
// twice is set if the values can be read with both.
func (t *Times) Layout(order plain.Order) (layout string, n int64, twice bool) {
	for i, day := range slices.Concat(dayFirst, monthFirst) {
		month := i >= len(dayFirst)
		if order == plain.DayFirst && month || order == plain.MonthFirst && !month {
			continue
		}
		for _, clock := range clocks {
			for _, zone := range zones {
				l := day + clock + zone
				switch {
				case t.layouts[l] > n:
					layout, n, twice = l, t.layouts[l], false
				case n > 0 && t.layouts[l] == n && month && layout[0] != 'J':
					twice = true
				}
			}
		}
	}
	return layout, n, twice
}
