// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// DrawPolicy draws a policy without special rules, with one of the given orders and a window of a few microseconds.
func DrawPolicy(t *rapid.T, orders ...journey.Order) journey.Policy {
	return journey.Policy{
		Order:       rapid.SampledFrom(orders).Draw(t, "order"),
		Window:      time.Duration(rapid.IntRange(1, 9).Draw(t, "window")) * time.Microsecond,
		Entry:       rapid.SampledFrom([]journey.Entry{journey.Best, journey.First}).Draw(t, "entry"),
		Ties:        rapid.SampledFrom([]journey.Ties{journey.EitherOrder, journey.Exact}).Draw(t, "ties"),
		Conversions: journey.InWindow,
	}
}

// DrawCase draws a small person with a short time range, so that ties and events of two stages are common.
func DrawCase(t *rapid.T, orders ...journey.Order) Case {
	c := Case{Stages: rapid.IntRange(2, 4).Draw(t, "stages"), Policy: DrawPolicy(t, orders...)}
	if rapid.Bool().Draw(t, "hasOptional") {
		c.Optional = uint32(rapid.IntRange(0, 1<<c.Stages-1).Draw(t, "optional")) &^ 1
	}
	draw := rapid.Custom(func(t *rapid.T) journey.Event {
		e := journey.Event{Time: int64(rapid.Uint8Range(0, 7).Draw(t, "time")), Customer: rapid.IntRange(0, 3).Draw(t, "who") > 0}
		if rapid.IntRange(0, 2).Draw(t, "many") == 2 {
			e.Stages = uint32(rapid.IntRange(0, 1<<c.Stages-1).Draw(t, "mask"))
		} else {
			e.Stages = 1 << rapid.IntRange(0, c.Stages-1).Draw(t, "stage")
		}
		return e
	})
	c.Events = rapid.SliceOfN(draw, 2, 7).Draw(t, "events")
	// Most cases should reach a stage, so one event starts an attempt.
	c.Events[0].Stages |= 1
	slices.SortStableFunc(c.Events, func(a, b journey.Event) int { return cmp.Compare(a.Time, b.Time) })
	c.From = int64(rapid.IntRange(0, 3).Draw(t, "from"))
	c.To = 10 - int64(rapid.IntRange(0, 6).Draw(t, "toCut"))
	c.Limit = 10 - int64(rapid.IntRange(0, 6).Draw(t, "limitCut"))
	return c
}

// DrawGrace draws a grace for half of the cases that can have one. Their events then enter one stage each, and no stage is optional.
func DrawGrace(t *rapid.T, c *Case) {
	if c.Policy.Order != journey.Ordered || rapid.Bool().Draw(t, "noGrace") {
		return
	}
	c.Policy.Grace = time.Duration(rapid.IntRange(1, 3).Draw(t, "grace")) * time.Microsecond
	c.Policy.Ties, c.Optional = journey.EitherOrder, 0
	for i := range c.Events {
		c.Events[i].Stages &= -c.Events[i].Stages
	}
}

// Stretch multiplies the times of the case, relative to begin.
func (c *Case) Stretch(begin, by int64) {
	c.Events = slices.Clone(c.Events)
	for i := range c.Events {
		c.Events[i].Time = begin + c.Events[i].Time*by
	}
	c.Policy.Window *= time.Duration(by)
	c.Policy.Grace *= time.Duration(by)
	c.From, c.To, c.Limit, c.Since = begin+c.From*by, begin+c.To*by, begin+c.Limit*by, begin+c.Since*by
}

// Progression returns the progression of the case, with stages s0, s1 and so on.
func (c *Case) Progression() (*progression.Progression, error) {
	stages := make([]journey.Stage, c.Stages)
	for i := range stages {
		stages[i] = journey.Stage{Name: fmt.Sprint("s", i), Optional: c.Optional>>i&1 == 1}
	}
	return progression.New(stages, c.Policy)
}

// Plan returns a plan for a map whose events are named after the set of stages that they enter.
func (c *Case) Plan(period journey.Period) engine.Plan {
	var m journey.Map
	for s := range c.Stages {
		touchpoint := journey.Touchpoint{Name: "t"}
		for set := range 1 << c.Stages {
			if set&(1<<s) != 0 {
				touchpoint.Match = append(touchpoint.Match, journey.Match{Event: fmt.Sprint("set ", set)})
			}
		}
		m.Stages = append(m.Stages, journey.Stage{
			Name: fmt.Sprint("s", s), Optional: c.Optional&(1<<s) != 0, Touchpoints: []journey.Touchpoint{touchpoint},
		})
	}
	return engine.Plan{Map: m, Policy: c.Policy, Periods: []journey.Period{period}}
}

// Rows returns the events of the case as rows of one person.
func (c *Case) Rows() []journey.Row {
	var rows []journey.Row
	for i, e := range c.Events {
		r := journey.Row{Person: 1, Time: e.Time, ReceivedAt: e.Time, Seq: 1, Index: int32(i), Name: fmt.Sprint("set ", e.Stages)}
		if !e.Customer {
			r.Initiator = event.Brand
		}
		rows = append(rows, r)
	}
	return rows
}
