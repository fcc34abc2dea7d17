// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// Params define a world. Equal values give the same world, byte for byte.
type Params struct {
	// Seed of all draws.
	Seed uint64
	// Persons is the number of persons.
	Persons int
	// Now is the end of the world: nothing is sent later, apart from events of the future. Whole seconds.
	Now time.Time
	// Days is the length of the world before Now.
	Days int
	// Window of the map, for draws at the end of a window.
	Window time.Duration
	// IncidentDays is the number of days before Now at which a release broke the checkout on mobile devices; 0 for none.
	IncidentDays int
	// Clean omits mistakes of senders: redelivery, wrong clocks, events from the future, bots and tests.
	Clean bool
	// Omnichannel makes the customers use the systems of config/samples/omnichannel instead of those of config/samples.
	Omnichannel bool `json:",omitempty"`
}

const day = 24 * time.Hour

// Defaults returns the parameters of a default world that ends now.
func Defaults(now time.Time) Params {
	return Params{Seed: 1, Persons: 4000, Now: now.UTC().Truncate(time.Second), Days: 80, Window: 7 * day, IncidentDays: 25}
}

// Validate returns an error that names the parameter that is out of range.
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

// Start returns the first instant of the world.
func (p Params) Start() time.Time { return p.Now.Add(-time.Duration(p.Days) * day) }

// Incident returns the instant from which the checkout on mobile devices is broken. It is after Now if there is no incident.
func (p Params) Incident() time.Time {
	if p.IncidentDays == 0 {
		return p.Now.Add(time.Millisecond)
	}
	return p.Now.Add(-time.Duration(p.IncidentDays) * day)
}
