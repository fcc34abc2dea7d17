// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// withoutNothings removes ids of orders, sessions and groups that are placeholders. All orders with the id undefined would count as one order; without
// an id, each is a separate order.
func (f *finisher) withoutNothings(e *event.Event) {
	if e.OrderID != "" && f.snapshot.nobody.Has("", e.OrderID) {
		e.OrderID = ""
		f.leftOut("orderId")
	}
	if e.SessionID != "" && f.snapshot.nobody.Has("", e.SessionID) {
		e.SessionID = ""
		f.leftOut("sessionId")
	}
	if len(e.Groups) > 0 {
		f.groups(e)
	}
}

// leftOut counts a placeholder by the field that contained it.
func (f *finisher) leftOut(field string) {
	f.placeholders++
	if f.nothings == nil {
		f.nothings = map[string]int64{}
	}
	f.nothings[field]++
}

// groups removes placeholders from the ids of groups. A value that is not an object of texts and numbers stays unchanged.
func (f *finisher) groups(e *event.Event) {
	decoded, err := value.DecodeDigits(e.Groups)
	groups, ok := decoded.(map[string]any)
	if err != nil || !ok {
		return
	}
	before := len(groups)
	for name, id := range groups {
		if text, ok := value.Text(id); ok && f.snapshot.nobody.Has("", text) {
			delete(groups, name)
			f.leftOut("groups")
		}
	}
	switch {
	case len(groups) == before:
	case len(groups) == 0:
		e.Groups = nil
	default:
		e.Groups, _ = value.Encode(groups) // It was decoded from JSON.
	}
}
