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

// Between is the kind of item of a Transitions.
type Between string

// The values of Between.
const (
	BetweenEvents      Between = "Events"
	BetweenStages      Between = "Stages"
	BetweenTouchpoints Between = "Touchpoints"
	BetweenChannels    Between = "Channels"
)

// Transitions is the matrix of transitions between items, including where paths start and end. It holds the share of all steps from an item that lead
// to each other item. A path is everything that a customer did in the period, or one of their sessions.
type Transitions struct {
	// Event lists the events to consider.
	Event []journey.Match
	// Between is the kind of item. Events without such an item are skipped.
	Between Between
	// SessionGap is the time between two events that ends a path; 0 for none.
	SessionGap time.Duration
	// Collapse counts consecutive repeats of an item as one.
	Collapse bool
}

// MaxTransitions is the number of distinct steps that one run keeps. Any further ones are left out and counted.
const MaxTransitions = 100_000

// Names of the ends of a path.
const (
	PathStart = "(start)"
	PathEnd   = "(end)"
)

// Matches lists the events by role.
func (t Transitions) Matches() [][]journey.Match { return [][]journey.Match{t.Event} }

// Since returns the time from which the metric needs events.
func (t Transitions) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom }

// Read records what the metric needs of an event.
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

// NewSums returns empty sums. An error names the invalid field.
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
	// LeftOut is the number of steps beyond MaxTransitions distinct ones.
	LeftOut int64

	transitions Transitions
	texts       *journey.Texts
	gap         int64
	start, end  uint32
	order       map[string]int // of the stages
	steps       map[[2]uint32]*stepSums

	// of the current person
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

// Step is one step to show.
type Step struct {
	From, To string
	// Kind is entry, next, skip, return, repeat or exit between stages, and entry, step, repeat or exit otherwise.
	Kind string
	// Times is how often the step was taken, and Customers by how many customers.
	Times, Customers int64
	// OfAll is the number of steps from the same item.
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

// step counts a step of the current customer.
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

// Steps returns the steps, ordered by their source (the start first, then stages in the order of the map, anything else by frequency), the most frequent first.
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

// rank orders the start before everything else, and stages as in the map.
func (s *TransitionSums) rank(from string) int {
	if from == PathStart {
		return -1
	}
	if s.transitions.Between == BetweenStages {
		return s.order[from]
	}
	return 0
}

// kind returns the meaning of a step.
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

// Grid returns one row for each step that was taken.
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
