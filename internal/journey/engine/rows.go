// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Add adds the next row, in the order of a scan. A row that is out of order or repeated makes Close fail.
func (e *Engine) Add(r *journey.Row) {
	e.arrive(place{person: r.Person, time: r.Time, seq: r.Seq, index: r.Index}, r.Unit, r.Flags)
	e.counts.Rows++
	e.take(r)
}

// arrive records the position of the next row, and starts a new person if the row has one.
//
// An event without identities is a person of its own with one event, who is nobody. Where units are counted, it belongs to its unit.
func (e *Engine) arrive(at place, unit string, flags event.Flags) {
	if e.open && !e.last.before(&at) {
		e.noteDisorder(e.counts.Rows + 1)
	}
	e.last = at
	if e.open && at.person == e.person.ID {
		return
	}
	e.flush()
	e.person.reset(at.person, unit)
	if e.person.First = at.time; at.time < e.since {
		e.person.First = onlyBefore
	}
	e.person.Nobody = flags&event.FlagUnidentified != 0 && !e.units
	e.open = true
}

func (e *Engine) noteDisorder(row int64) {
	if e.disorder == nil {
		e.disorder = fmt.Errorf("row %d is out of order or repeated", row)
	}
}

// take counts a row of the current person, and keeps what matters of it.
func (e *Engine) take(r *journey.Row) {
	e.values.Reset(r)
	if r.Time > e.asOf {
		e.counts.Future++
		e.lookAhead(r)
		return
	}
	if r.Time < e.since {
		e.takeBefore(r)
		return
	}
	if e.person.First == onlyBefore {
		e.person.First = r.Time
	}
	inSpan := r.Time >= e.span.From && r.Time <= e.span.To
	if r.Flags&(event.FlagTest|event.FlagBot) != 0 || len(e.exclude) > 0 && e.exclude.AnyHolds(e.values) {
		if inSpan {
			e.counts.Excluded++
		}
		return
	}
	if inSpan {
		e.countRow(r)
	}
	e.keep(r)
}

// lookAhead records the touchpoints of a row after the time of analysis. It is not added to the person.
func (e *Engine) lookAhead(r *journey.Row) {
	if r.Kind != event.Track {
		return
	}
	if info := e.infoOf(r); len(info.candidates) > 0 {
		e.person.Known.At(e.person.rows)
		var stages uint32
		stages, e.touchpoints = match.Stages(info.candidates, e.values, e.touchpoints[:0])
		e.noteAhead(e.touchpoints, r.Flags)
		if stages&e.entryStages() != 0 && r.Flags&(event.FlagTest|event.FlagBot) == 0 && !e.exclude.AnyHolds(e.values) && e.filters.Pass(e.values) {
			e.person.enteredAfter = true
		}
	}
}

// noteAhead records the touchpoints of an event after the time of analysis. An event whose clock is ahead of its receipt is ignored.
func (e *Engine) noteAhead(touchpoints []uint16, flags event.Flags) {
	if flags&(event.FlagTest|event.FlagBot|event.FlagFuture) != 0 {
		return
	}
	for _, t := range touchpoints {
		e.ahead[t] = true
	}
}

func (e *Engine) countRow(r *journey.Row) {
	if r.ReceivedAt-r.Time > event.LateAfter {
		e.counts.Late++
	}
	e.countSource(r.Source, 1)
	if r.Flags&event.FlagUnidentified != 0 {
		e.counts.Unidentified++
	}
}

func (e *Engine) countSource(source string, n int64) {
	// Most consecutive rows come from the same source, which saves the look-up.
	if source != e.sources.Text(e.source) {
		e.source = e.sources.Number(source)
	}
	for int(e.source) >= len(e.bySource) {
		e.bySource = append(e.bySource, 0)
	}
	e.bySource[e.source] += n
}

// keep adds what matters of a row to the person.
func (e *Engine) keep(r *journey.Row) {
	p := &e.person
	public := slices.Contains(e.plan.PublicSources, r.Source)
	if !p.hasRoom(public) {
		return
	}
	p.Known.At(p.rows)
	if r.Traits != "" || r.Groups != "" {
		p.Known.Add(r, public)
	}
	if r.Kind != event.Track {
		return
	}
	info := e.infoOf(r)
	p.Known.NoteFirsts(info.firsts, p.Nobody)
	if !e.filters.Pass(e.values) {
		return
	}
	var stages uint32
	e.touchpoints = e.touchpoints[:0]
	if len(info.candidates) > 0 {
		stages, e.touchpoints = match.Stages(info.candidates, e.values, e.touchpoints)
	}
	e.values.Makes(e.touchpoints)
	e.keepHits(info.hits, r)
	var excluded uint8
	if len(info.exclusions) > 0 {
		excluded = match.Excluding(info.exclusions, e.values)
	}
	if stages == 0 && excluded == 0 && !r.ByCustomer() {
		return
	}
	kept := journey.Event{Time: r.Time, Stages: stages, Name: info.number, Customer: r.ByCustomer(), Excluded: excluded}
	if len(e.hold) > 0 {
		kept.Hold = p.Known.Hold(e.hold, e.values)
	}
	if stages != 0 {
		kept.Channel = e.channelOf(r)
		kept.Personas = e.personas.Match(e.values)
	}
	e.keepGroups(&kept)
	for _, t := range e.touchpoints {
		p.Touches = append(p.Touches, journey.Touch{Event: int32(len(p.Events)), Touchpoint: t})
	}
	p.Events = append(p.Events, kept)
}

// keepGroups records the values of an event for all breakdowns.
func (e *Engine) keepGroups(kept *journey.Event) {
	for i, g := range e.breakdowns {
		if g.Reads(kept) {
			kept.Groups[i] = g.Of(e.values)
		}
	}
}

func (e *Engine) info(name string) *nameInfo {
	if info, ok := e.infos[name]; ok {
		return info
	}
	info := &nameInfo{
		number: e.names.Number(name), candidates: e.matcher.Of(name), hits: e.metrics.rules.Of(name),
		exclusions: e.exclusions.Of(name), firsts: e.matcher.FirstsOf(name),
	}
	// Names that the plan refers to are always kept; all others as long as the table has room.
	if info.number != 0 || e.matcher.Knows(name) || e.metrics.rules.Knows(name) || e.exclusions.Knows(name) {
		e.infos[strings.Clone(name)] = info
	}
	return info
}
