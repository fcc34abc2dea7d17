// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Outside counts the customers whom the first period leaves out because of the time at which they entered: those with an event of the first stage (in
// the order Any: of any stage), and no attempt that counts, mature or young. It counts customers even where entries are counted.
type Outside struct {
	// Before is the number of customers who entered before the period. Rows from before Plan.Since are used only here. The number is complete if the
	// rows start at the first event of the store.
	Before int64
	// After is the number of customers who entered only after the period, or after the time of analysis.
	After int64
	// First is the time of the first entry of a young attempt. NewestBefore is the time of the last entry among those in Before. Both are 0 for none.
	First, NewestBefore int64
}

// onlyBefore is the time of the first row of a person who has no row from Plan.Since on.
const onlyBefore = math.MaxInt64

// entryStages returns the stages that can start an attempt.
func (e *Engine) entryStages() uint32 {
	if e.plan.Policy.Order == journey.AnyOrder {
		return math.MaxUint32
	}
	return 1
}

// takeBefore adds a row from before Plan.Since. Only Outside counts it.
func (e *Engine) takeBefore(r *journey.Row) {
	if r.Flags&(event.FlagTest|event.FlagBot) != 0 || len(e.exclude) > 0 && e.exclude.AnyHolds(e.values) {
		return
	}
	if e.entersWith(r) {
		e.person.enteredBefore = r.Time
	}
}

// entersWith reports whether a row, whose values are read, can start an attempt.
func (e *Engine) entersWith(r *journey.Row) bool {
	// Names that match no stage use no room in the engine's tables.
	if r.Kind != event.Track || len(e.matcher.Of(r.Name)) == 0 || !e.filters.Pass(e.values) {
		return false
	}
	info := e.infoOf(r)
	e.person.Known.At(e.person.rows)
	var stages uint32
	stages, e.touchpoints = match.Stages(info.candidates, e.values, e.touchpoints[:0])
	return stages&e.entryStages() != 0
}

// runBefore adds the rows of a run from before Plan.Since, and returns their number.
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

// noteOutside counts a person without any attempt that counts. young is set if one is in progress.
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

// Outside returns the customers whom the first period leaves out. It is complete after Close.
func (e *Engine) Outside() *Outside { return &e.outside }
