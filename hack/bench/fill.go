// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// fillBatch is the number of events of one append.
const fillBatch = 5000

// fill appends those events of a world for whose times when returns true. It uses the store's protocol, but not ingestion, which is measured
// separately and would take most of the time.
func fill(ctx context.Context, r *rig.Rig, w *world.World, when func(time.Time) bool) error {
	appender, err := r.Appender()
	if err != nil {
		return err
	}
	open := map[world.Source][]event.Event{}
	flush := func(source world.Source) error {
		events := open[source]
		open[source] = events[:0]
		if len(events) == 0 {
			return nil
		}
		return appendAll(ctx, appender, store.Batch{Source: string(source), Events: events, Counters: store.Counters{Accepted: int64(len(events))}})
	}
	for h := range w.Households() {
		for _, e := range w.Household(h) {
			if !when(e.Time) {
				continue
			}
			stored, err := storedEvent(&e)
			if err != nil {
				return err
			}
			open[e.Source] = append(open[e.Source], stored)
			if len(open[e.Source]) == fillBatch {
				if err := flush(e.Source); err != nil {
					return err
				}
			}
		}
	}
	for _, source := range world.Sources {
		if err := flush(source); err != nil {
			return err
		}
	}
	return nil
}

// appendAll appends a batch. It waits while the store is busy flushing.
func appendAll(ctx context.Context, a store.Appender, b store.Batch) error {
	for began := time.Now(); ; {
		_, err := a.Append(ctx, b)
		if !errors.Is(err, store.ErrUnavailable) || time.Since(began) > 10*time.Minute {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// storedEvent converts an event as ingestion does, but without hashing.
func storedEvent(e *world.Event) (event.Event, error) {
	out := event.Event{
		ID: e.ID, Source: string(e.Source), Channel: e.Source.Channel(), Name: e.Name, Time: e.Time.UnixMicro(), ReceivedAt: e.SentAt().UnixMicro(),
		OrderID: e.OrderID, MappingGeneration: 1,
	}
	if e.Kind == world.Identify {
		out.Kind, out.Initiator = event.Identify, event.Machine
	}
	if e.Brand {
		out.Initiator = event.Brand
	}
	if e.Currency != "" {
		out.Amount, out.Currency = e.Cents*event.MicroUnits/100, e.Currency
	}
	if e.Source == world.Surveys {
		out.Survey = event.Survey{Kind: "nps", Score: int64(e.Score) * event.MicroUnits, Scale: 10 * event.MicroUnits}
	}
	for _, id := range []event.Identity{
		{Type: "customerId", Value: e.Identities.CustomerID}, {Type: "loyaltyId", Value: e.Identities.LoyaltyID},
		{Type: "email", Value: e.Identities.Email}, {Type: "phone", Value: e.Identities.Phone},
		{Type: "deviceId", Value: e.Identities.DeviceID}, {Type: "anonymousId", Value: e.Identities.AnonymousID},
	} {
		if id.Value != "" {
			out.Identities = append(out.Identities, id)
		}
	}
	properties := map[string]any{}
	for _, p := range e.Properties {
		properties[p.Key] = p.Value
	}
	raw, err := json.Marshal(properties)
	if err != nil {
		return out, err
	}
	if len(properties) > 0 {
		out.Properties = raw
	}
	if e.Segment != "" {
		out.Traits = json.RawMessage(fmt.Sprintf(`{"segment":%q}`, e.Segment))
	}
	out.Normalize()
	return out, nil
}
