// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package order proposes the stages of a map: the order of events in which customers usually meet them for the first time. docs/init.md defines the rule.
package order

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

const (
	// MaxStages is the number of proposed stages.
	MaxStages = 8
	// agree is how many of 100 customers must have met two stages in the order of the map, of those who met both.
	agree = 60
	// rare is the share of customers, one in so many, below which an event is no stage.
	rare = 100
)

// Never is the time of an event that a customer did not meet.
const Never = int64(-1 << 63)

// Windows are the times that are counted between two events.
var Windows = []time.Duration{
	time.Hour, 6 * time.Hour, 24 * time.Hour, 48 * time.Hour, 72 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 30 * 24 * time.Hour,
	60 * 24 * time.Hour, 90 * 24 * time.Hour,
}

// Event is a name with what is known of its events.
type Event struct {
	Name string
	// Events of that name, and the customers who met it.
	Events, Customers int64
	// ByOthers counts events that the brand or a system did, Untracked those that only say who somebody is, and Amounts those with an amount.
	ByOthers, Untracked, Amounts int64
}

// LeftOut is an event that is not proposed as a stage.
type LeftOut struct {
	Event
	Why string
}

// Candidates returns the events that can be stages, those of most customers first, and the others. customers is the number of all customers.
func Candidates(all []Event, customers int64, unsuitable func(name string) string) (in []Event, out []LeftOut) {
	list := slices.Clone(all)
	slices.SortFunc(list, compare)
	for _, e := range list {
		why := unsuitable(e.Name)
		switch {
		case why != "":
		case 2*e.Untracked > e.Events:
			why = "it says who somebody is, not what they did"
		case 2*e.ByOthers > e.Events:
			why = "the brand or a system does it, not the customer"
		case e.Customers*rare < customers:
			why = "fewer than one in 100 customers met it"
		case len(in) == MaxEvents:
			why = fmt.Sprintf("%d events have more customers", MaxEvents)
		}
		if why != "" {
			out = append(out, LeftOut{e, why})
			continue
		}
		in = append(in, e)
	}
	return in, out
}

// compare puts the event of more customers first.
func compare(a, b Event) int {
	return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
}

// Pairs counts customers by the order in which they met two events for the first time.
type Pairs struct {
	// before[a][b] met a before b, same[a][b] at the same time.
	before, same [][]int64
	// within[a][b][w] took at most Windows[w] from a to b.
	within [][][]int64
}

// NewPairs returns the counts for n events.
func NewPairs(n int) *Pairs {
	p := &Pairs{before: make([][]int64, n), same: make([][]int64, n), within: make([][][]int64, n)}
	for i := range n {
		p.before[i], p.same[i], p.within[i] = make([]int64, n), make([]int64, n), make([][]int64, n)
		for j := range n {
			p.within[i][j] = make([]int64, len(Windows))
		}
	}
	return p
}

// Add counts a customer. times are those of the first events in microseconds, or Never.
func (p *Pairs) Add(times []int64) {
	for a, at := range times {
		for b, later := range times {
			switch {
			case a == b || at == Never || later == Never || at > later:
			case at == later:
				p.same[a][b]++
			default:
				p.before[a][b]++
				for w := len(Windows) - 1; w >= 0 && later-at <= Windows[w].Microseconds(); w-- {
					p.within[a][b][w]++
				}
			}
		}
	}
}

// Both returns the number of customers who met both events.
func (p *Pairs) Both(a, b int) int64 { return p.before[a][b] + p.before[b][a] + p.same[a][b] }

// Before returns the number of customers who met a before b.
func (p *Pairs) Before(a, b int) int64 { return p.before[a][b] }

// Window returns the shortest of Windows in which at least nine of ten customers went from a to b; the longest if it takes more of them longer.
func (p *Pairs) Window(a, b int) time.Duration {
	for w, n := range p.within[a][b] {
		if 10*n >= 9*p.before[a][b] {
			return Windows[w]
		}
	}
	return Windows[len(Windows)-1]
}

// in returns the counts of some of the events.
func (p *Pairs) in(events []int) [][]int64 {
	out := make([][]int64, len(events))
	for i, a := range events {
		out[i] = make([]int64, len(events))
		for j, b := range events {
			out[i][j] = p.before[a][b]
		}
	}
	return out
}
