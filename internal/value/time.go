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
	errNotTime   = errors.New("is no time; expected RFC 3339 with a time zone, such as 2026-11-21T10:14:57Z, or seconds since 1970")
	errTimeRange = errors.New("lies outside 1970 to 2200; numbers are seconds, so milliseconds have to be divided by 1000")
)

// layouts that are accepted: RFC 3339, and the same with a zone without a colon, as many systems write it.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00"}

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
	return us, nil
}

// ParseTime reads a text of one of the accepted layouts.
func ParseTime(s string) (time.Time, error) {
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errNotTime
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
