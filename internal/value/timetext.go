// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"strings"
	"time"
)

var (
	errNoZone   = errors.New("has no time zone; " + expectRFC3339 + `; mapping rules read a local one by localTime(text, "Europe/Berlin")`)
	errZoneName = errors.New("has its time zone as letters, which mean different zones in different countries; " + expectRFC3339)
	errOffset   = errors.New("names a time zone without its offset from UTC; " + expectRFC3339)
	errZoneSign = errors.New("has a time zone without its sign; a + in a URL or form must be written as %2B; " + expectRFC3339)
	errDayMonth = errors.New("does not begin with the year, so that day and month cannot be told apart; " + expectRFC3339)
	errAmbig    = errors.New("is a number that may be a date or a time since 1970; " + expectRFC3339)
	errSerial   = errors.New("looks like the day number of a spreadsheet; format the column as date and time before the export, such as 2026-11-21 10:14:57")
	errCompact  = errors.New("looks like a compact date, not like seconds since 1970; " + expectRFC3339)
	errSmall    = errors.New("is too small a number for seconds since 1970; " + expectRFC3339)
)

const expectRFC3339 = "expected RFC 3339 with a time zone, such as 2026-11-21T10:14:57Z"

// TimeText is a time that was parsed from a text.
type TimeText struct {
	// At is the time, in UTC if the text has no zone.
	At time.Time
	// Zone and Clock are set if the text has a time zone and a time of day.
	Zone, Clock bool
}

// days and clocks are the layouts of the two parts of a time: ISO 8601 as databases and languages write it.
var (
	days   = []string{"2006-01-02", "2006/01/02", "20060102"}
	clocks = []string{"15:04:05", "15:04", "150405"}
	zones  = []string{"-07:00", "-0700", "-07", "-07:00:00"}
)

// ReadTime parses a time in RFC 3339, or as databases, languages and spreadsheets write it: with a blank or a lower-case t instead of the T, without
// seconds, with AM or PM, with a decimal comma, with +02 or UTC as the zone, with the name of the zone after its offset; or a date alone. It refuses
// zones that are only abbreviations, and dates that do not start with the year.
func ReadTime(s string) (TimeText, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || len(s) > 64:
		return TimeText{}, errNotTime
	case len(s) > len(time.DateOnly) && s[len(time.DateOnly)] == 'T':
		// The usual form is parsed directly. Placeholders are handled below.
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil && !noDays[s[:len(time.DateOnly)]] {
			return TimeText{At: t.UTC(), Zone: true, Clock: true}, nil
		}
	}
	day, rest := cutDay(s)
	date, err := parseAny(days, day)
	if noDays[day] {
		return TimeText{}, ErrNoTime
	}
	if err != nil {
		return TimeText{}, notDay(s)
	}
	if rest == "" {
		return TimeText{At: date}, nil
	}
	clock, zone := cutZone(rest)
	at, err := parseClock(clock)
	if err != nil {
		return TimeText{}, errNotTime
	}
	if at, zone, err = halfOfDay(at, zone); err != nil {
		return TimeText{}, err
	}
	out := TimeText{At: date.Add(at), Clock: true}
	offset, named, err := readZone(zone)
	if err != nil {
		return TimeText{}, err
	}
	out.Zone = named
	out.At = out.At.Add(-offset)
	return out, nil
}

// cutDay separates the date from the time after a T, a t or blanks.
func cutDay(s string) (day, rest string) {
	i := strings.IndexAny(s, "Tt ")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i+1:], " ")
}

func parseAny(layouts []string, s string) (time.Time, error) {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errNotTime
}

// parseClock returns the time since midnight. A fraction follows a point or a comma.
func parseClock(s string) (time.Duration, error) {
	t, err := parseAny(clocks, s) // time.Parse accepts a fraction after the seconds.
	if err != nil {
		return 0, err
	}
	return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), nil
}

// halfOfDay applies AM and PM after a time of day: 12 is the first hour of each half.
func halfOfDay(at time.Duration, rest string) (time.Duration, string, error) {
	half, zone, _ := strings.Cut(rest, " ")
	half = strings.ToUpper(strings.ReplaceAll(half, ".", ""))
	if half != "AM" && half != "PM" {
		return at, rest, nil
	}
	const noon = 12 * time.Hour
	if at < time.Hour || at >= noon+time.Hour {
		return 0, "", errNotTime
	}
	at %= noon
	if half == "PM" {
		at += noon
	}
	return at, strings.TrimSpace(zone), nil
}

// cutZone separates the zone from a time of day.
func cutZone(s string) (clock, zone string) {
	i := strings.IndexFunc(s, func(c rune) bool { return c != ':' && c != '.' && c != ',' && (c < '0' || c > '9') })
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// readZone returns the offset of a zone and whether there is one.
func readZone(s string) (time.Duration, bool, error) {
	s = strings.NewReplacer("[", " [", "\u2212", "-").Replace(s) // also with a typographic minus
	offset, name, _ := strings.Cut(s, " ")
	switch strings.ToUpper(offset) {
	case "":
		if name != "" {
			return 0, false, errOffset
		}
		return 0, false, nil
	case "Z", "UTC", "GMT":
		return 0, true, nil
	}
	for _, prefix := range []string{"UTC", "GMT"} {
		if after, ok := strings.CutPrefix(strings.ToUpper(offset), prefix); ok {
			offset = after
		}
	}
	if len(offset) > 1 && (len(offset) == 2 || offset[2] == ':') {
		offset = offset[:1] + "0" + offset[1:] // +2 and +5:30, as Google writes them
	}
	if offset[0] >= '0' && offset[0] <= '9' {
		return 0, false, errZoneSign
	}
	if offset[0] != '+' && offset[0] != '-' {
		return 0, false, errZoneName
	}
	t, err := parseAny(zones, offset)
	if err != nil || len(name) > 40 {
		return 0, false, errNotTime
	}
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second, true, nil
}

// notDay explains why a text does not start with a date.
func notDay(s string) error {
	day, _ := cutDay(s)
	parts := strings.FieldsFunc(day, func(c rune) bool { return c == '/' || c == '.' || c == '-' })
	if len(parts) == 3 && len(parts[0]) <= 2 && strings.Trim(day, "0123456789/.-") == "" {
		return errDayMonth
	}
	return errNotTime
}
