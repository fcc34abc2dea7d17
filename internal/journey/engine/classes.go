// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// classInfo is what the engine needs of a class, so that a row needs no look-up of texts.
type classInfo struct {
	class event.Class
	// excluded rows are marked as test or robot. kept rows add an event to the person. apart rows have to be processed one by one.
	excluded, kept, apart bool
	// public rows come from a source that anybody can send to.
	public bool
	// event is the event without its time; the touchpoints that it makes.
	event       journey.Event
	touchpoints []uint16
	// rows in the analysed time that are not counted yet.
	rows int64
}

// NewClasses defines the classes of the rows of AddRun, until the next call. Their numbers are the indices in the list, from 0.
func (e *Engine) NewClasses(list []event.Class) {
	e.settle()
	e.classes = e.classes[:0]
	for i := range list {
		e.classes = append(e.classes, e.classOf(&list[i]))
	}
}

// classOf returns what the engine needs of a class, and computes it if the class is new. Classes are kept as long as the table of names has room.
func (e *Engine) classOf(c *event.Class) *classInfo {
	if info := e.byClass[*c]; info != nil {
		return info
	}
	own := *c
	own.Source, own.Channel, own.Name = strings.Clone(c.Source), strings.Clone(c.Channel), strings.Clone(c.Name)
	info := e.lookAtClass(own)
	if len(e.byClass) < journey.MaxNames {
		e.byClass[own] = info
	}
	return info
}

func (e *Engine) lookAtClass(c event.Class) *classInfo {
	info := &classInfo{
		class: c, excluded: c.Flagged(), public: slices.Contains(e.plan.PublicSources, c.Source),
	}
	name := e.info(c.Name)
	info.apart = e.apart || len(name.hits)+len(name.exclusions)+len(name.firsts) > 0 ||
		!match.OfClass(name.candidates)
	if info.apart || c.Kind != event.Track {
		return info
	}
	row := rowOf(&c)
	e.values.Reset(&row)
	var stages uint32
	if len(name.candidates) > 0 {
		stages, info.touchpoints = match.Stages(name.candidates, e.values, nil)
	}
	info.event = journey.Event{Stages: stages, Name: name.number, Customer: row.ByCustomer()}
	if stages != 0 {
		info.event.Channel = e.channels.Number(c.Channel)
		info.event.Personas = e.personas.Match(e.values)
	}
	info.kept = stages != 0 || info.event.Customer
	return info
}

// rowOf returns a row of a class, without person and time.
func rowOf(c *event.Class) journey.Row {
	return journey.Row{Source: c.Source, Channel: c.Channel, Name: c.Name, Kind: c.Kind, Initiator: c.Initiator, Flags: c.Flags}
}

// apartAll reports whether the plan has to process all rows one by one.
func (e *Engine) apartAll() bool {
	return len(e.exclude)+len(e.filters)+len(e.hold)+len(e.breakdowns) > 0 || !e.personas.OfClass()
}

// AddRun adds the next rows of one person, in the order of a scan: the time and the class number of each. They have none of the columns that only
// some plans need. Rows that are out of order make Close fail.
func (e *Engine) AddRun(person uint64, times []int64, classes []uint16) {
	if len(times) == 0 {
		return
	}
	e.arrive(place{person: person, time: times[0], seq: e.counts.Rows + 1}, "", e.classes[classes[0]].class.Flags)
	p, all, before, entry := &e.person, e.classes, times[0], e.entryStages()
	n := int64(len(times))
	if before < e.since {
		// Earlier rows are in order if the rest is: the last of them is compared with the first row that counts.
		known := e.runBefore(times, classes)
		before = times[known-1]
		times, classes = times[known:], classes[known:]
		e.counts.Rows += int64(known)
		n -= int64(known)
	}
	if len(times) > 0 && p.First == onlyBefore {
		p.First = times[0]
	}
	for i, t := range times {
		if t < before {
			e.noteDisorder(e.counts.Rows + int64(i) + 1)
		}
		before = t
		c := all[classes[i]]
		switch {
		case c.apart:
			e.addApart(c, t, e.counts.Rows+int64(i)+1)
			continue
		case t > e.asOf:
			e.addAhead(c, entry)
			continue
		case t >= e.span.From && t <= e.span.To:
			c.rows++
		}
		if c.excluded {
			continue
		}
		if p.hasRoom(c.public) && c.kept {
			e.keepClass(c, t)
		}
	}
	e.counts.Rows += n
	e.last.time, e.last.seq = before, e.counts.Rows
}

// addAhead adds a row of a class that is after the time of analysis. It counts only for the numbers about such rows.
func (e *Engine) addAhead(c *classInfo, entry uint32) {
	e.counts.Future++
	e.noteAhead(c.touchpoints, c.class.Flags)
	e.person.enteredAfter = e.person.enteredAfter || !c.excluded && c.event.Stages&entry != 0
}

// keepClass adds a row of a class to the person.
func (e *Engine) keepClass(c *classInfo, t int64) {
	p := &e.person
	for _, touchpoint := range c.touchpoints {
		p.Touches = append(p.Touches, journey.Touch{Event: int32(len(p.Events)), Touchpoint: touchpoint})
	}
	n := len(p.Events)
	if n == cap(p.Events) {
		p.Events = slices.Grow(p.Events, n+1)
	}
	// The event is written in place: append would copy it twice.
	p.Events = p.Events[:n+1]
	p.Events[n] = c.event
	p.Events[n].Time = t
}

// addApart adds a row of a class that has to be processed by itself.
func (e *Engine) addApart(c *classInfo, t, seq int64) {
	row := rowOf(&c.class)
	row.Person, row.Time, row.Seq, row.ReceivedAt = e.person.ID, t, seq, t
	if c.class.Late {
		row.ReceivedAt = t + event.LateAfter + 1
	}
	e.take(&row)
}

// settle adds up the rows of the classes.
func (e *Engine) settle() {
	for _, c := range e.classes {
		if c.rows == 0 {
			continue
		}
		if c.excluded {
			e.counts.Excluded += c.rows
		} else {
			if c.class.Late {
				e.counts.Late += c.rows
			}
			e.countSource(c.class.Source, c.rows)
			if c.class.Unidentified() {
				e.counts.Unidentified += c.rows
			}
		}
		c.rows = 0
	}
}
