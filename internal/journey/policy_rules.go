// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of a policy.
const (
	// MaxExclusions is the number of exclusions between stages.
	MaxExclusions = 8
	// MaxHoldConstant is the number of keys that are held constant.
	MaxHoldConstant = 3
)

// OnExclusion is what an excluded event does to an attempt.
type OnExclusion string

// Count is how often one person can count in a funnel.
type Count string

// Compat is a rule of another product that the other fields cannot express.
type Compat string

// More values of a Policy.
const (
	// Discard discards the whole attempt, including its entry. Another attempt of the person can still count.
	Discard OnExclusion = "Discard"
	// Stop keeps the stages that were reached before the excluded event.
	Stop OnExclusion = "Stop"

	// Customers counts each person once.
	Customers Count = "Customers"
	// Entries counts each attempt. A person can enter again once the previous attempt has ended.
	Entries Count = "Entries"

	// StrictOrder ends the search at the first event that does not match the next condition.
	StrictOrder Compat = "StrictOrder"
	// StrictDeduplication ends the search at the first event whose condition was met before.
	StrictDeduplication Compat = "StrictDeduplication"
	// StrictIncrease requires each stage to be later than the previous one, not at the same instant.
	StrictIncrease Compat = "StrictIncrease"
	// SharedEvents lets one event enter several stages.
	SharedEvents Compat = "SharedEvents"
	// AllowReentry lets StrictOrder skip an event of the first stage.
	AllowReentry Compat = "AllowReentry"
)

// Exclusion describes events that must not happen between two stages.
type Exclusion struct {
	// Match lists the events; each of them excludes.
	Match []Match
	// After and Before name the stages between which the events exclude; empty for the first and the last stage. In the order Any, a stage means its
	// position: the second stage of the map is whichever stage was reached second.
	After, Before string
}

// validateRules checks the rules beyond the basic ones.
func (p *Policy) validateRules() error {
	switch {
	case len(p.Exclusions) > MaxExclusions:
		return fmt.Errorf("spec.progression.exclusions: at most %d exclusions", MaxExclusions)
	case len(p.Exclusions) > 0 && p.OnExclusion != Discard && p.OnExclusion != Stop:
		return fmt.Errorf("spec.progression.onExclusion: unsupported value %q", p.OnExclusion)
	case len(p.HoldConstant) > MaxHoldConstant:
		return fmt.Errorf("spec.progression.holdConstant: at most %d keys", MaxHoldConstant)
	case p.Count != "" && p.Count != Customers && p.Count != Entries:
		return fmt.Errorf("spec.progression.count: unsupported value %q", p.Count)
	}
	if err := p.validateTimes(); err != nil {
		return err
	}
	return p.validateCompat()
}

func (p *Policy) validateTimes() error {
	switch {
	case p.Grace < 0:
		return fmt.Errorf("spec.progression.grace: must be positive")
	case p.Grace > 0 && (p.Order != Ordered || p.Ties == Exact):
		return fmt.Errorf("spec.progression.grace: needs the order Ordered, and cannot have the ties Exact")
	case p.Grace > 0 && p.HasWithin():
		return fmt.Errorf("spec.progression.grace: cannot go with a stage's within")
	case p.Order == AnyOrder && p.HasWithin():
		return fmt.Errorf("spec.stages: within needs stages in an order, progression.order Any has none")
	}
	return nil
}

func (p *Policy) validateCompat() error {
	if len(p.Compat) == 0 {
		return nil
	}
	for _, c := range p.Compat {
		switch c {
		case StrictOrder, StrictDeduplication, StrictIncrease, SharedEvents, AllowReentry:
		default:
			return fmt.Errorf("spec.progression.compat: there is no rule %q", c)
		}
	}
	switch {
	case p.Order != Ordered || p.Entry != Best:
		return fmt.Errorf("spec.progression.compat: needs the order Ordered and the entry Best")
	case len(p.Exclusions) > 0 || len(p.HoldConstant) > 0 || p.Count == Entries || p.Grace > 0 || p.HasWithin():
		return fmt.Errorf("spec.progression.compat: cannot go with exclusions, holdConstant, count, grace or a stage's within")
	case slices.Contains(p.Compat, AllowReentry) && !slices.Contains(p.Compat, StrictOrder):
		return fmt.Errorf("spec.progression.compat: AllowReentry needs StrictOrder")
	}
	return nil
}

// HasWithin reports whether any stage has a time limit.
func (p *Policy) HasWithin() bool {
	for _, d := range p.Within {
		if d > 0 {
			return true
		}
	}
	return false
}

// rules describes the rules that are set beyond the basic ones, each after a blank.
func (p *Policy) rules() string {
	var b strings.Builder
	for s, d := range p.Within {
		if d > 0 {
			_, _ = fmt.Fprintf(&b, " within[%d]=%s", s, formatWindow(d))
		}
	}
	if len(p.Exclusions) > 0 {
		_, _ = fmt.Fprintf(&b, " exclusions=%d onExclusion=%s", len(p.Exclusions), p.OnExclusion)
	}
	if len(p.HoldConstant) > 0 {
		_, _ = fmt.Fprintf(&b, " holdConstant=%s", strings.Join(p.HoldConstant, ","))
	}
	if p.Count == Entries {
		b.WriteString(" count=Entries")
	}
	if p.Grace > 0 {
		_, _ = fmt.Fprintf(&b, " grace=%s", formatWindow(p.Grace))
	}
	for i, c := range p.Compat {
		b.WriteString([2]string{" compat=", ","}[min(i, 1)] + string(c))
	}
	return b.String()
}
