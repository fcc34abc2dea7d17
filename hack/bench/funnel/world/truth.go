// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import "iter"

// Funnel returns the correct result without retention and paths. It follows from the construction of the world, without counting events.
func (w World) Funnel() Answer {
	var a Answer
	for p := range w.Persons {
		for s := range depthOf(p) {
			a.Reached[s]++
		}
	}
	return a
}

// Truth returns the complete correct result. Retention and paths are counted by simple code that no engine shares.
func (w World) Truth() Answer {
	a := w.Funnel()
	edges := map[hop]tally{}
	for _, part := range inParts(w, count) {
		for i := range part.kept {
			for j, n := range part.kept[i] {
				a.Kept[i][j] += n
			}
		}
		for h, t := range part.hops {
			edges[h] = tally{edges[h].sessions + t.sessions, edges[h].seconds + t.seconds}
		}
	}
	for h, t := range edges {
		a.Edges = append(a.Edges, Edge{
			Step: h.step, Source: Names[h.from], Target: Names[h.to], Sessions: t.sessions, Average: Average(t.seconds, t.sessions),
		})
	}
	a.Edges = Shown(a.Edges)
	return a
}

// counts of a part of the persons.
type counts struct {
	kept [Cohorts][Cohorts]int64
	hops map[hop]tally
}

// hop is an edge from one item to the next, with the position of the first one.
type hop struct {
	step     int
	from, to uint8
}

type tally struct{ sessions, seconds int64 }

func count(part iter.Seq[[]Sighting]) *counts {
	c := &counts{hops: map[hop]tally{}}
	for list := range part {
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].Person == list[0].Person {
				n++
			}
			c.days(list[:n])
			c.paths(list[:n])
			list = list[n:]
		}
	}
	return c
}

// days counts the days on which a person was active, relative to their first day.
func (c *counts) days(events []Sighting) {
	var came [Days + 1]bool
	for i := range events {
		came[events[i].At/Day] = true
	}
	first := events[0].At / Day
	for day, yes := range came {
		if yes {
			c.kept[first][int64(day)-first]++
		}
	}
}

// paths divides the events of a person into sessions.
func (c *counts) paths(events []Sighting) {
	begin := 0
	for i := 1; i <= len(events); i++ {
		if i == len(events) || events[i].At-events[i-1].At >= PathGap {
			c.session(events[begin:i])
			begin = i
		}
	}
}

// session counts the hops of a session. Consecutive events of one name are one item, with the time of the last one.
func (c *counts) session(events []Sighting) {
	var items []Sighting
	for i := range events {
		if i == len(events)-1 || events[i+1].Name != events[i].Name {
			items = append(items, events[i])
		}
	}
	for i := 1; i < len(items) && i < PathSteps; i++ {
		h := hop{step: i, from: items[i-1].Name, to: items[i].Name}
		t := c.hops[h]
		c.hops[h] = tally{t.sessions + 1, t.seconds + items[i].At - items[i-1].At}
	}
}
