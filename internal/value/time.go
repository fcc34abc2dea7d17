// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"time"
)

// MaxTime is the first instant that is too late for an event, in microseconds: 2200-01-01. Later ones are slips of unit or year.
var MaxTime = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

var (
	errNotTime   = errors.New("is no time; " + expectRFC3339 + ", or seconds since 1970")
	errTimeRange = errors.New("lies outside 1970 to 2200; numbers are seconds, so milliseconds have to be divided by 1000")
)

// Time gives a time, an RFC 3339 text, or a number of seconds since 1970 in microseconds.
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
	if us < 0 || us >= MaxTime {
		return 0, errTimeRange
	}
	if compactDate(us / 1_000_000) {
		return 0, errCompact
	}
	return us, nil
}

// ParseTime reads a text as ReadTime does, and wants a time of the day with its zone.
func ParseTime(s string) (time.Time, error) {
	t, err := ReadTime(s)
	if err == nil && (!t.Clock || !t.Zone) {
		err = errNoZone
	}
	return t.At, err
}

func inRange(t time.Time) (int64, error) {
	if t.Year() < 1970 || t.Year() >= 2200 {
		return 0, errTimeRange
	}
	us := t.UnixMicro()
	if us < 0 || us >= MaxTime {
		return 0, errTimeRange
	}
	return us, nil
}
