// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Outside reports the customers whom the first period leaves out because of the time at which they entered: those who have an event of the
// first stage (in the order Any: of any stage), and no attempt that counts, mature or young. Where entries are counted, customers are counted
// here nevertheless.
type Outside struct {
	// Before is the number of those who entered before the period. Rows from before Plan.Since count for this alone: it is complete
	// when the rows start at the first event there is.
	Before int64
	// After is the number of those who entered after the period alone, or after the time of analysis.
	After int64
	// First is the instant of the first entry of a young attempt; NewestBefore that of the last entry of those of Before. 0 for none.
	First, NewestBefore int64
}

// onlyBefore stands for the time of the first row of a person who has none from Plan.Since on.
const onlyBefore = math.MaxInt64

// entryStages are the stages that an attempt can start with.
func (e *Engine) entryStages() uint32 {
	if e.plan.Policy.Order == journey.AnyOrder {
		return math.MaxUint32
	}
	return 1
}

// takeBefore looks at a row from before Plan.Since: no number but Outside knows of it.
func (e *Engine) takeBefore(r *journey.Row) {
	if r.Flags&(event.FlagTest|event.FlagBot) != 0 || len(e.exclude) > 0 && e.exclude.AnyHolds(e.values) {
		return
	}
	if e.entersWith(r) {
		e.person.enteredBefore = r.Time
	}
}

// entersWith reports whether a row, whose values are read, is an event with which an attempt can start.
func (e *Engine) entersWith(r *journey.Row) bool {
	// Names of no stage take no place in the engine's tables.
	if r.Kind != event.Track || len(e.matcher.Of(r.Name)) == 0 || !e.filters.Pass(e.values) {
		return false
	}
	info := e.infoOf(r)
	e.person.Known.At(e.person.rows)
	var stages uint32
	stages, e.touchpoints = match.Stages(info.candidates, e.values, e.touchpoints[:0])
	return stages&e.entryStages() != 0
}

// runBefore takes the rows of a run from before Plan.Since, and gives their number.
func (e *Engine) runBefore(times []int64, classes []uint16) int {
	n := 0
	for n < len(times) && times[n] < e.since {
		c := e.classes[classes[n]]
		switch {
		case c.apart:
			row := rowOf(&c.class)
			row.Person, row.Time = e.person.ID, times[n]
			e.values.Reset(&row)
			e.takeBefore(&row)
		case !c.excluded && c.event.Stages&e.entryStages() != 0:
			e.person.enteredBefore = times[n]
		}
		n++
	}
	return n
}

// noteOutside counts the person where no attempt of theirs does. young says that one is in progress.
func (e *Engine) noteOutside(period *journey.Period, counted, young bool) {
	p, o, entry := &e.person, &e.outside, e.entryStages()
	before, after := p.enteredBefore, p.enteredAfter
	if counted && !young {
		return
	}
	for i := range p.Events {
		switch t := p.Events[i].Time; {
		case p.Events[i].Stages&entry == 0:
		case t < period.From:
			before = t
		case t >= period.YoungTo:
			after = true
		case young && t >= period.To:
			if o.First == 0 || t < o.First {
				o.First = t
			}
			return
		}
	}
	switch {
	case counted || young:
	case before != 0:
		o.Before++
		o.NewestBefore = max(o.NewestBefore, before)
	case after:
		o.After++
	}
}

func (o *Outside) merge(other *Outside) {
	o.Before += other.Before
	o.After += other.After
	o.NewestBefore = max(o.NewestBefore, other.NewestBefore)
	if other.First != 0 && (o.First == 0 || other.First < o.First) {
		o.First = other.First
	}
}

// Outside reports those whom the first period leaves out; complete after Close.
func (e *Engine) Outside() *Outside { return &e.outside }
