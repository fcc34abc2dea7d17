// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package order

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// customers draws the times of the first events of customers, often equal or missing.
func customers(t *rapid.T, events int) [][]int64 {
	time := rapid.OneOf(rapid.Just(Never), rapid.Int64Range(0, 4))
	return rapid.SliceOfN(rapid.SliceOfN(time, events, events), 0, 12).Draw(t, "customers")
}

func pairsOf(list [][]int64, events int) *Pairs {
	p := NewPairs(events)
	for _, times := range list {
		p.Add(times)
	}
	return p
}

// disagreements counts the pairs of first events that customers met the other way round, from the definition.
func disagreements(list [][]int64, order []int) (n int) {
	for _, times := range list {
		for i, a := range order {
			for _, b := range order[i+1:] {
				if times[a] != Never && times[b] != Never && times[b] < times[a] {
					n++
				}
			}
		}
	}
	return n
}

// permutations calls f with all orders, sorted.
func permutations(n int, f func([]int)) {
	var extend func(order []int)
	extend = func(order []int) {
		if len(order) == n {
			f(order)
		}
		for e := range n {
			if !slices.Contains(order, e) {
				extend(append(slices.Clone(order), e))
			}
		}
	}
	extend(nil)
}

// The order has the fewest disagreements of all orders, and is the first of those that have as few.
func TestMedianIsTheBestOfAllOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "events")
		list := customers(t, n)
		var best []int
		least := -1
		permutations(n, func(order []int) {
			if d := disagreements(list, order); least < 0 || d < least {
				best, least = order, d
			}
		})
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		require.Equal(t, best, median(pairsOf(list, n).in(all)))
	})
}

func TestMedianOfNoEventAndOfManyEvents(t *testing.T) {
	require.Empty(t, median(nil))
	p := NewPairs(MaxEvents)
	times := make([]int64, MaxEvents)
	for i := range times {
		times[i] = int64(MaxEvents - i)
	}
	p.Add(times)
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	order := median(p.in(all))
	slices.Reverse(order)
	require.Equal(t, all, order)
}

// named returns events that as many customers met as did.
func named(list [][]int64, n int) []Event {
	out := make([]Event, n)
	for e := range out {
		out[e].Name = fmt.Sprintf("e%d", e)
		for _, times := range list {
			if times[e] != Never {
				out[e].Events++
				out[e].Customers++
			}
		}
	}
	return out
}

// What is proposed holds: each pair of stages has the agreement of enough customers, each stage is linked to another one, nothing is lost, and neither the
// order of the customers nor the numbers of the events matter.
func TestStagesHoldWhatTheRuleSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, MaxEvents).Draw(t, "events")
		list := customers(t, n)
		events := named(list, n)
		slices.SortFunc(events, compare)
		sorted := func(list [][]int64) [][]int64 { // the columns follow the events
			out := make([][]int64, len(list))
			for i, times := range list {
				for _, e := range events {
					var from int
					_, err := fmt.Sscanf(e.Name, "e%d", &from)
					require.NoError(t, err)
					out[i] = append(out[i], times[from])
				}
			}
			return out
		}
		list = sorted(list)
		p := pairsOf(list, n)
		stages, out := Stages(events, p)
		require.Len(t, events, len(stages)+len(out))
		require.NotEmpty(t, stages)
		require.LessOrEqual(t, len(stages), MaxStages)
		for i, a := range stages {
			for _, b := range stages[i+1:] {
				both, first := 0, 0
				for _, times := range list {
					if times[a] != Never && times[b] != Never {
						both++
						if times[a] < times[b] {
							first++
						}
					}
				}
				require.GreaterOrEqual(t, 100*first, 60*both, "%v: %d before %d", stages, a, b)
			}
		}
		for _, l := range out {
			require.NotEmpty(t, l.Why)
		}
		if len(stages) > 1 {
			second, led := 0, 0
			for _, times := range list {
				if times[stages[1]] == Never {
					continue
				}
				second++
				if times[stages[0]] != Never && times[stages[0]] < times[stages[1]] {
					led++
				}
			}
			require.GreaterOrEqual(t, 2*led, second, "the journey begins with its first stage")
		}
		slices.Reverse(list)
		again, _ := Stages(events, pairsOf(list, n))
		require.Equal(t, stages, again)
	})
}

func TestEventsWithoutAPlaceAreLeftOut(t *testing.T) {
	// Search comes before and after the cart, login at the time of the order, and the club card belongs to other customers.
	events := []Event{{Name: "view"}, {Name: "cart"}, {Name: "search"}, {Name: "order"}, {Name: "login"}, {Name: "card"}}
	p := NewPairs(len(events))
	for i := range 10 {
		search := int64(1 + 2*(i%2)) // cart is at 2
		p.Add([]int64{0, 2, search, 5, 5, Never})
	}
	p.Add([]int64{Never, Never, Never, Never, Never, 7})
	stages, out := Stages(events, p)
	require.Equal(t, []int{0, 1, 3}, stages)
	why := map[string]string{}
	for _, l := range out {
		why[l.Name] = l.Why
	}
	require.Equal(t, map[string]string{
		"card":   "no customer met it and the event of another stage, so its place is unknown",
		"login":  `10 of 10 customers met it at the same time as "order"`,
		"search": `it has no fixed place: of 10 customers who met it and "cart", 5 met it first and 5 second`,
	}, why)
}

func TestWhatMostCustomersSkip(t *testing.T) {
	events := []Event{{Name: "view", Customers: 10}, {Name: "order", Customers: 10}, {Name: "mail", Customers: 3}, {Name: "coupon", Customers: 3}}
	p := NewPairs(len(events))
	for i := range 10 {
		mail, coupon := Never, Never
		if i < 3 {
			mail, coupon = 0, 2
		}
		p.Add([]int64{1, 3, mail, coupon})
	}
	stages, out := Stages(events, p)
	require.Equal(t, []int{0, 3, 1}, stages)
	require.Equal(t, []LeftOut{{events[2], `the journey does not begin with it: of 10 customers who met "view", 3 met it before`}}, out)
	optional := []bool{}
	for i := range stages {
		optional = append(optional, Optional(events, stages, i, p))
	}
	require.Equal(t, []bool{false, true, false}, optional)
}

func TestCandidates(t *testing.T) {
	all := []Event{
		{Name: "rare", Events: 9, Customers: 9}, {Name: "sent", Events: 500, Customers: 500, ByOthers: 400}, {Name: "who", Events: 300, Customers: 300, Untracked: 300},
		{Name: "jane@example.com", Events: 100, Customers: 100},
	}
	for i := range MaxEvents + 1 {
		all = append(all, Event{Name: fmt.Sprintf("e%02d", i), Events: 50, Customers: 50})
	}
	in, out := Candidates(all, 1000, func(name string) string {
		if name == "jane@example.com" {
			return "hidden"
		}
		return ""
	})
	require.Len(t, in, MaxEvents)
	require.Equal(t, "e00", in[0].Name)
	var why []string
	for _, l := range out {
		why = append(why, l.Name+": "+l.Why)
	}
	require.Equal(t, []string{
		"sent: the brand or a system does it, not the customer", "who: it says who somebody is, not what they did", "jane@example.com: hidden",
		"e12: 12 events have more customers", "rare: fewer than one in 100 customers met it",
	}, why)
}

func TestWindow(t *testing.T) {
	p := NewPairs(2)
	for i := range 10 {
		p.Add([]int64{0, (time.Duration(i) * 10 * time.Hour).Microseconds()})
	}
	require.Equal(t, int64(9), p.Before(0, 1))
	require.Equal(t, 7*24*time.Hour, p.Window(0, 1))
	p.Add([]int64{0, (1000 * 24 * time.Hour).Microseconds()})
	p.Add([]int64{0, (1000 * 24 * time.Hour).Microseconds()})
	require.Equal(t, 90*24*time.Hour, p.Window(0, 1))
}
