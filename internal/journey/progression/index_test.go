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

// drawMany draws a longer person than DrawCase, with all rules that the index supports, and some that it does not.
func drawMany(t *rapid.T) searchCase {
	c := searchCase{Case: journeytest.DrawCase(t, journey.Ordered, journey.Ordered, journey.Strict, journey.AnyOrder)}
	c.Policy.Window = time.Duration(rapid.IntRange(1, 30).Draw(t, "window")) * time.Microsecond
	c.Events = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Event {
		e := journey.Event{Time: int64(rapid.Uint8Range(0, 40).Draw(t, "time")), Customer: rapid.IntRange(0, 3).Draw(t, "who") > 0}
		switch rapid.IntRange(0, 5).Draw(t, "sort") {
		case 0:
			e.Excluded = uint8(rapid.IntRange(0, 7).Draw(t, "excluded"))
		case 1:
			e.Stages = uint32(rapid.IntRange(0, 1<<c.Stages-1).Draw(t, "stages"))
			e.Excluded = uint8(rapid.SampledFrom([]int{0, 0, 1, 2, 4}).Draw(t, "also excluded"))
		default:
			e.Stages = 1 << rapid.IntRange(0, c.Stages-1).Draw(t, "stage")
		}
		return e
	}), 0, 40).Draw(t, "events")
	slices.SortStableFunc(c.Events, func(a, b journey.Event) int { return cmp.Compare(a.Time, b.Time) })
	c.From, c.To, c.Limit = int64(rapid.IntRange(0, 10).Draw(t, "from")), int64(rapid.IntRange(11, 41).Draw(t, "to")), int64(rapid.IntRange(11, 41).Draw(t, "limit"))
	for range rapid.IntRange(0, 3).Draw(t, "exclusions") {
		after := rapid.IntRange(0, c.Stages-2).Draw(t, "after")
		before := rapid.IntRange(after+1, c.Stages-1).Draw(t, "before")
		c.Policy.Exclusions = append(c.Policy.Exclusions, journey.Exclusion{After: stageName(after), Before: stageName(before)})
	}
	for i := range c.Events {
		c.Events[i].Excluded &= 1<<len(c.Policy.Exclusions) - 1
	}
	c.Policy.OnExclusion = rapid.SampledFrom([]journey.OnExclusion{journey.Discard, journey.Stop}).Draw(t, "onExclusion")
	c.Policy.Count = rapid.SampledFrom([]journey.Count{journey.Customers, journey.Entries}).Draw(t, "count")
	switch rapid.IntRange(0, 4).Draw(t, "rule") {
	case 0:
		if c.Policy.Order != journey.AnyOrder {
			drawWithin(t, &c.Case)
		}
	case 1:
		c.Policy.HoldConstant = []string{"properties.x"}
		for i := range c.Events {
			c.Events[i].Hold = uint32(rapid.IntRange(0, 2).Draw(t, "value"))
		}
	case 2:
		if c.Policy.Order == journey.Ordered && c.Policy.Ties != journey.Exact {
			c.Policy.Grace = time.Duration(rapid.IntRange(0, 3).Draw(t, "grace")) * time.Microsecond
		}
	}
	return c
}

// The search with the index finds the same attempts with the same events as the search through all events.
func TestIndexDoesNotChangeResults(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawMany(t)
		by := func(use bool) (all []journey.Attempt, next int64) {
			p, err := c.Progression()
			require.NoError(t, err)
			p.UseIndex(use)
			for range 2 { // the lists of one person must not affect the next
				all, next = p.All(c.From, c.Events, c.From, c.To, c.Limit, nil)
				p.All(c.From, c.Events[:len(c.Events)/2], c.From, c.To, c.Limit, nil)
			}
			return all, next
		}
		wanted, until := by(false)
		got, next := by(true)
		require.Equal(t, wanted, got)
		require.Equal(t, until, next)
	})
}

// If stages have a limit since the previous one, skipping entries that cannot reach more stages does not change the best attempt.
func TestBoundDoesNotChangeResults(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawMany(t)
		c.Policy.Order, c.Policy.Count, c.Policy.Entry, c.Policy.Grace, c.Policy.HoldConstant = journey.Ordered, journey.Customers, journey.Best, 0, nil
		if rapid.Bool().Draw(t, "no exclusions") {
			c.Policy.Exclusions = nil
		}
		drawWithin(t, &c.Case)
		p, err := c.Progression()
		require.NoError(t, err)
		p.UseIndex(false)
		want, found := p.Best(c.Events, c.From, c.To, c.Limit)
		p.UseIndex(true)
		got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
		require.Equal(t, found, ok)
		require.Equal(t, want, got)
	})
}

// A person with fifty thousand events in one window costs a few examined events per event, with any exclusions.
func TestCostOfManyEvents(t *testing.T) {
	const n, stages = 50_000, 4
	for name, c := range map[string]struct {
		exclusions []journey.Exclusion
		event      func(i int) journey.Event
	}{
		"enters, and one event is excluded far away": {
			[]journey.Exclusion{{After: "s0", Before: "s1"}},
			func(i int) journey.Event { return journey.Event{Stages: 1, Excluded: uint8(i / (n - 1))} },
		},
		"goes to and fro between two stages, and is excluded after the second": {
			[]journey.Exclusion{{After: "s1", Before: "s2"}},
			func(i int) journey.Event { return journey.Event{Stages: 1 << (i % 2), Excluded: uint8(i / (n - 1))} },
		},
		"is excluded often, but too early": {
			[]journey.Exclusion{{After: "s2", Before: "s3"}},
			func(i int) journey.Event {
				return []journey.Event{{Stages: 1}, {Excluded: 1}, {Stages: 2}}[i%3]
			},
		},
		"comes to the stage before the last again and again": {
			[]journey.Exclusion{{After: "s2", Before: "s3"}, {After: "s0", Before: "s3"}},
			func(i int) journey.Event {
				return []journey.Event{{Stages: 1}, {Stages: 2}, {Stages: 4}, {Excluded: uint8(1 + i/4%2)}}[i%4]
			},
		},
	} {
		for _, on := range []journey.OnExclusion{journey.Discard, journey.Stop} {
			for _, count := range []journey.Count{journey.Customers, journey.Entries} {
				robot := journeytest.Case{Stages: stages, Policy: journeytest.Plain}
				robot.Policy.Window, robot.Policy.Exclusions, robot.Policy.OnExclusion, robot.Policy.Count = time.Hour, c.exclusions, on, count
				p, err := robot.Progression()
				require.NoError(t, err)
				var events []journey.Event
				for i := range n {
					e := c.event(i)
					e.Time, e.Customer = int64(i), true
					events = append(events, e)
				}
				p.All(0, events, 0, n, n, nil)
				require.Less(t, p.Looked(), 20*n, "%s, %s, %s", name, on, count)
			}
		}
	}
}

// Events reach every stage except the last, and stages have a limit since the previous one. Each event costs a few examined events. A further entry
// that cannot reach more stages does not search the window again.
func TestCostOfManyEventsWithin(t *testing.T) {
	const n, stages = 50_000, 5
	for name, stage := range map[string]func(i int) int{
		"every stage in turn": func(i int) int { return i % (stages - 1) },
		"entries alone in the end": func(i int) int {
			if i > n/2 {
				return 0
			}
			return i % (stages - 1)
		},
		"the way back":                 func(i int) int { return stages - 2 - i%(stages-1) },
		"first one stage, then others": func(i int) int { return i / (n / (stages - 1)) },
	} {
		robot := journeytest.Case{Stages: stages, Policy: journeytest.Plain}
		robot.Policy.Window, robot.Policy.Within = time.Hour, []time.Duration{0, 0, n * time.Microsecond / 2, n * time.Microsecond / 3, 5 * time.Microsecond}
		p, err := robot.Progression()
		require.NoError(t, err)
		var events []journey.Event
		for i := range n {
			events = append(events, journey.Event{Time: int64(i), Customer: true, Stages: 1 << stage(i)})
		}
		// The last stage comes too late for all entries. Without its limit, all could reach it.
		events[n-1].Time, events[n-1].Stages = n+10, 1<<(stages-1)
		_, ok := p.Best(events, 0, n, 2*n)
		require.True(t, ok, name)
		require.Less(t, p.Looked(), 50*n, name)
	}
}
