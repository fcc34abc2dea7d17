// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // The images have no time zone database.
)

var (
	errZone    = errors.New("is not the name of a time zone of the IANA database, such as Europe/Berlin, or UTC")
	errSkipped = errors.New("does not exist in the time zone: the clock was put forward over it")
)

// notZones are files next to the zones that only some systems have: the zone of the machine, and zones that count leap seconds.
var notZones = []string{"", "local", "localtime", "posixrules", "factory", "leapseconds"}

// Zone returns a time zone by its name in the IANA database.
func Zone(name string) (*time.Location, error) {
	lower := strings.ToLower(name)
	if len(name) > 64 || slices.Contains(notZones, lower) || strings.HasPrefix(lower, "right/") || strings.HasPrefix(lower, "posix/") {
		return nil, errZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	return zone, nil
}

// In returns the time in a zone, for a time without one. Of a time that occurs twice on the clock, it returns the first, with twice set. It refuses a
// time that the clock skips. A date starts at its first instant if it has no midnight.
func (t *TimeText) In(zone *time.Location) (at time.Time, twice bool, err error) {
	if t.Zone {
		return t.At, false, nil
	}
	wall := t.At.UTC()
	var found []time.Time
	for _, around := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(around).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		_, is := at.In(zone).Zone()
		if is == offset {
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 0 && t.Clock:
		return wall, false, errSkipped
	case len(found) == 0:
		_, offset := wall.Add(-26 * time.Hour).In(zone).Zone()
		return wall.Add(-time.Duration(offset) * time.Second), false, nil
	}
	return slices.MinFunc(found, time.Time.Compare), len(found) == 2 && !found[0].Equal(found[1]), nil
}
