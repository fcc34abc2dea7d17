// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package systems

import (
	"cmp"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

type posthogBatch struct {
	APIKey string         `json:"api_key"`
	SentAt string         `json:"sent_at,omitempty"`
	Batch  []posthogEvent `json:"batch"`
}

type posthogEvent struct {
	Event      string         `json:"event"`
	UUID       string         `json:"uuid"`
	DistinctID string         `json:"distinct_id,omitempty"`
	Timestamp  string         `json:"timestamp"`
	Properties map[string]any `json:"properties"`
}

// PostHog returns a request to /batch/ with events of one phone, sent at a real time. A phone whose clock is off uses that clock for both times; the
// others do not say when they send.
func PostHog(events []*world.Event, now time.Time, key string) ([]byte, http.Header, error) {
	b := posthogBatch{APIKey: key}
	for _, e := range events {
		b.Batch = append(b.Batch, posthogEventOf(e))
		if e.Skewed {
			b.SentAt = now.Add(e.Skew).UTC().Format(time.RFC3339Nano)
		}
	}
	return post(b)
}

func posthogEventOf(e *world.Event) posthogEvent {
	p := map[string]any{"$device_id": e.Identities.AnonymousID, "$lib": "posthog-react-native"}
	for _, x := range e.Properties {
		p[x.Key] = x.Value
	}
	out := posthogEvent{
		Event: e.Name, UUID: uuid(e.ID), Timestamp: milliseconds(e.Time.Add(e.Skew)), Properties: p,
		DistinctID: cmp.Or(e.Identities.CustomerID, e.Identities.AnonymousID),
	}
	if e.Kind == world.Identify {
		out.Event = "$identify"
		p["$anon_distinct_id"] = e.Identities.AnonymousID
		set := map[string]string{}
		for k, v := range map[string]string{"email": e.Identities.Email, "phone": e.Identities.Phone} {
			if v != "" {
				set[k] = v
			}
		}
		p["$set"] = set
	}
	return out
}
