// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Between says what a Transitions goes between.
type Between string

// The choices of Between.
const (
	BetweenEvents      Between = "Events"
	BetweenStages      Between = "Stages"
	BetweenTouchpoints Between = "Touchpoints"
	BetweenChannels    Between = "Channels"
)

// Transitions is the matrix of what follows what, with where paths start and end: the share of all steps from an item that lead to each
// other one. A path is all that a customer did in the period, or one session of it.
type Transitions struct {
	// Event lists the events that are considered.
	Event []journey.Match
	// Between says what an item is; events that are none are passed over.
	Between Between
	// SessionGap between two events ends a path; 0 for none.
	SessionGap time.Duration
	// Collapse takes repeats of an item in a row as one.
	Collapse bool
}

// MaxTransitions is the number of different steps that one run keeps apart; further ones are left out and counted.
const MaxTransitions = 100_000

// Names of the ends of a path.
const (
	PathStart = "(start)"
	PathEnd   = "(end)"
)

// Matches lists the events that it looks at, by role.
func (t Transitions) Matches() [][]journey.Match { return [][]journey.Match{t.Event} }

// Since is the time from which on it needs events.
func (t Transitions) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom }

// Read notes what it needs of an event.
func (t Transitions) Read(v *match.Values, _ uint8, h *metric.Hit) {
	var item string
	switch t.Between {
	case BetweenEvents:
		item = v.Row.Name
	case BetweenChannels:
		item = v.Row.Channel
	case BetweenTouchpoints:
		item = v.Touchpoint()
	case BetweenStages:
		item = v.Stage()
	}
	if h.Usable = item != ""; h.Usable {
		h.Text = v.Texts.Number(item)
	}
}

// NewSums returns empty sums; an error names the field that is wrong.
func (t Transitions) NewSums(c *metric.Context) (metric.Sums, error) {
	switch t.Between {
	case BetweenEvents, BetweenStages, BetweenTouchpoints, BetweenChannels:
	default:
		return nil, fmt.Errorf("transitions.between: unsupported value %q", t.Between)
	}
	s := &TransitionSums{
		transitions: t, texts: c.Texts, gap: t.SessionGap.Microseconds(), steps: map[[2]uint32]*stepSums{}, order: map[string]int{},
		start: c.Texts.Number(PathStart), end: c.Texts.Number(PathEnd),
	}
	for i, stage := range c.Map.Stages {
		s.order[stage.Name] = i
	}
	return s, nil
}

// TransitionSums counts the steps of a Transitions.
type TransitionSums struct {
	// Paths with at least one item.
	Paths int64
	// LeftOut is the number of steps beyond MaxTransitions different ones.
	LeftOut int64

	transitions Transitions
	texts       *journey.Texts
	gap         int64
	start, end  uint32
	order       map[string]int // of the stages
	steps       map[[2]uint32]*stepSums

	// of the person at hand
	at       uint32
	open     bool
	last     int64
	customer uint64
}

type stepSums struct {
	times, customers int64
	lastCustomer     uint64
	counted          bool
}

// Step is one step as it is shown.
type Step struct {
	From, To string
	// Kind is entry, next, skip, return, repeat or exit between stages; else entry, step, repeat or exit.
	Kind string
	// Times the step was taken, by so many Customers.
	Times, Customers int64
	// OfAll are the steps from the same item.
	OfAll int64
}

// AddPerson adds a person.
func (s *TransitionSums) AddPerson(v *metric.View) {
	s.customer, s.open = v.Person.ID, false
	for i := range v.Hits {
		h := &v.Hits[i]
		if !h.Usable || !v.InPeriod(h.Time) {
			continue
		}
		if s.open && s.gap > 0 && h.Time-s.last >= s.gap {
			s.finish()
		}
		if !s.open {
			s.Paths++
			s.at, s.open = s.start, true
		}
		s.last = h.Time
		if !s.transitions.Collapse || s.at != h.Text {
			s.step(s.at, h.Text)
		}
		s.at = h.Text
	}
	if s.open {
		s.finish()
	}
}

func (s *TransitionSums) finish() {
	s.step(s.at, s.end)
	s.open = false
}

// step counts a step of the customer at hand.
func (s *TransitionSums) step(from, to uint32) {
	sums := s.sums(from, to, 1)
	if sums == nil {
		return
	}
	sums.times++
	if !sums.counted || sums.lastCustomer != s.customer {
		sums.customers++
		sums.counted, sums.lastCustomer = true, s.customer
	}
}

func (s *TransitionSums) sums(from, to uint32, times int64) *stepSums {
	key := [2]uint32{from, to}
	sums := s.steps[key]
	if sums == nil {
		if len(s.steps) >= MaxTransitions {
			s.LeftOut += times
			return nil
		}
		sums = &stepSums{}
		s.steps[key] = sums
	}
	return sums
}

// Merge adds the steps of other persons.
func (s *TransitionSums) Merge(other metric.Sums) {
	o := other.(*TransitionSums)
	s.Paths += o.Paths
	s.LeftOut += o.LeftOut
	for key, sums := range o.steps {
		here := s.sums(s.texts.Number(o.texts.Text(key[0])), s.texts.Number(o.texts.Text(key[1])), sums.times)
		if here != nil {
			here.times += sums.times
			here.customers += sums.customers
		}
	}
}

// Steps returns the steps, by their source (the start first, then as the map has the stages, else by times) and the most frequent first.
func (s *TransitionSums) Steps() []Step {
	from := map[string]int64{}
	var list []Step
	for key, sums := range s.steps {
		step := Step{From: s.texts.Text(key[0]), To: s.texts.Text(key[1]), Times: sums.times, Customers: sums.customers}
		step.Kind = s.kind(step.From, step.To)
		from[step.From] += sums.times
		list = append(list, step)
	}
	for i := range list {
		list[i].OfAll = from[list[i].From]
	}
	slices.SortFunc(list, func(a, b Step) int {
		return cmp.Or(cmp.Compare(s.rank(a.From), s.rank(b.From)), cmp.Compare(b.OfAll, a.OfAll), cmp.Compare(a.From, b.From),
			cmp.Compare(b.Times, a.Times), cmp.Compare(a.To, b.To))
	})
	return list
}

// rank puts the start before everything, and stages in their order.
func (s *TransitionSums) rank(from string) int {
	if from == PathStart {
		return -1
	}
	if s.transitions.Between == BetweenStages {
		return s.order[from]
	}
	return 0
}

// kind says what a step means.
func (s *TransitionSums) kind(from, to string) string {
	switch {
	case from == PathStart:
		return "entry"
	case to == PathEnd:
		return "exit"
	case from == to:
		return "repeat"
	case s.transitions.Between != BetweenStages:
		return "step"
	}
	switch by := s.order[to] - s.order[from]; {
	case by < 0:
		return "return"
	case by == 1:
		return "next"
	}
	return "skip"
}

// Grid has one row for each step that was taken.
func (s *TransitionSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.Paths, LeftOut: s.LeftOut, Columns: []metric.Column{
		{Name: "from", Unit: "text"}, {Name: "to", Unit: "text"}, {Name: "kind", Unit: "text"},
		{Name: "times", Unit: metric.UnitCount}, {Name: "probability", Unit: metric.UnitRatio}, {Name: "customers", Unit: metric.UnitCount},
	}}
	for _, t := range s.Steps() {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{
			t.From, t.To, t.Kind, number.Whole(t.Times), number.Ratio(t.Times, t.OfAll), number.Whole(t.Customers),
		}})
	}
	return g
}
