// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// If ties can be in any order, simultaneous entries are one, unless they hold different values.
func TestSimultaneousEntriesAreOne(t *testing.T) {
	one, two, other := journey.Event{Time: 1, Stages: 1, Hold: 1}, journey.Event{Time: 1, Stages: 1, Hold: 2}, journey.Event{Time: 1, Stages: 2, Hold: 1}
	for name, tt := range map[string]struct {
		change func(p *journey.Policy)
		events []journey.Event
		want   []bool
	}{
		"in any order":                      {func(*journey.Policy) {}, []journey.Event{one, one, two}, []bool{true, false, false}},
		"at another instant":                {func(*journey.Policy) {}, []journey.Event{{Time: 0, Stages: 1}, one, one}, []bool{true, true, false}},
		"next to an event of another stage": {func(*journey.Policy) {}, []journey.Event{other, one, other}, []bool{false, true, false}},
		"any stage, in the order Any":       {func(p *journey.Policy) { p.Order = journey.AnyOrder }, []journey.Event{other, one}, []bool{true, false}},
		"in the order of arrival":           {func(p *journey.Policy) { p.Ties = journey.Exact }, []journey.Event{one, one}, []bool{true, true}},
		"with a grace":                      {func(p *journey.Policy) { p.Grace = time.Second }, []journey.Event{one, one}, []bool{true, true}},
		"with values to hold": {
			func(p *journey.Policy) { p.HoldConstant = []string{"properties.x"} }, []journey.Event{one, two, one, {Time: 1, Stages: 1}}, []bool{true, true, false, false},
		},
	} {
		c := journeytest.Case{Stages: 2, Policy: journeytest.Plain}
		tt.change(&c.Policy)
		p, err := c.Progression()
		require.NoError(t, err)
		for i, want := range tt.want {
			require.Equal(t, want, p.Enters(tt.events, i), "%s: event %d", name, i)
		}
	}
}

// The goal is the last required stage. In the order Any, it is all required stages.
func TestConverted(t *testing.T) {
	for name, tt := range map[string]struct {
		order          journey.Order
		optional       uint32
		reached, short []uint32
	}{
		"ordered":            {journey.Ordered, 0, []uint32{0b111}, []uint32{0b001, 0b011}},
		"the last, optional": {journey.Ordered, 0b100, []uint32{0b011, 0b111}, []uint32{0b001}},
		"one between":        {journey.Ordered, 0b010, []uint32{0b101, 0b111}, []uint32{0b001, 0b011}},
		"in any order":       {journey.AnyOrder, 0, []uint32{0b111}, []uint32{0b100, 0b110, 0b011, 0b101}},
		"and optional":       {journey.AnyOrder, 0b010, []uint32{0b101, 0b111}, []uint32{0b100, 0b110, 0b011, 0b010}},
	} {
		c := journeytest.Case{Stages: 3, Optional: tt.optional, Policy: journeytest.Plain}
		c.Policy.Order = tt.order
		p, err := c.Progression()
		require.NoError(t, err)
		for _, stages := range tt.reached {
			require.True(t, p.Converted(&journey.Attempt{Stages: stages}), "%s: %b", name, stages)
		}
		for _, stages := range tt.short {
			require.False(t, p.Converted(&journey.Attempt{Stages: stages}), "%s: %b", name, stages)
		}
	}
}

// Only in the order Any can the first stage be optional, because an attempt starts with it.
func TestFirstStageIsOptional(t *testing.T) {
	for order, refused := range map[journey.Order]bool{journey.Ordered: true, journey.Strict: true, journey.AnyOrder: false} {
		policy := journeytest.Plain
		policy.Order = order
		_, err := progression.New([]journey.Stage{{Name: "a", Optional: true}, {Name: "b"}}, policy)
		require.Equal(t, refused, err != nil, order)
	}
}

// An event with another held value does not exclude. One without a value does, and one that the attempt uses does not.
func TestExclusionsAndHeldValues(t *testing.T) {
	for name, tt := range map[string]struct {
		hold   bool
		events []journey.Event
		want   int
	}{
		"the same value":    {true, []journey.Event{{Time: 1, Stages: 1, Hold: 1}, {Time: 2, Excluded: 1, Hold: 1}, {Time: 3, Stages: 2, Hold: 1}}, 0},
		"another value":     {true, []journey.Event{{Time: 1, Stages: 1, Hold: 1}, {Time: 2, Excluded: 1, Hold: 2}, {Time: 3, Stages: 2, Hold: 1}}, 2},
		"no value":          {true, []journey.Event{{Time: 1, Stages: 1, Hold: 1}, {Time: 2, Excluded: 1}, {Time: 3, Stages: 2, Hold: 1}}, 0},
		"a stage of others": {true, []journey.Event{{Time: 1, Stages: 1, Hold: 1}, {Time: 2, Stages: 2, Hold: 2}, {Time: 3, Stages: 2, Hold: 1}}, 2},
		"all of them":       {false, []journey.Event{{Time: 1, Stages: 1, Excluded: 1}, {Time: 2, Stages: 1, Excluded: 1}, {Time: 3, Stages: 2, Excluded: 1}}, 2},
		"all but the last":  {false, []journey.Event{{Time: 1, Stages: 1, Excluded: 1}, {Time: 2, Excluded: 1}, {Time: 3, Stages: 2, Excluded: 1}}, 0},
	} {
		c := journeytest.Case{Stages: 2, Policy: journeytest.Plain}
		c.Policy.Exclusions, c.Policy.OnExclusion = []journey.Exclusion{{After: "s0", Before: "s1"}}, journey.Discard
		if tt.hold {
			c.Policy.HoldConstant = []string{"properties.x"}
		}
		p, err := c.Progression()
		require.NoError(t, err)
		best, ok := p.Best(tt.events, 0, 10, 10)
		require.Equal(t, tt.want > 0, ok, name)
		require.Equal(t, tt.want, best.Depth(), name)
	}
}
