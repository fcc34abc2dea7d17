// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"time"
)

// MaxTime is the first instant that is too late for an event, in microseconds: 2200-01-01. Later ones are errors of unit or year.
var MaxTime = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

var (
	errNotTime   = errors.New("is not a time; " + expectRFC3339 + ", or seconds since 1970")
	errTimeRange = errors.New("is outside 1970 to 2200; numbers are seconds, so divide milliseconds by 1000")

	// ErrNoTime means that a time is a placeholder for an unknown time. Such times are valid by form, so they are refused by value: used as the time,
	// they would move events to another century; replaced by the time of receipt, they would move imports to today.
	ErrNoTime = errors.New("is a placeholder for an unknown time, such as 1970-01-01T00:00:00Z, 1899-12-30 or 9999-12-31; " +
		"leave the time out if there is none")
)

// noDays are placeholder dates: 0 of Go, .NET and Java's databases; of Windows and COBOL; the minimum of SQL Server's types; the epochs of
// spreadsheets and of Delphi; the maximum of databases and SAP, which means never.
var noDays = map[string]bool{
	"0000-00-00": true, "0001-01-01": true, "1601-01-01": true, "1753-01-01": true, "1899-12-30": true, "1899-12-31": true, "1900-01-00": true,
	"1900-01-01": true, "1904-01-01": true, "9999-12-31": true,
}

// Time converts a time, an RFC 3339 text, or a number of seconds since 1970 to microseconds.
func Time(v any) (int64, error) {
	switch v := v.(type) {
	case time.Time:
		return inRange(v)
	case string:
		t, err := ParseTime(v)
		if err != nil {
			return 0, err
		}
		return inRange(t)
	}
	us, err := Micros(v)
	if err != nil {
		if errors.Is(err, errTooLarge) {
			return 0, errTimeRange
		}
		return 0, errNotTime
	}
	switch {
	case us == 0:
		return 0, ErrNoTime
	case us < 0 || us >= MaxTime:
		return 0, errTimeRange
	case compactDate(us / 1_000_000):
		return 0, errCompact
	}
	return us, nil
}

// ParseTime parses a text as ReadTime does, and requires a time of day with its zone.
func ParseTime(s string) (time.Time, error) {
	t, err := ReadTime(s)
	if err == nil && (!t.Clock || !t.Zone) {
		err = errNoZone
	}
	return t.At, err
}

func inRange(t time.Time) (int64, error) {
	us := t.UnixMicro()
	switch {
	case us > 0 && us < MaxTime && t.Year() >= 1970 && t.Year() < 2200:
		return us, nil
	case t.Unix() == 0 || noDays[t.Format(time.DateOnly)] || noDays[t.UTC().Format(time.DateOnly)]:
		return 0, ErrNoTime
	}
	return 0, errTimeRange
}
