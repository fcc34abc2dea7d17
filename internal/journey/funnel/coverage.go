// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Coverage is the share of customer events that the map matches, over the analysed time.
type Coverage struct {
	// Matched and Unmatched count customer events that some touchpoint matches, and that none matches.
	Matched, Unmatched int64
	// Touchpoints counts the events of each touchpoint, in the order of the map.
	Touchpoints []int64
	// byName counts unmatched events by the number of their name in names.
	byName []int64
	names  *journey.Texts
}

// NewCoverage returns empty counts for that many touchpoints. names numbers the names of events.
func NewCoverage(touchpoints int, names *journey.Texts) *Coverage {
	return &Coverage{Touchpoints: make([]int64, touchpoints), names: names}
}

// Add adds a person's events in from <= t <= to, with their touches. It skips the names in ignored. It returns the set of stages with any event.
func (c *Coverage) Add(events []journey.Event, touches []journey.Touch, from, to int64, ignored map[uint32]bool) (stages uint32) {
	if n := len(events); n > 0 && events[0].Time >= from && events[n-1].Time <= to {
		return c.addAll(events, touches, ignored)
	}
	for i := range events {
		if e := &events[i]; e.Time >= from && e.Time <= to {
			stages |= e.Stages
			c.addEvent(e, ignored)
		}
	}
	for _, t := range touches {
		if time := events[t.Event].Time; time >= from && time <= to {
			c.Touchpoints[t.Touchpoint]++
		}
	}
	return stages
}

// addAll adds all events of a person without looking at the times: the common case.
func (c *Coverage) addAll(events []journey.Event, touches []journey.Touch, ignored map[uint32]bool) (stages uint32) {
	for i := range events {
		e := &events[i]
		stages |= e.Stages
		if e.Stages != 0 && e.Customer && len(ignored) == 0 {
			c.Matched++
			continue
		}
		c.addEvent(e, ignored)
	}
	for _, t := range touches {
		c.Touchpoints[t.Touchpoint]++
	}
	return stages
}

func (c *Coverage) addEvent(e *journey.Event, ignored map[uint32]bool) {
	switch {
	case !e.Customer || ignored[e.Name]:
	case e.Stages != 0:
		c.Matched++
	default:
		c.AddUnmatched(e.Name, 1)
	}
}

// AddUnmatched adds n events of a name that no touchpoint matches.
func (c *Coverage) AddUnmatched(name uint32, n int64) {
	c.Unmatched += n
	c.count(name, n)
}

func (c *Coverage) count(name uint32, n int64) {
	for int(name) >= len(c.byName) {
		c.byName = append(c.byName, 0)
	}
	c.byName[name] += n
}

// Merge adds the counts over other persons.
func (c *Coverage) Merge(other *Coverage) {
	c.Matched += other.Matched
	c.Unmatched += other.Unmatched
	for i, n := range other.Touchpoints {
		c.Touchpoints[i] += n
	}
	for name, n := range other.byName {
		if n > 0 {
			c.count(c.names.Number(other.names.Text(uint32(name))), n)
		}
	}
}

// TopUnmatched returns the n names with the most events among those that no touchpoint matches, and equal ones by name. The counts are exact as long
// as a run sees at most MaxNames names; events of further names appear as "other". shown returns the form of a name to show; names with the same form
// are counted together.
func (c *Coverage) TopUnmatched(n int, shown func(string) string) []NameCount {
	counts := map[string]int64{}
	for name, count := range c.byName {
		if count > 0 {
			counts[shown(c.names.Text(uint32(name)))] += count
		}
	}
	return top(counts, n)
}

// NameCount is a count of a name.
type NameCount struct {
	Name  string
	Count int64
}

// top returns the n largest counts, equal ones by name. It leaves the others out.
func top(counts map[string]int64, n int) []NameCount {
	list := make([]NameCount, 0, len(counts))
	for name, count := range counts {
		list = append(list, NameCount{Name: name, Count: count})
	}
	slices.SortFunc(list, func(a, b NameCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return list[:min(n, len(list))]
}
