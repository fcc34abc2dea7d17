// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
)

// identitiesMerged is the name of events that join two identities.
const identitiesMerged = "Identities Merged"

// rotated gives the event that joins the two hashes of the event's customerId while the pepper is rotated. Other types are
// joined by standing on one event, but two customerIds on one event would be two people. Its id is made from
// the hashes, so the store keeps it once however often it is sent.
func (p *processor) rotated(e *event.Event) []event.Event {
	h := p.snapshot.Hasher
	if !h.Rotating() {
		return nil
	}
	var out []event.Event
	for _, i := range e.Identities {
		if i.Type != privacy.CustomerID {
			continue
		}
		n, ok := privacy.Normalize(i.Type, i.Value)
		if !ok {
			continue
		}
		if ids := h.Alias(n); ids != nil {
			out = append(out, p.alias(e, ids))
		}
	}
	return out
}

func (p *processor) alias(e *event.Event, ids []event.Identity) event.Event {
	c := p.snapshot.Config
	a := event.Event{
		ID: "pepper:" + ids[0].Value, Source: c.Name, Channel: string(c.Source.Channel), Kind: event.Alias, Initiator: event.Machine,
		Name: identitiesMerged, Time: e.Time, TimeSource: e.TimeSource, ReceivedAt: p.request.ReceivedAt.UnixMicro(),
		Identities: ids, MappingGeneration: c.Generation,
	}
	if a.Time > a.ReceivedAt+event.MaxAhead {
		a.Time, a.TimeSource = a.ReceivedAt, event.TimeFromReceipt
	}
	a.Normalize()
	return a
}
