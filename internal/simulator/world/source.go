// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"slices"
	"time"
)

// Source is one of the systems that send events. Its name equals that of the TouchpointSource in config/samples.
type Source string

// Sources of the world. The last three exist in omnichannel worlds only.
const (
	Web     Source = "web"
	CRM     Source = "crm-email"
	Tills   Source = "tills"
	Support Source = "support"
	Surveys Source = "surveys"
	// App is the shop's app, Orders are the orders of the shop system, and TillHistory is what the tills recorded before they were connected.
	App         Source = "app"
	Orders      Source = "orders"
	TillHistory Source = "till-history"
)

// Sources in the order of the sample map.
var Sources = []Source{Web, CRM, Tills, Support, Surveys}

var omnichannel = []Source{Web, App, Orders, CRM, Support, Surveys, Tills, TillHistory}

// Sources returns the sources of the world, in the order of its map.
func (w *World) Sources() []Source {
	if w.Params.Omnichannel {
		return omnichannel
	}
	return Sources
}

// Senders returns the sources to which requests are sent. Tills of an omnichannel world publish messages, and have files of what was before.
func (w *World) Senders() []Source {
	return slices.DeleteFunc(slices.Clone(w.Sources()), func(s Source) bool {
		return w.Params.Omnichannel && (s == Tills || s == TillHistory)
	})
}

// Channel returns the channel of the events of a source.
func (s Source) Channel() string { return channels[s] }

var channels = map[Source]string{
	Web: "web", App: "app", Orders: "web", CRM: "email", Tills: "store", TillHistory: "store", Support: "support", Surveys: "survey",
}

// tillsLive is how long before the end of the world the tills were connected. What they sold before is in their files.
const tillsLive = 14 * day

// rewire moves events to the systems of an omnichannel world, and reduces them to what these systems record. The lives of the customers do not change:
// the same person does the same, and the truth sees it with the times that are sent.
func (w *World) rewire(events []Event) {
	connected := w.Params.Now.Add(-tillsLive)
	for i := range events {
		e := &events[i]
		switch {
		case e.Source == Web && e.fromApp():
			// The SDK of the app has an id of the installation, and no other one of the device. It does not invent accounts.
			e.Source, e.Identities.DeviceID, e.Placeholder = App, "", ""
		case e.Source == Tills && e.SentAt().Before(connected):
			e.Source, e.Delay = TillHistory, 0
			e.Time = e.Time.Truncate(time.Second)
		case e.Source == Support, e.Source == Surveys:
			e.Time = e.Time.Truncate(time.Second)
		}
	}
}

// fromApp reports whether an event of the site comes from a phone with the app. Somebody else forwards what is replayed, so that stays.
func (e *Event) fromApp() bool {
	return e.Identities.AnonymousID != "" && e.Identities.DeviceID != "" && !e.Replayed
}
