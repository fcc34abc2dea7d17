// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// stretch is a part of the journey, from one stage to a later one. In the order Any stages have no order, so a stage means its position: the second
// stage of the map is whichever stage a customer reached second.
type stretch struct {
	from, to int
	goal     bool // no stage was named: customers who converted have passed
}

// stretchOf returns the stretch between two stages by name; empty means the first stage and the goal.
func stretchOf(m *journey.Map, from, to string) (s stretch, err error) {
	s = stretch{goal: to == ""}
	for i := range m.Stages {
		if !m.Stages[i].Optional {
			s.to = i
		}
	}
	if from != "" {
		if s.from, err = m.StageNamed(from); err != nil {
			return s, fmt.Errorf("from: %w", err)
		}
	}
	if to != "" {
		if s.to, err = m.StageNamed(to); err != nil {
			return s, fmt.Errorf("to: %w", err)
		}
	}
	if s.from > s.to {
		return s, fmt.Errorf("to: stage %q does not come after %q", m.Stages[s.to].Name, m.Stages[s.from].Name)
	}
	return s, nil
}

func (s *stretch) entered(a *journey.Attempt, p journey.Policy) bool {
	if p.Order == journey.AnyOrder {
		return a.Depth() > s.from
	}
	return a.Has(s.from)
}

func (s *stretch) passed(a *journey.Attempt, p journey.Policy) bool {
	if p.Order == journey.AnyOrder {
		return a.Depth() > s.to
	}
	return a.Has(s.to) && a.Has(s.from)
}

// duration returns the time that an attempt took for the stretch, in microseconds. It is 0 if a grace let the later stage come first. ok reports
// whether the attempt passed both stages.
func (s *stretch) duration(a *journey.Attempt, events []journey.Event, p journey.Policy) (micros int64, ok bool) {
	if !s.passed(a, p) {
		return 0, false
	}
	if p.Order != journey.AnyOrder {
		return max(0, events[a.Event[s.to]].Time-events[a.Event[s.from]].Time), true
	}
	var times [journey.MaxStages]int64
	n := 0
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		times[n] = events[a.Event[bits.TrailingZeros32(rest)]].Time
		n++
	}
	slices.Sort(times[:n])
	return times[s.to] - times[s.from], true
}
