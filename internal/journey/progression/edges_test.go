// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// policies has one policy for each search algorithm, with at least two stages.
func policies() map[string]journeytest.Case {
	with := func(optional uint32, change func(*journey.Policy)) journeytest.Case {
		c := journeytest.Case{Stages: 2, Optional: optional, Policy: journeytest.Plain}
		if optional != 0 {
			c.Stages = 3
		}
		c.Policy.Window, c.Policy.OnExclusion = 12*time.Microsecond, journey.Discard
		change(&c.Policy)
		return c
	}
	return map[string]journeytest.Case{
		"simple":    with(0, func(*journey.Policy) {}),
		"optional":  with(0b100, func(*journey.Policy) {}),
		"strict":    with(0, func(p *journey.Policy) { p.Order = journey.Strict }),
		"within":    with(0, func(p *journey.Policy) { p.Within = []time.Duration{0, 12 * time.Microsecond} }),
		"grace":     with(0, func(p *journey.Policy) { p.Grace = time.Microsecond }),
		"excluding": with(0, func(p *journey.Policy) { p.Exclusions = []journey.Exclusion{{After: "s0", Before: "s1"}} }),
		"compat":    with(0, func(p *journey.Policy) { p.Compat = []journey.Compat{journey.StrictIncrease} }),
	}
}

// An attempt starts before the end of the range, and uses events up to the limit. The last instant of the window is included.
func TestEndsOfTheRange(t *testing.T) {
	for name, c := range policies() {
		for _, index := range []bool{true, false} {
			p, err := c.Progression()
			require.NoError(t, err)
			p.UseIndex(index)
			depth := func(from, to, limit int64, events ...journey.Event) (int64, int) {
				for i := range events {
					events[i].Customer = true
				}
				best, _ := p.Best(events, from, to, limit)
				return best.Entry, best.Depth()
			}
			a, b := func(at int64) journey.Event { return journey.Event{Time: at, Stages: 1} }, func(at int64) journey.Event { return journey.Event{Time: at, Stages: 2} }
			is := func(entry int64, depth int) func(int64, int) {
				return func(gotEntry int64, gotDepth int) {
					t.Helper()
					require.Equal(t, [2]int64{entry, int64(depth)}, [2]int64{gotEntry, int64(gotDepth)}, name)
				}
			}
			is(5, 1)(depth(0, 10, 99, a(5), a(10), b(20)))
			is(10, 2)(depth(0, 11, 99, a(5), a(10), b(20)))
			is(10, 2)(depth(10, 11, 99, a(5), a(10), b(20)))
			is(10, 2)(depth(6, 11, 99, a(5), a(10), b(15)))
			is(10, 2)(depth(0, 11, 20, a(5), a(10), b(20)))
			is(5, 1)(depth(0, 11, 19, a(5), a(10), b(20)))
			is(10, 2)(depth(0, 11, 99, a(10), b(22)))
			is(10, 1)(depth(0, 11, 99, a(10), b(23)))
			is(10, 1)(depth(0, 11, 10, a(10)))
			is(0, 0)(depth(0, 11, 9, a(10)))
			is(0, 0)(depth(11, 12, 99, a(10), b(11)))
		}
	}
}

// If several attempts reach equally many stages, by whichever optional ones, the earliest counts.
func TestEarliestOfEqualAttempts(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0110, Policy: journeytest.Plain}
	c.Policy.Window = 5 * time.Microsecond
	p, err := c.Progression()
	require.NoError(t, err)
	for _, events := range [][]journey.Event{
		{{Time: 0, Stages: 1}, {Time: 1, Stages: 4}, {Time: 10, Stages: 1}, {Time: 11, Stages: 2}},
		{{Time: 0, Stages: 1}, {Time: 1, Stages: 2}, {Time: 10, Stages: 1}, {Time: 11, Stages: 4}},
	} {
		best, ok := p.Best(events, 0, 99, 99)
		require.True(t, ok)
		require.Zero(t, best.Entry)
		require.Equal(t, [2]int{1, 1}, [2]int{best.Required, best.Optional})
	}
}

// The attempt with more optional stages counts, even if it is later. Repeated stages at one instant count once.
func TestSecondOptionalStage(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0110, Policy: journeytest.Plain}
	c.Policy.Window = 5 * time.Microsecond
	p, err := c.Progression()
	require.NoError(t, err)
	at := func(time int64, letters string) (events []journey.Event) {
		for _, l := range letters {
			events = append(events, journey.Event{Time: time, Stages: 1 << (l - 'a')})
		}
		return events
	}
	for name, events := range map[string][]journey.Event{
		"one by one":           slices.Concat(at(0, "a"), at(1, "b"), at(2, "d"), at(10, "a"), at(11, "b"), at(12, "c"), at(13, "d")),
		"the last one twice":   slices.Concat(at(0, "a"), at(1, "b"), at(2, "dd"), at(10, "a"), at(11, "b"), at(12, "c"), at(13, "dd")),
		"the first one thrice": slices.Concat(at(0, "a"), at(1, "b"), at(2, "bb"), at(10, "a"), at(11, "b"), at(12, "c")),
		"both at one instant":  slices.Concat(at(0, "a"), at(1, "b"), at(2, "d"), at(10, "a"), at(11, "bc"), at(12, "d")),
	} {
		best, ok := p.Best(events, 0, 99, 99)
		require.True(t, ok, name)
		require.EqualValues(t, 10, best.Entry, name)
		require.Equal(t, 2, best.Optional, name)
	}
}

// If a stage has a limit since the previous one, a later event of the previous stage can continue where an earlier one cannot.
func TestLaterEventContinues(t *testing.T) {
	for name, tt := range map[string]struct {
		optional uint32
		within   []time.Duration
		letters  string
		want     int
	}{
		"in time":                       {0, []time.Duration{0, 0, 2}, "abxxxbxc", 3},
		"too late":                      {0, []time.Duration{0, 0, 2}, "abxxxbxxc", 2},
		"past an optional stage":        {0b0100, []time.Duration{0, 0, 0, 2}, "abxxxbxd", 3},
		"past it, too late":             {0b0100, []time.Duration{0, 0, 0, 2}, "abxxxbxxd", 2},
		"by the optional stage":         {0b0100, []time.Duration{0, 0, 0, 2}, "abxxxcxd", 4},
		"by an optional stage with one": {0b0100, []time.Duration{0, 0, 2, 0}, "abxxxbcd", 4},
	} {
		for _, index := range []bool{true, false} {
			c := journeytest.Case{Stages: len(tt.within), Optional: tt.optional, Policy: journeytest.Plain}
			c.Policy.Window = time.Hour
			for _, w := range tt.within {
				c.Policy.Within = append(c.Policy.Within, w*time.Microsecond)
			}
			p, err := c.Progression()
			require.NoError(t, err)
			p.UseIndex(index)
			best, ok := p.Best(steps(tt.letters), 0, 99, 99)
			require.True(t, ok, name)
			require.Equal(t, tt.want, best.Depth(), name)
		}
	}
}

// An exclusion before a skipped stage applies until the next stage that was reached.
func TestExclusionBeforeASkippedStage(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0100, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.OnExclusion = time.Hour, journey.Stop
	c.Policy.Exclusions = []journey.Exclusion{{After: "s1", Before: "s2"}}
	p, err := c.Progression()
	require.NoError(t, err)
	for letters, want := range map[string]int{"abd": 3, "ab!d": 2, "a!bd": 3, "abd!": 3, "abc!d": 4, "ab!cd": 2} {
		best, ok := p.Best(steps(letters), 0, 99, 99)
		require.True(t, ok)
		require.Equal(t, want, best.Depth(), letters)
	}
}

// An attempt starts at the beginning of the range at the earliest, and before its end.
func TestEntriesAtTheEndsOfTheRange(t *testing.T) {
	c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.Count, c.Policy.Entry = time.Microsecond, journey.Entries, journey.First
	p, err := c.Progression()
	require.NoError(t, err)
	count := func(from, to, limit int64) int {
		all, _ := p.All(from, steps("axxaxxa"), from, to, limit, nil)
		return len(all)
	}
	require.Equal(t, 3, count(0, 7, 9))
	require.Equal(t, 2, count(0, 6, 9))
	require.Equal(t, 2, count(1, 7, 9))
	require.Equal(t, 1, count(3, 6, 9))
	require.Equal(t, 2, count(0, 7, 3))
}

// An exclusion without stages applies from the first stage to the last one. It applies as long as the attempt has time for the next stage, whichever
// that is.
func TestEndsOfExclusions(t *testing.T) {
	for name, tt := range map[string]struct {
		exclusion journey.Exclusion
		optional  uint32
		within    []time.Duration
		letters   string
		want      int
	}{
		"from the first stage":                 {journey.Exclusion{Before: "s1"}, 0, nil, "a!bc", 0},
		"not beyond the one before it":         {journey.Exclusion{Before: "s1"}, 0, nil, "ab!c", 3},
		"to the last stage":                    {journey.Exclusion{After: "s1"}, 0, nil, "ab!c", 0},
		"not after it":                         {journey.Exclusion{After: "s1"}, 0, nil, "abc!", 3},
		"all the way":                          {journey.Exclusion{}, 0, nil, "abx!c", 0},
		"the last has time":                    {journey.Exclusion{}, 0b010, []time.Duration{0, 2, 3}, "axx!", 0},
		"the last is too late":                 {journey.Exclusion{}, 0b010, []time.Duration{0, 2, 3}, "axxx!", 1},
		"the optional one has time":            {journey.Exclusion{}, 0b010, []time.Duration{0, 4, 3}, "axxx!", 0},
		"both are too late":                    {journey.Exclusion{}, 0b010, []time.Duration{0, 4, 3}, "axxxx!", 1},
		"one stage has no time of its own":     {journey.Exclusion{}, 0b010, []time.Duration{0, 2, 0}, "axxxx!", 0},
		"the optional one has none of its own": {journey.Exclusion{}, 0b010, []time.Duration{0, 0, 2}, "axxxx!", 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := journeytest.Case{Stages: 3, Optional: tt.optional, Policy: journeytest.Plain}
			c.Policy.Window, c.Policy.OnExclusion, c.Policy.Exclusions = time.Hour, journey.Discard, []journey.Exclusion{tt.exclusion}
			for _, w := range tt.within {
				c.Policy.Within = append(c.Policy.Within, w*time.Microsecond)
			}
			p, err := c.Progression()
			require.NoError(t, err)
			best, ok := p.Best(steps(tt.letters), 0, 99, 99)
			require.Equal(t, tt.want > 0, ok)
			require.Equal(t, tt.want, best.Depth())
		})
	}
	for _, wrong := range []journey.Exclusion{{After: "s1", Before: "s1"}, {After: "s2", Before: "s1"}, {After: "s2"}, {Before: "s0"}} {
		c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
		c.Policy.OnExclusion, c.Policy.Exclusions = journey.Discard, []journey.Exclusion{wrong}
		_, err := c.Progression()
		require.ErrorContains(t, err, "must come before", wrong)
	}
}
