// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Coverage tells how much of what customers do the map knows, over the analysed time.
type Coverage struct {
	// Matched and Unmatched customer events: those that some touchpoint matches, and those that none does.
	Matched, Unmatched int64
	// Touchpoints counts the events of each touchpoint, in the order of the map.
	Touchpoints []int64
	// byName counts unmatched events by the number of their name in names.
	byName []int64
	names  *Texts
}

func newCoverage(touchpoints int, names *Texts) *Coverage {
	return &Coverage{Touchpoints: make([]int64, touchpoints), names: names}
}

// add takes a person's events in from <= t <= to; ignored says which names do not count.
func (c *Coverage) add(p *Person, from, to int64, ignored map[uint32]bool) (stages uint32) {
	if n := len(p.Events); n > 0 && p.Events[0].Time >= from && p.Events[n-1].Time <= to {
		return c.addAll(p, ignored)
	}
	for i := range p.Events {
		if e := &p.Events[i]; e.Time >= from && e.Time <= to {
			stages |= e.Stages
			c.addEvent(e, ignored)
		}
	}
	for _, t := range p.Touches {
		if time := p.Events[t.Event].Time; time >= from && time <= to {
			c.Touchpoints[t.Touchpoint]++
		}
	}
	return stages
}

// addAll takes all events of a person: the common case needs no look at the times.
func (c *Coverage) addAll(p *Person, ignored map[uint32]bool) (stages uint32) {
	for i := range p.Events {
		e := &p.Events[i]
		stages |= e.Stages
		if e.Stages != 0 && e.Customer && len(ignored) == 0 {
			c.Matched++
			continue
		}
		c.addEvent(e, ignored)
	}
	for _, t := range p.Touches {
		c.Touchpoints[t.Touchpoint]++
	}
	return stages
}

func (c *Coverage) addEvent(e *Event, ignored map[uint32]bool) {
	switch {
	case !e.Customer || ignored[e.Name]:
	case e.Stages != 0:
		c.Matched++
	default:
		c.Unmatched++
		c.count(e.Name, 1)
	}
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

// TopUnmatched gives the names that no touchpoint matches with most events, at most n, equal ones by name. The counts are exact while
// a run sees at most MaxNames names; events of further names appear as "other". shown gives a name as it may be shown, and those that are shown
// alike are counted together.
func (c *Coverage) TopUnmatched(n int, shown func(string) string) []NameCount {
	counts := map[string]int64{}
	for name, count := range c.byName {
		if count > 0 {
			counts[shown(c.names.Text(uint32(name)))] += count
		}
	}
	return top(counts, n)
}
