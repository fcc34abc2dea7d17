// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Both orders yield the same events, also in the parts in which a store is filled.
func TestBothOrdersGiveTheSameEvents(t *testing.T) {
	for _, identities := range []bool{false, true} {
		w := New(20_000, identities)
		all := map[Sighting]bool{}
		for list := range w.ByPerson() {
			for _, s := range list {
				all[s] = true
				person, number := CutID(s.ID())
				require.Equal(t, [2]int{s.Person, s.Number}, [2]int{person, number})
			}
		}
		require.Len(t, all, w.Events)
		last := int64(-1)
		for _, span := range [][2]int64{{0, End / 3}, {End / 3, End}} {
			for list := range w.ByTime(span[0], span[1]) {
				for _, s := range list {
					require.True(t, all[s])
					require.True(t, s.At >= max(last, span[0]) && s.At < span[1])
					delete(all, s)
					last = s.At
				}
			}
		}
		require.Empty(t, all)
	}
}

// A simple rule finds the drawn depth in the events: the longest sequence of stages within the window of an entry.
func TestDepthsAreInTheEvents(t *testing.T) {
	w := New(60_000, false)
	var found Answer
	m := newMaker(w)
	for p := range w.Persons {
		events := m.person(p, nil)
		deepest := 0
		for i := range events {
			if events[i].Name != 0 {
				continue
			}
			depth := 1
			for _, later := range events[i+1:] {
				if depth < Stages && int(later.Name) == depth && later.At-events[i].At <= Window {
					depth++
				}
			}
			deepest = max(deepest, depth)
		}
		for s := range deepest {
			found.Reached[s]++
		}
	}
	truth := w.Funnel()
	require.Empty(t, found.Differs(&truth, false))
}

func TestSessionsAndDays(t *testing.T) {
	c := &counts{hops: map[hop]tally{}}
	events := []Sighting{
		{At: 10, Name: 3}, {At: 20, Name: 3}, {At: 100, Name: 4}, {At: 160, Name: 3}, // items: 3 (at 20), 4, 3
		{At: 160 + PathGap, Name: 3}, {At: 170 + PathGap, Name: 5}, // after a gap that ends the session
	}
	c.paths(events)
	require.Equal(t, map[hop]tally{{1, 3, 4}: {1, 80}, {2, 4, 3}: {1, 60}, {1, 3, 5}: {1, 10}}, c.hops)
	c.days([]Sighting{{At: 2*Day + 5}, {At: 3*Day - 1}, {At: 5 * Day}})
	require.Equal(t, [4]int64{1, 0, 0, 1}, [4]int64(c.kept[2][:4]))
	require.Equal(t, "2.3", Average(9, 4), "2.25 is rounded up")
	edges := Shown([]Edge{{Step: 2, Source: "a", Target: "b", Sessions: 9}, {Step: 1, Source: "c", Target: "d", Sessions: 3}})
	require.Equal(t, []Edge{{Step: 1, Source: "c", Target: "d", Sessions: 3}}, edges, "nothing leads to the larger one")
}

// The results of SQL queries are parsed correctly, and each difference from the correct result is reported.
func TestAnswersAreReadAndCompared(t *testing.T) {
	var a Answer
	require.NoError(t, a.Read(FunnelQuestion, "0\t7\n2\t5\n1\t3\n"))
	require.Equal(t, [Stages]int64{8, 5}, a.Reached)
	require.NoError(t, a.Read(RetentionQuestion, "2\t0\t9\n2\t4\t1\n"))
	require.NoError(t, a.Read(PathsQuestion, "1\tCart Viewed\tChat Started\t4\t90\n"))
	require.Equal(t, []Edge{{Step: 1, Source: "Cart Viewed", Target: "Chat Started", Sessions: 4, Average: "22.5"}}, a.Edges)
	for question, text := range []string{"6\t1\n", "31\t0\t1\n", "1\tCart Viewed\tChat Started\t0\t90\n"} {
		require.Error(t, (&Answer{}).Read(question, text), text)
	}
	for why, change := range map[string]func(*Answer){
		"stages":    func(b *Answer) { b.Reached[1]-- },
		"retention": func(b *Answer) { b.Kept[2][4]++ },
		"edge 0":    func(b *Answer) { b.Edges = []Edge{a.Edges[0]}; b.Edges[0].Average = "22.6" },
		"edge 1":    func(b *Answer) { b.Edges = append(b.Edges, Edge{Step: 1}) },
	} {
		b := a
		change(&b)
		require.Contains(t, b.Differs(&a, true), why)
		require.Equal(t, why == "stages", b.Differs(&a, false) != "", why)
	}
	require.Empty(t, a.Differs(&a, true))
}
