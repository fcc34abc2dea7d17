// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clock

import (
	"errors"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// Unit is the unit of a time since 1970 that a protocol defines.
type Unit string

// Units.
const (
	Seconds      Unit = "seconds"
	Milliseconds Unit = "milliseconds"
	Microseconds Unit = "microseconds"
)

// earliest is 2001 in microseconds: an earlier time is one in another unit.
const earliest = 1_000_000_000_000_000

// Unix converts a time since 1970 in the unit of the protocol to microseconds. Seconds may have a fraction. An error says what is wrong with the value,
// without the value.
func Unix(text string, u Unit) (int64, error) {
	us, err := int64(0), error(nil)
	if text = strings.TrimSpace(text); u == Seconds {
		us, err = value.Micros(text)
	} else if us, err = strconv.ParseInt(text, 10, 64); u == Milliseconds && us > -value.MaxTime && us < value.MaxTime {
		us *= 1000
	}
	switch {
	case err != nil:
		return 0, errors.New("is not a number of " + string(u) + " since 1970")
	case us == 0:
		return 0, value.ErrNoTime
	case us < earliest || us >= value.MaxTime:
		return 0, errors.New("is outside 2001 to 2200: a number of " + string(u) + " since 1970 is expected")
	}
	return us, nil
}
