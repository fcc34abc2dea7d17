// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// disturb adds events that are not a customer's actions, or not at that time: robots, the shop's own tests, and clocks far ahead.
func (w *World) disturb(household int, emit func(Event)) {
	d := newDice(w.salt, streamNoise, household)
	if d.yes(0.03) {
		w.visitor(d, fmt.Sprintf("bot-%s-%d", w.tag, household), 5+d.IntN(40), emit, func(e *Event) {
			e.Robot = true
			e.Properties = append(e.Properties, Property{"user_agent", "ExampleCrawler/2.1 (+https://robots.example)"})
		})
	}
	if d.yes(0.02) {
		w.visitor(d, fmt.Sprintf("qa-%s-%d", w.tag, household), 3, emit, func(e *Event) {
			e.Test = true
			e.Properties = append(e.Properties, Property{"test", true})
		})
	}
	if d.yes(0.02) {
		w.visitor(d, fmt.Sprintf("ahead-%s-%d", w.tag, household), 1, emit, func(e *Event) {
			e.Future = true
			sent := e.Time
			e.Time = w.Params.Now.Add(day * time.Duration(400+d.IntN(400)))
			e.Delay = sent.Sub(e.Time)
		})
	}
}

// visitor goes through the first stages with an anonymous id of their own.
func (w *World) visitor(d dice, anonymousID string, n int, emit func(Event), mark func(*Event)) {
	t := d.between(w.Params.Start().Add(morning), w.Params.Now)
	for i := range n {
		e := Event{
			ID: fmt.Sprintf("m-%s-%d", anonymousID, i), Source: Web, Name: "Product List Viewed", Time: t, Stage: Awareness,
			Identities: Identities{AnonymousID: anonymousID}, who: anonymousID, Properties: []Property{{"category", "living"}},
		}
		if i%3 == 1 {
			e.Name, e.Stage = "Product Viewed", Consideration
		}
		if mark(&e); !e.Future && !e.Time.Before(w.Params.Now) {
			return
		}
		emit(e)
		t = t.Add(d.around(20 * time.Second))
	}
}
