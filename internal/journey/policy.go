// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Order says in which order the stages have to be passed.
type Order string

// Entry says which attempt of a person counts.
type Entry string

// Ties says in which order simultaneous events may be taken.
type Ties string

// Conversions says where the events of an attempt may lie.
type Conversions string

// The choices of a Policy.
const (
	// Ordered wants the stages in sequence; anything may happen in between.
	Ordered Order = "Ordered"
	// Strict wants the person's very next customer event to be the next stage.
	Strict Order = "Strict"
	// AnyOrder wants the stages inside one window, in any order.
	AnyOrder Order = "Any"

	// Best takes the deepest attempt, of those the earliest.
	Best Entry = "Best"
	// First takes the first attempt of the range only.
	First Entry = "First"

	// EitherOrder lets simultaneous events follow each other in either order.
	EitherOrder Ties = "EitherOrder"
	// Exact takes simultaneous events in the order of their arrival.
	Exact Ties = "Exact"

	// InWindow lets conversions follow until the window of the attempt ends.
	InWindow Conversions = "Window"
	// InRange wants conversions inside the range, too.
	InRange Conversions = "Range"
)

// Policy is every rule of progression that can be chosen. Nothing else in this package changes what counts.
type Policy struct {
	// Order of the stages.
	Order Order
	// Window of an attempt from its entry, the far edge included. Positive.
	Window time.Duration
	// Entry chooses among the attempts of a person.
	Entry Entry
	// Ties says how simultaneous events are taken.
	Ties Ties
	// Conversions says where the events of an attempt may lie.
	Conversions Conversions
	// CountBy is the key of the unit that is counted; empty for persons.
	CountBy string
	// Within is, by stage, the longest time since the stage reached before; 0 for no bound. It may be shorter than the list of stages.
	Within []time.Duration
	// Exclusions name events that must not happen between two stages.
	Exclusions []Exclusion
	// OnExclusion says what they do to an attempt.
	OnExclusion OnExclusion
	// HoldConstant lists keys whose values at the entry have to stay the same at all stages.
	HoldConstant []string
	// Count says what one person can add; empty for Customers.
	Count Count
	// Grace lets an event enter a stage although it came that much before the stage before.
	Grace time.Duration
	// Compat lists rules of ClickHouse's windowFunnel; none for the rules of this package.
	Compat []Compat
}

// Validate the policy; the error names the field of the spec.
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

// String spells out every rule, those included that can not be chosen. Under 1024 characters.
func (p Policy) String() string {
	return fmt.Sprintf("countBy=%s order=%s window=%s entry=%s ties=%s conversions=%s maturity=WindowEnded oneEvent=OneStage touchpoint=FirstListed"+
		" optional=RequiredFirst persona=AtEntry%s", cmp.Or(p.CountBy, "person"), p.Order, formatWindow(p.Window), p.Entry, p.Ties, p.Conversions, p.rules())
}

// formatWindow writes a duration as the API does where it can: 14d rather than 336h0m0s.
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
