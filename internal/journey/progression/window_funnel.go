// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// windowFunnel implements the search of ClickHouse's windowFunnel with its modes, for maps that have to give the same numbers. It goes through the
// events once, simultaneous ones in the order of the stages, and keeps for each stage the chains that reached it.
//
// Source: the documentation of windowFunnel and the reference results of its tests.
type windowFunnel struct {
	items []funnelItem
	// open are the chains that can continue from a stage, by the time of their entry; reached is the first chain that ever reached it.
	open    [journey.MaxStages][]link
	reached [journey.MaxStages]link
}

// funnelItem is one event as one stage. An event of no stage occurs once, as noStage, if StrictOrder is set.
type funnelItem struct {
	event int32
	stage int8
}

func (p *Progression) bestByWindowFunnel(events []journey.Event, from, to, limit int64) (best journey.Attempt, found bool) {
	w := &p.windowFunnel
	for s := range p.stages {
		w.open[s], w.reached[s] = w.open[s][:0], link{}
	}
	w.items = w.items[:0]
	for i := range events {
		e := &events[i]
		if e.Time < from || e.Time > limit {
			continue
		}
		for rest := e.Stages; rest != 0; rest &= rest - 1 {
			if s := lowest(rest); s > 0 || e.Time < to {
				w.items = append(w.items, funnelItem{event: int32(i), stage: int8(s)})
			}
		}
		if p.strictOrder && e.Stages == 0 && e.Customer {
			w.items = append(w.items, funnelItem{event: int32(i), stage: noStage})
		}
	}
	slices.SortStableFunc(w.items, func(a, b funnelItem) int {
		return cmp.Or(cmp.Compare(events[a.event].Time, events[b.event].Time), cmp.Compare(a.stage, b.stage))
	})
	level := w.level(p, events)
	if level == 0 {
		return best, false
	}
	l := &w.reached[level-1]
	return journey.Attempt{
		Entry: events[l.events[0]].Time, Stages: l.stages, Event: l.events, Required: bits.OnesCount32(l.stages),
	}, true
}

// level returns the number of stages that the search reaches.
func (w *windowFunnel) level(p *Progression, events []journey.Event) int {
	for i, item := range w.items {
		s := int(item.stage)
		switch {
		case p.strictOrder && w.breaks(p, s):
			return w.deepest(p.stages)
		case s == noStage:
		case s == 0:
			w.come(0, item.event, link{ok: true, time: events[item.event].Time})
		case p.strictDeduplication && w.reached[s].ok:
			return int(w.items[i-1].stage) + 1
		case w.reached[s-1].ok:
			w.goOn(p, events, item)
		}
		if w.reached[p.stages-1].ok {
			return p.stages
		}
	}
	return w.deepest(p.stages)
}

// breaks reports whether a stage must not come now if nothing may come in between.
func (w *windowFunnel) breaks(p *Progression, s int) bool {
	switch {
	case !w.reached[0].ok:
		return false
	case s == noStage:
		return true
	case s == 0:
		return !p.allowReentry && w.reached[1].ok
	}
	return !w.reached[s].ok && !w.reached[s-1].ok
}

// deepest returns the number of the last stage below a bound that was reached, counted from 1.
func (w *windowFunnel) deepest(bound int) int {
	for bound > 0 && !w.reached[bound-1].ok {
		bound--
	}
	return bound
}

// come makes a chain reach a stage with an event.
func (w *windowFunnel) come(s int, event int32, l link) {
	l.stages |= 1 << s
	l.events[s] = event
	w.open[s] = append(w.open[s], l)
	if !w.reached[s].ok {
		w.reached[s] = l
	}
}

// goOn uses the event as the next stage of a chain of the previous stage: of the one with the latest entry that it fits. link.time is the time of the
// entry here.
func (w *windowFunnel) goOn(p *Progression, events []journey.Event, item funnelItem) {
	s, now := int(item.stage), events[item.event].Time
	list := w.open[s-1]
	for len(list) > 0 && list[0].time+p.window < now {
		list = list[1:]
	}
	w.open[s-1] = list
	for k := len(list) - 1; k >= 0; k-- {
		l := &list[k]
		later := !p.strictIncrease || events[l.events[s-1]].Time < now
		if later && (p.sharedEvents || !l.uses(item.event)) {
			w.come(s, item.event, *l)
			return
		}
		if p.sharedEvents {
			return
		}
	}
}
