// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// This file compares the policies that are not plain with searches through all chains.

// richCase is a case with exclusions, which are places of stages.
type richCase struct {
	refCase
	exclusions [][2]int
}

// draw draws a case whose events have one stage at most: then every stage of the chain that counts has one time.
func drawRich(t *rapid.T, orders ...Order) richCase {
	c := richCase{refCase: drawCase(t, orders...)}
	c.optional = 0
	for i := range c.events {
		e := &c.events[i]
		if e.Stages &= -e.Stages; rapid.IntRange(0, 3).Draw(t, "excluded") == 0 {
			e.Stages, e.Excluded = 0, uint8(rapid.IntRange(1, 3).Draw(t, "exclusions"))
		}
	}
	for range 2 {
		after := rapid.IntRange(0, c.stages-2).Draw(t, "after")
		before := rapid.IntRange(after+1, c.stages-1).Draw(t, "before")
		c.exclusions = append(c.exclusions, [2]int{after, before})
		c.policy.Exclusions = append(c.policy.Exclusions, Exclusion{After: stageName(after), Before: stageName(before)})
	}
	c.policy.OnExclusion = rapid.SampledFrom([]OnExclusion{Discard, Stop}).Draw(t, "onExclusion")
	return c
}

func stageName(i int) string { return "s" + string(rune('0'+i)) }

// chainAt gives the times of the chain of the attempts that begin at an instant, as if nothing were excluded.
func (c *richCase) chainAt(entry int64) []int64 {
	one := c.refCase
	one.from, one.to, one.policy.Entry = entry, entry+1, Best
	if c.policy.Order != AnyOrder {
		if best := one.best(); best != nil {
			return best.times
		}
		return nil
	}
	var times []int64
	for s := range c.stages {
		for _, e := range c.events {
			if e.Stages == 1<<s && e.Time >= entry && e.Time <= min(c.limit, entry+c.policy.Window.Microseconds()) {
				times = append(times, e.Time)
				break
			}
		}
	}
	slices.Sort(times)
	return times
}

// judge cuts the times at the first excluded event; ok is false when the attempt is discarded.
func (c *richCase) judge(times []int64) (left []int64, ok bool) {
	end := min(c.limit, times[0]+c.policy.Window.Microseconds())
	if n := len(times); n < len(c.policy.Within) && c.policy.Within[n] > 0 {
		end = min(end, times[n-1]+c.policy.Within[n].Microseconds())
	}
	for _, e := range c.events {
		for x, places := range c.exclusions {
			if e.Excluded&(1<<x) == 0 || places[0] >= len(times) || e.Time <= times[places[0]] || e.Time > end {
				continue
			}
			if places[1] < len(times) && e.Time >= times[places[1]] {
				continue
			}
			if c.policy.OnExclusion == Discard {
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

// best gives the times of the attempt that counts, in their order.
func (c *richCase) best() []int64 {
	entering := uint32(1)
	if c.policy.Order == AnyOrder {
		entering = 1<<c.stages - 1
	}
	var best []int64
	for _, e := range c.events {
		if e.Stages&entering == 0 || e.Time < c.from || e.Time >= c.to || e.Time > c.limit {
			continue
		}
		if times, ok := c.judge(c.chainAt(e.Time)); ok && len(times) > len(best) {
			best = times
		}
		if c.policy.Entry == First {
			break
		}
	}
	return best
}

func (c *richCase) check(t *rapid.T) {
	p, err := c.progression()
	require.NoError(t, err)
	got, ok := p.Best(c.events, c.from, c.to, c.limit)
	want := c.best()
	require.Equal(t, want != nil, ok)
	if !ok {
		return
	}
	require.Empty(t, c.valid(&got))
	times := c.times(&got)
	slices.Sort(times)
	require.Equal(t, want, times)
	require.Equal(t, want[0], got.Entry)
}

// With ties in the order of arrival, "strictly between" speaks of places and not of times, which the reference does not know.
func TestExclusionsEqualReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawRich(t, Ordered, Strict, AnyOrder)
		c.policy.Ties = EitherOrder
		c.check(t)
	})
}

func TestWithinEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, Ordered, Strict)
		drawWithin(t, &c)
		checkCase(t, c)
	})
}

func drawWithin(t *rapid.T, c *refCase) {
	c.policy.Within = make([]time.Duration, c.stages)
	for s := 1; s < c.stages; s++ {
		c.policy.Within[s] = time.Duration(rapid.IntRange(0, 4).Draw(t, "within")) * time.Microsecond
	}
}

func TestExclusionsAndWithinEqualReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawRich(t, Ordered)
		c.policy.Ties = EitherOrder
		drawWithin(t, &c.refCase)
		c.check(t)
	})
}

// TestHoldEqualsReference asks for each value by itself, with all other events without a stage.
func TestHoldEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, Ordered, Strict, AnyOrder)
		c.policy.Entry = Best
		for i := range c.events {
			c.events[i].Hold = uint32(rapid.IntRange(0, 2).Draw(t, "value"))
		}
		held := c
		held.policy.Hold = []string{"properties.x"}
		p, err := held.progression()
		require.NoError(t, err)
		got, ok := p.Best(c.events, c.from, c.to, c.limit)
		var want *refChain
		for value := uint32(1); value <= 2; value++ {
			one := c
			one.events = slices.Clone(c.events)
			for i := range one.events {
				if one.events[i].Hold != value {
					one.events[i].Stages = 0
				}
			}
			if chain := one.best(); chain != nil && chain.better(want) {
				want = chain
			}
		}
		require.Equal(t, want != nil, ok)
		if ok {
			require.Empty(t, c.valid(&got))
			require.Equal(t, [3]int64{want.entry, int64(want.required), int64(want.optional)},
				[3]int64{got.Entry, int64(got.Required), int64(got.Optional)})
		}
	})
}

// graceChain tries every chain in which no event lies further before the one before than the grace.
func graceChain(c *refCase, used []int, chain refChain, best **refChain) {
	if chain.better(*best) {
		kept := chain
		kept.times = slices.Clone(chain.times)
		*best = &kept
	}
	s, last := len(used), chain.times[len(chain.times)-1]
	for i, e := range c.events {
		if s < c.stages && e.Stages == 1<<s && !slices.Contains(used, i) && e.Time >= last-c.policy.Grace.Microseconds() &&
			e.Time <= min(c.limit, chain.entry+c.policy.Window.Microseconds()) {
			longer := chain
			longer.times, longer.required = append(slices.Clone(chain.times), e.Time), chain.required+1
			graceChain(c, append(slices.Clone(used), i), longer, best)
		}
	}
}

func TestGraceEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawRich(t, Ordered)
		c.policy.Exclusions, c.policy.Ties, c.policy.Entry = nil, EitherOrder, Best
		c.policy.Grace = time.Duration(rapid.IntRange(1, 3).Draw(t, "grace")) * time.Microsecond
		var want *refChain
		for i, e := range c.events {
			if e.Stages == 1 && e.Time >= c.from && e.Time < c.to && e.Time <= c.limit {
				graceChain(&c.refCase, []int{i}, refChain{entry: e.Time, required: 1, times: []int64{e.Time}}, &want)
			}
		}
		p, err := c.progression()
		require.NoError(t, err)
		got, ok := p.Best(c.events, c.from, c.to, c.limit)
		require.Equal(t, want != nil, ok)
		if ok {
			require.Equal(t, want.required, got.Required)
			require.Equal(t, want.entry, got.Entry)
			require.Equal(t, want.times, c.times(&got))
		}
	})
}

// TestRichIsPlainWithoutItsRules gives the general search a policy whose rules forbid nothing: it has to find what the one-pass search finds.
func TestRichIsPlainWithoutItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, Ordered, Strict, AnyOrder)
		plain, err := c.progression()
		require.NoError(t, err)
		for i := range c.events {
			c.events[i].Hold = 1
		}
		c.policy.Hold = []string{"properties.x"}
		rich, err := c.progression()
		require.NoError(t, err)
		want, found := plain.Best(c.events, c.from, c.to, c.limit)
		got, ok := rich.Best(c.events, c.from, c.to, c.limit)
		require.Equal(t, found, ok)
		require.Equal(t, [3]int64{want.Entry, int64(want.Required), int64(want.Optional)}, [3]int64{got.Entry, int64(got.Required), int64(got.Optional)})
		require.Equal(t, cmp.Compare(want.Stages, 0), cmp.Compare(got.Stages, 0))
	})
}
