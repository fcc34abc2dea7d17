// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"strconv"
	"time"
)

// compactDate reports whether an eight-digit number is a date such as 20261121. As seconds, it would be in 1970.
func compactDate(n int64) bool {
	_, err := time.Parse("20060102", strconv.FormatInt(n, 10))
	return err == nil && n >= 1900_00_00
}

// Ranges of the units of a time since 1970. Numbers between the ranges have no unit: a number has one meaning or is refused.
const (
	minSeconds, maxSeconds = 1e8, 7.3e9 // 1973 to 2200
	minMillis, maxMillis   = 1e11, 7.3e12
	minMicros, maxMicros   = 1e14, 7.3e15
	minNanos, maxNanos     = 1e17, 7.3e18
)

var errTimeUnit = errors.New("is not a number of seconds, milliseconds, microseconds or nanoseconds since 1970; " + expectRFC3339)

// Serial day numbers of spreadsheets, from 1954 to 2119.
const minSerial, maxSerial = 20_000, 80_000

// EpochTime converts a decimal number of seconds, milliseconds, microseconds or nanoseconds since 1970 to microseconds. The size of the number
// determines the unit. A compact date (20261121) or time (20261121101457) in UTC is parsed as such. An ambiguous number is refused. unit is
// "seconds", "milliseconds", "microseconds", "nanoseconds" or "a compact date".
func EpochTime(digits string) (us int64, unit string, err error) {
	if us, ok, err := compactTime(digits); err != nil {
		return 0, "", err
	} else if ok {
		return us, "a compact date", nil
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n >= minNanos && n < maxNanos {
		return n / 1000, "nanoseconds", nil
	}
	micros, err := Micros(digits)
	if err != nil {
		return epochMicros(digits)
	}
	switch n := micros / 1_000_000; {
	case n >= minSerial && n < maxSerial:
		return 0, "", errSerial
	case n < minSeconds:
		return 0, "", errSmall
	case n < maxSeconds:
		return micros, "seconds", nil
	case n >= minMillis && n < maxMillis:
		return micros / 1000, "milliseconds", nil
	}
	return epochMicros(digits)
}

// compactTime parses a compact date or time in UTC, in microseconds since 1970. ok is false if the number is neither. Digits that end with the hour
// or the minute are as long as those of seconds or milliseconds, so a number that can be both is refused.
func compactTime(digits string) (us int64, ok bool, err error) {
	const second, minute = "20060102150405", "200601021504"
	switch len(digits) {
	case len("20060102"), len(second):
		if t, err := time.Parse(second[:len(digits)], digits); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UnixMicro(), true, nil
		}
	case len("2006010215"), len(minute):
		if t, err := time.Parse(minute[:len(digits)], digits); err == nil && t.Year() >= 1970 && t.Year() < 2100 {
			return 0, false, errAmbig
		}
	}
	return 0, false, nil
}

// epochMicros handles numbers that do not fit into micro-units.
func epochMicros(digits string) (us int64, unit string, err error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return 0, "", errNotTime
	case err == nil && n >= minMicros && n < maxMicros:
		return n, "microseconds", nil
	}
	return 0, "", errTimeUnit
}
