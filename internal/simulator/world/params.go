// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// Params fix a world. Two equal values give the same world, byte for byte.
type Params struct {
	// Seed of all draws.
	Seed uint64
	// Persons that live in it.
	Persons int
	// Now is the end of the world: nothing that is sent in time happens later. Whole seconds.
	Now time.Time
	// Days that it lasts before Now.
	Days int
	// Window of the map that the draws at the very edge of a window aim at.
	Window time.Duration
	// IncidentDays before Now a release broke the checkout on mobile devices; 0 means that it never happened.
	IncidentDays int
	// Clean leaves out what senders do wrong: redelivery, wrong clocks, events from the future, bots and tests.
	Clean bool
}

const day = 24 * time.Hour

// Defaults of a world that ends now.
func Defaults(now time.Time) Params {
	return Params{Seed: 1, Persons: 4000, Now: now.UTC().Truncate(time.Second), Days: 80, Window: 7 * day, IncidentDays: 25}
}

// Validate returns an error that says which parameter is out of bounds.
func (p Params) Validate() error {
	switch {
	case p.Persons < 1 || p.Persons > 10_000_000:
		return fmt.Errorf("persons: %d is not between 1 and 10,000,000", p.Persons)
	case p.Days < 1 || p.Days > 3650:
		return fmt.Errorf("days: %d is not between 1 and 3650", p.Days)
	case p.Window <= 0:
		return fmt.Errorf("window: %v is not positive", p.Window)
	case p.IncidentDays < 0 || p.IncidentDays > p.Days:
		return fmt.Errorf("incident-days: %d is not between 0 and the days of the world, %d", p.IncidentDays, p.Days)
	case !p.Now.Equal(p.Now.Truncate(time.Second)):
		return fmt.Errorf("now: %v is not a whole second", p.Now)
	}
	return nil
}

// Start is the first instant of the world.
func (p Params) Start() time.Time { return p.Now.Add(-time.Duration(p.Days) * day) }

// Incident is the instant since which the checkout on mobile devices is broken; after Now when it never was.
func (p Params) Incident() time.Time {
	if p.IncidentDays == 0 {
		return p.Now.Add(time.Millisecond)
	}
	return p.Now.Add(-time.Duration(p.IncidentDays) * day)
}
