// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Order is the order in which a person has to pass the stages.
type Order string

// Entry chooses the attempt of a person that counts.
type Entry string

// Ties defines the order of simultaneous events.
type Ties string

// Conversions limits the time of the events of an attempt.
type Conversions string

// The values of a Policy.
const (
	// Ordered requires the stages in sequence; anything can happen in between.
	Ordered Order = "Ordered"
	// Strict requires the person's very next customer event to be the next stage.
	Strict Order = "Strict"
	// AnyOrder requires the stages within one window, in any order.
	AnyOrder Order = "Any"

	// Best counts the deepest attempt, and the earliest of those.
	Best Entry = "Best"
	// First counts only the first attempt of the range.
	First Entry = "First"

	// EitherOrder lets simultaneous events follow each other in either order.
	EitherOrder Ties = "EitherOrder"
	// Exact orders simultaneous events by their arrival.
	Exact Ties = "Exact"

	// InWindow accepts conversions until the window of the attempt ends.
	InWindow Conversions = "Window"
	// InRange also requires conversions to be inside the range.
	InRange Conversions = "Range"
)

// Policy holds all rules of progression that can be chosen. Nothing else in this package changes what counts.
type Policy struct {
	// Order of the stages.
	Order Order
	// Window is the time from the entry of an attempt to its end, inclusive. It is positive.
	Window time.Duration
	// Entry chooses among the attempts of a person.
	Entry Entry
	// Ties defines the order of simultaneous events.
	Ties Ties
	// Conversions limits the time of the events of an attempt.
	Conversions Conversions
	// CountBy is the key of the unit that is counted; empty for persons.
	CountBy string
	// Within is the longest time since the previous stage that was reached, by stage; 0 for no limit. It can have fewer items than there are stages.
	Within []time.Duration
	// Exclusions are the events that must not happen between two stages.
	Exclusions []Exclusion
	// OnExclusion is what they do to an attempt.
	OnExclusion OnExclusion
	// HoldConstant lists the keys whose values have to be the same at all stages as at the entry.
	HoldConstant []string
	// Count is how often one person can count; empty for Customers.
	Count Count
	// Grace lets an event enter a stage although it came up to that much before the previous stage.
	Grace time.Duration
	// Compat lists the rules of ClickHouse's windowFunnel to apply; empty for the rules of this package.
	Compat []Compat
}

// Validate checks the policy. The error names the field of the spec.
func (p Policy) Validate() error {
	switch {
	case p.Order != Ordered && p.Order != Strict && p.Order != AnyOrder:
		return fmt.Errorf("spec.progression.order: there is no order %q", p.Order)
	case p.Window <= 0:
		return fmt.Errorf("spec.progression.window: must be positive")
	case p.Entry != Best && p.Entry != First:
		return fmt.Errorf("spec.progression.entry: there is no entry %q", p.Entry)
	case p.Ties != EitherOrder && p.Ties != Exact:
		return fmt.Errorf("spec.progression.ties: unsupported value %q", p.Ties)
	case p.Conversions != InWindow && p.Conversions != InRange:
		return fmt.Errorf("spec.progression.conversions: unsupported value %q", p.Conversions)
	}
	return p.validateRules()
}

// String describes all rules in text, including those that cannot be chosen. It has fewer than 1024 characters.
func (p Policy) String() string {
	return fmt.Sprintf("countBy=%s order=%s window=%s entry=%s ties=%s conversions=%s maturity=WindowEnded oneEvent=OneStage touchpoint=FirstListed"+
		" optional=RequiredFirst persona=AtEntry%s", cmp.Or(p.CountBy, "person"), p.Order, formatWindow(p.Window), p.Entry, p.Ties, p.Conversions, p.rules())
}

// formatWindow formats a duration as the API does where possible: 14d rather than 336h0m0s.
func formatWindow(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d%unit.length == 0 {
			return fmt.Sprintf("%d%s", d/unit.length, unit.name)
		}
	}
	return strings.TrimSpace(d.String())
}
