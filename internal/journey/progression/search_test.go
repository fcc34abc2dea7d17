// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// This file compares the special policies with a search through all chains.

// searchCase is a case with exclusions, which refer to positions of stages.
type searchCase struct {
	journeytest.Case
	exclusions [][2]int
}

// draw draws a case in which each event has at most one stage, so that every stage of the chain that counts has one time.
func drawRich(t *rapid.T, orders ...journey.Order) searchCase {
	c := searchCase{Case: journeytest.DrawCase(t, orders...)}
	c.Optional = 0
	for i := range c.Events {
		e := &c.Events[i]
		if e.Stages &= -e.Stages; rapid.IntRange(0, 3).Draw(t, "excluded") == 0 {
			e.Stages, e.Excluded = 0, uint8(rapid.IntRange(1, 3).Draw(t, "exclusions"))
		}
	}
	for range 2 {
		after := rapid.IntRange(0, c.Stages-2).Draw(t, "after")
		before := rapid.IntRange(after+1, c.Stages-1).Draw(t, "before")
		c.exclusions = append(c.exclusions, [2]int{after, before})
		c.Policy.Exclusions = append(c.Policy.Exclusions, journey.Exclusion{After: stageName(after), Before: stageName(before)})
	}
	c.Policy.OnExclusion = rapid.SampledFrom([]journey.OnExclusion{journey.Discard, journey.Stop}).Draw(t, "onExclusion")
	return c
}

func stageName(i int) string { return "s" + string(rune('0'+i)) }

// chainAt returns the times of the chain of the attempts that start at an instant, without exclusions.
func (c *searchCase) chainAt(entry int64) []int64 {
	one := c.Case
	one.From, one.To, one.Policy.Entry = entry, entry+1, journey.Best
	if c.Policy.Order != journey.AnyOrder {
		if best := one.Best(); best != nil {
			return best.Times
		}
		return nil
	}
	var times []int64
	for s := range c.Stages {
		for _, e := range c.Events {
			if e.Stages == 1<<s && e.Time >= entry && e.Time <= min(c.Limit, entry+c.Policy.Window.Microseconds()) {
				times = append(times, e.Time)
				break
			}
		}
	}
	slices.Sort(times)
	return times
}

// truncated truncates the times at the first excluded event. ok is false if the attempt is discarded.
func (c *searchCase) truncated(times []int64) (left []int64, ok bool) {
	end := min(c.Limit, times[0]+c.Policy.Window.Microseconds())
	if n := len(times); n < len(c.Policy.Within) && c.Policy.Within[n] > 0 {
		end = min(end, times[n-1]+c.Policy.Within[n].Microseconds())
	}
	for _, e := range c.Events {
		for x, places := range c.exclusions {
			if e.Excluded&(1<<x) == 0 || places[0] >= len(times) || e.Time <= times[places[0]] || e.Time > end {
				continue
			}
			if places[1] < len(times) && e.Time >= times[places[1]] {
				continue
			}
			if c.Policy.OnExclusion == journey.Discard {
				return nil, false
			}
			for i, t := range times {
				if t > e.Time {
					return times[:i], true
				}
			}
			return times, true
		}
	}
	return times, true
}

// best returns the times of the attempt that counts, in order.
func (c *searchCase) best() []int64 {
	entering := uint32(1)
	if c.Policy.Order == journey.AnyOrder {
		entering = 1<<c.Stages - 1
	}
	var best []int64
	for _, e := range c.Events {
		if e.Stages&entering == 0 || e.Time < c.From || e.Time >= c.To || e.Time > c.Limit {
			continue
		}
		if times, ok := c.truncated(c.chainAt(e.Time)); ok && len(times) > len(best) {
			best = times
		}
		if c.Policy.Entry == journey.First {
			break
		}
	}
	return best
}

func (c *searchCase) check(t *rapid.T) {
	p, err := c.Progression()
	require.NoError(t, err)
	got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
	want := c.best()
	require.Equal(t, want != nil, ok)
	if !ok {
		return
	}
	require.Empty(t, c.Valid(&got))
	times := c.Times(&got)
	slices.Sort(times)
	require.Equal(t, want, times)
	require.Equal(t, want[0], got.Entry)
}

// With exact ties, "strictly between" depends on positions and not on times, which the reference does not have.
func TestExclusionsEqualReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawRich(t, journey.Ordered, journey.Strict, journey.AnyOrder)
		c.Policy.Ties = journey.EitherOrder
		c.check(t)
	})
}

func TestWithinEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Strict)
		drawWithin(t, &c)
		checkCase(t, c)
	})
}

func drawWithin(t *rapid.T, c *journeytest.Case) {
	c.Policy.Within = make([]time.Duration, c.Stages)
	for s := 1; s < c.Stages; s++ {
		c.Policy.Within[s] = time.Duration(rapid.IntRange(0, 4).Draw(t, "within")) * time.Microsecond
	}
}

func TestExclusionsAndWithinEqualReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawRich(t, journey.Ordered)
		c.Policy.Ties = journey.EitherOrder
		drawWithin(t, &c.Case)
		c.check(t)
	})
}

// Evaluates each held value separately, with all other events as events without a stage.
func TestHoldEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Strict, journey.AnyOrder)
		c.Policy.Entry = journey.Best
		for i := range c.Events {
			c.Events[i].Hold = uint32(rapid.IntRange(0, 2).Draw(t, "value"))
		}
		held := c
		held.Policy.HoldConstant = []string{"properties.x"}
		p, err := held.Progression()
		require.NoError(t, err)
		got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
		var want *journeytest.Chain
		for value := uint32(1); value <= 2; value++ {
			one := c
			one.Events = slices.Clone(c.Events)
			for i := range one.Events {
				if one.Events[i].Hold != value {
					one.Events[i].Stages = 0
				}
			}
			if chain := one.Best(); chain != nil && chain.Better(want) {
				want = chain
			}
		}
		require.Equal(t, want != nil, ok)
		if ok {
			require.Empty(t, c.Valid(&got))
			require.Equal(t, [3]int64{want.Entry, int64(want.Required), int64(want.Optional)},
				[3]int64{got.Entry, int64(got.Required), int64(got.Optional)})
		}
	})
}

func TestGraceEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawRich(t, journey.Ordered)
		c.Policy.Exclusions, c.Policy.Ties, c.Policy.Entry = nil, journey.EitherOrder, journey.Best
		c.Policy.Grace = time.Duration(rapid.IntRange(1, 3).Draw(t, "grace")) * time.Microsecond
		c.Policy.Conversions = rapid.SampledFrom([]journey.Conversions{journey.InWindow, journey.InRange}).Draw(t, "conversions")
		c.Since = c.From - int64(rapid.IntRange(0, 2).Draw(t, "before"))
		if rapid.Bool().Draw(t, "optional stages") {
			c.Optional = uint32(rapid.IntRange(0, 1<<(c.Stages-1)-1).Draw(t, "which of them")) << 1
		}
		want := c.Best()
		p, err := c.Progression()
		require.NoError(t, err)
		got, ok := p.BestSince(c.Since, c.Events, c.From, c.To, c.Limit)
		require.Equal(t, want != nil, ok)
		if ok {
			require.Equal(t, [2]int{want.Required, want.Optional}, [2]int{got.Required, got.Optional})
			require.Equal(t, want.Entry, got.Entry)
			require.Equal(t, want.Times, c.Times(&got))
		}
	})
}

// With a policy whose rules exclude nothing, the general search finds the same as the one-pass search.
func TestGeneralSearchEqualsOnePass(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Strict, journey.AnyOrder)
		plain, err := c.Progression()
		require.NoError(t, err)
		for i := range c.Events {
			c.Events[i].Hold = 1
		}
		c.Policy.HoldConstant = []string{"properties.x"}
		p, err := c.Progression()
		require.NoError(t, err)
		want, found := plain.Best(c.Events, c.From, c.To, c.Limit)
		got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
		require.Equal(t, found, ok)
		require.Equal(t, [3]int64{want.Entry, int64(want.Required), int64(want.Optional)}, [3]int64{got.Entry, int64(got.Required), int64(got.Optional)})
		require.Equal(t, cmp.Compare(want.Stages, 0), cmp.Compare(got.Stages, 0))
	})
}
