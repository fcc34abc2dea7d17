// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// If customers are counted, each has one attempt: the best.
func TestCustomersHaveOneAttempt(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := drawMany(t)
		c.Policy.Count = journey.Customers
		p, err := c.Progression()
		require.NoError(t, err)
		p.UseIndex(rapid.Bool().Draw(t, "index"))
		want := []journey.Attempt{}
		if best, ok := p.BestSince(c.From, c.Events, c.From, c.To, c.Limit); ok {
			want = append(want, best)
		}
		got, next := p.All(c.From, c.Events, c.From, c.To, c.Limit, []journey.Attempt{})
		require.Equal(t, c.To, next)
		require.Equal(t, want, got)
	})
}

// steps returns events from letters, one per instant: a to d are stages, A to D match that stage and the next one, x is a customer event that matches
// no stage, m the same of a machine, and ! is excluded.
func steps(letters string) []journey.Event {
	var events []journey.Event
	for i, l := range letters {
		e := journey.Event{Time: int64(i), Customer: l != 'm'}
		switch {
		case l >= 'a' && l <= 'd':
			e.Stages = 1 << (l - 'a')
		case l >= 'A' && l <= 'D':
			e.Stages = 3 << (l - 'A')
		case l == '!':
			e.Excluded = 1
		}
		events = append(events, e)
	}
	return events
}

// A person enters again after an attempt has ended: by conversion, by another event in a strict order, by an excluded event, or because its window
// has ended.
func TestEntriesOneAfterAnother(t *testing.T) {
	const window = 5
	for name, tt := range map[string]struct {
		order      journey.Order
		entry      journey.Entry
		exclusions []journey.Exclusion
		letters    string
		want       []int64
		next       int64
	}{
		"after a conversion":              {journey.Ordered, journey.First, nil, "aabcaabc", []int64{0, 4}, 100},
		"not while it continues":          {journey.Ordered, journey.First, nil, "abaaac", []int64{0}, 100},
		"after its time":                  {journey.Ordered, journey.First, nil, "aaaaaaa", []int64{0, 6}, 100},
		"each one, when the best counts":  {journey.Ordered, journey.Best, nil, "aab", []int64{0, 1}, 100},
		"after another event":             {journey.Strict, journey.First, nil, "aAa", []int64{0, 2}, 100},
		"after what the attempt had":      {journey.Strict, journey.First, nil, "abxa", []int64{0, 3}, 100},
		"an excluded event discards":      {journey.Ordered, journey.First, []journey.Exclusion{{After: "s0", Before: "s1"}}, "aa!a", []int64{3}, 100},
		"and what follows begins another": {journey.Ordered, journey.First, []journey.Exclusion{{After: "s0", Before: "s1"}}, "a!ab", []int64{2}, 100},
		"at the last instant of the data": {journey.Ordered, journey.First, nil, "abcxxxa", []int64{0, 6}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
			c.Policy.Order, c.Policy.Entry, c.Policy.Exclusions, c.Policy.Count = tt.order, tt.entry, tt.exclusions, journey.Entries
			c.Policy.OnExclusion = journey.Discard
			c.Policy.Window = window * time.Microsecond
			for _, index := range []bool{true, false} {
				p, err := c.Progression()
				require.NoError(t, err)
				p.UseIndex(index)
				events := steps(tt.letters)
				all, _ := p.All(0, events, 0, tt.next, int64(len(events)-1), nil)
				var entries []int64
				for _, a := range all {
					entries = append(entries, a.Entry)
				}
				require.Equal(t, tt.want, entries)
			}
		})
	}
}

// The search of ClickHouse's windowFunnel, with its special rules.
func TestCompat(t *testing.T) {
	const (
		order, once, rise  = journey.StrictOrder, journey.StrictDeduplication, journey.StrictIncrease
		shared, mayReenter = journey.SharedEvents, journey.AllowReentry
	)
	rules := func(list ...journey.Compat) []journey.Compat { return list }
	for name, tt := range map[string]struct {
		rules   []journey.Compat
		letters string
		want    int
	}{
		"strict order":                                 {rules(order), "abcd", 4},
		"a stage that comes too early ends it":         {rules(order), "acbd", 1},
		"an event of no stage ends it":                 {rules(order), "abxcd", 2},
		"one that no customer did does not":            {rules(order), "abmcd", 4},
		"nor does one before the first stage":          {rules(order), "xabcd", 4},
		"repeats of later stages are skipped":          {rules(order), "abbcd", 4},
		"a repeat of the first before the second, too": {rules(order), "aabcd", 4},
		"the first stage again ends it":                {rules(order), "abacd", 2},
		"unless it may be entered again":               {rules(order, mayReenter), "abacd", 4},
		"later stages may repeat":                      {rules(rise), "abbccd", 4},
		"but not when each counts once":                {rules(once), "abbcd", 2},
		"the event before the repeat gives the stage":  {rules(once), "abcbd", 3},
		"the first stage may repeat":                   {rules(once), "aabcd", 4},
		"others come in between":                       {rules(rise), "axbxcxd", 4},
		"the order is kept":                            {rules(rise), "adcb", 2},
		"an event is one stage":                        {rules(rise), "Ad", 1},
		"an event may be two":                          {rules(shared), "Ac", 3},
		"nothing begins without the first stage":       {rules(rise), "bcd", 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := journeytest.Case{Stages: 4, Policy: journeytest.Plain}
			c.Policy.Compat, c.Policy.Window = tt.rules, 50*time.Microsecond
			p, err := c.Progression()
			require.NoError(t, err)
			best, ok := p.Best(steps(tt.letters), 0, 100, 100)
			require.Equal(t, tt.want > 0, ok)
			require.Equal(t, tt.want, best.Depth())
		})
	}
}

// Each event continues the chain with the latest entry that it fits, also at the last instant of the window.
func TestCompatWindow(t *testing.T) {
	c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
	c.Policy.Compat, c.Policy.Window = []journey.Compat{journey.StrictIncrease}, 3*time.Microsecond
	p, err := c.Progression()
	require.NoError(t, err)
	depth := func(letters string, from, to, limit int64) int {
		best, _ := p.Best(steps(letters), from, to, limit)
		return best.Depth()
	}
	require.Equal(t, 3, depth("axbc", 0, 100, 100))
	require.Equal(t, 2, depth("axbxc", 0, 100, 100), "a step too late")
	require.Equal(t, 3, depth("aaabxc", 0, 100, 100), "counted from the last entry")
	require.Equal(t, 2, depth("abc", 0, 100, 1), "nothing after the limit")
	require.Equal(t, 0, depth("abc", 1, 100, 100), "nothing before the range")
	require.Equal(t, 1, depth("xab", 0, 2, 1))
	require.Equal(t, 0, depth("xab", 0, 1, 100), "no entry at its end")
	tie := []journey.Event{{Time: 1, Stages: 2}, {Time: 1, Stages: 1}, {Time: 1, Stages: 4}}
	best, ok := p.Best(tie, 0, 100, 100)
	require.True(t, ok)
	require.Equal(t, 1, best.Depth(), "each stage at a later instant")
	later := append([]journey.Event{{Time: 0}}, tie...)
	best, ok = p.Best(later, 0, 100, 100)
	require.True(t, ok)
	require.Equal(t, 1, best.Depth(), "whatever was before")
	c.Policy.Compat = []journey.Compat{journey.StrictDeduplication}
	p, err = c.Progression()
	require.NoError(t, err)
	best, ok = p.Best(tie, 0, 100, 100)
	require.True(t, ok)
	require.Equal(t, 3, best.Depth(), "simultaneous events in the order of the stages")
	require.Equal(t, []int32{1, 0, 2}, best.Event[:3])
}
