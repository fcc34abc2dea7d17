// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
)

// identitiesMerged is the name of events that join two identities.
const identitiesMerged = "Identities Merged"

// rotated returns the events that join the two hashes of an identifier during a rotation of the pepper: for customerIds, because two of them on one
// event would be two people, and for a public source, for all types, because its events do not join names. Otherwise, identities of other types are
// joined because they are on one event. The id is derived from the hashes, so the store keeps the event once, however often it is sent.
func (p *processor) rotated(e *event.Event) []event.Event {
	h := p.snapshot.Hasher
	if !h.Rotating() {
		return nil
	}
	var out []event.Event
	for _, i := range e.Identities {
		if i.Type != privacy.CustomerID && !p.snapshot.Public() {
			continue
		}
		n, ok := privacy.Normalize(i.Type, i.Value)
		if !ok {
			continue
		}
		ids := h.Alias(i.Type, n)
		// An event can contain an identifier several times.
		if ids == nil || slices.ContainsFunc(out, func(a event.Event) bool { return slices.Contains(a.Identities, ids[0]) }) {
			continue
		}
		out = append(out, p.alias(e, ids))
	}
	return out
}

func (p *processor) alias(e *event.Event, ids []event.Identity) event.Event {
	c := p.snapshot.Config
	a := event.Event{
		ID: "pepper:" + ids[0].Type + ":" + ids[0].Value, Source: c.Name, Channel: string(c.Source.Channel), Kind: event.Alias, Initiator: event.Machine,
		Name: identitiesMerged, Time: e.Time, TimeSource: e.TimeSource, ReceivedAt: p.request.ReceivedAt.UnixMicro(),
		Identities: ids, MappingGeneration: c.Generation, Flags: event.FlagOwn,
	}
	if a.Time > a.ReceivedAt+event.MaxAhead {
		a.Time, a.TimeSource = a.ReceivedAt, event.TimeFromReceipt
	}
	a.Normalize()
	return a
}
