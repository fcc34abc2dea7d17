// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"time"
)

// World is a shop, its sources and its customers.
type World struct {
	Params Params
	// salt is the seed of all draws. tag is part of all ids and names, so that two worlds in one store do not overlap.
	salt           uint64
	tag            string
	tills, tablets []string
}

// New returns the world of the parameters.
func New(p Params) (*World, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	for _, v := range []int64{int64(p.Seed), int64(p.Persons), p.Now.Unix(), int64(p.Days), int64(p.Window), int64(p.IncidentDays)} {
		_ = binary.Write(h, binary.LittleEndian, v) // a hash accepts everything
	}
	if p.Omnichannel {
		_, _ = h.Write([]byte("omnichannel"))
	}
	w := &World{Params: p, salt: h.Sum64()}
	w.tag = fmt.Sprintf("%06x", w.salt&0xffffff)
	for i := range min(40, 2+p.Persons/500) {
		w.tills = append(w.tills, fmt.Sprintf("till-%s-%02d", w.tag, i))
	}
	for i := range min(40, 1+p.Persons/400) {
		w.tablets = append(w.tablets, fmt.Sprintf("tablet-%s-%02d", w.tag, i))
	}
	return w, nil
}

// Tag returns the tag of the world, which is part of all its ids.
func (w *World) Tag() string { return w.tag }

// Households returns the number of households: two persons each, who can share a browser.
func (w *World) Households() int { return (w.Params.Persons + 1) / 2 }

// Household draws the lives of one household, not ordered by time. Household 0 also opens the tills.
func (w *World) Household(h int) []Event {
	var events []Event
	emit := func(e Event) { events = append(events, e) }
	if h == 0 {
		w.training(emit)
	}
	var lives []*life
	for i := 2 * h; i < min(2*h+2, w.Params.Persons); i++ {
		d := newDice(w.salt, streamLife, i)
		lives = append(lives, &life{w: w, d: d, p: w.newPerson(d, i), emit: emit, sessions: map[*device]time.Time{}})
	}
	if len(lives) == 2 && lives[0].p.standing == member && lives[1].p.standing == member && lives[1].d.yes(0.25) {
		lives[1].p.devices[0] = lives[0].p.devices[0]
	}
	for _, l := range lives {
		l.live()
	}
	if !w.Params.Clean {
		w.disturb(h, emit)
	}
	w.clampDelays(events)
	if w.Params.Omnichannel {
		w.rewire(events)
	}
	return events
}

// clampDelays limits delays, so that everything is sent by the end of the world.
func (w *World) clampDelays(events []Event) {
	for i := range events {
		if e := &events[i]; e.Delay > 0 {
			e.Delay = min(e.Delay, w.Params.Now.Sub(e.Time))
		}
	}
}

// Events returns the events of the whole world in the order in which they are sent.
func (w *World) Events() []Event {
	var all []Event
	for h := range w.Households() {
		all = append(all, w.Household(h)...)
	}
	SortBySending(all)
	return all
}

// SortBySending orders events by the time at which they are first sent.
func SortBySending(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.SentAt().Compare(b.SentAt()), cmp.Compare(a.ID, b.ID))
	})
}

// SentAt returns the time at which the event is first sent. Only events from the future are sent before they happen.
func (e *Event) SentAt() time.Time { return e.Time.Add(e.Delay) }
