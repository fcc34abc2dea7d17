// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/load"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// httpCase is a source that receives requests.
type httpCase struct {
	name           string
	batch, workers int
	events         int64
	// transport and mapping replace those of the site's source, which is Segment's.
	transport v1alpha1.Transport
	mapping   []v1alpha1.MappingRule
	encode    func(secret string) load.Encoder
}

// writeKey is the Secret of the site's source.
var writeKey = v1alpha1.SecretKeyReference{Name: "web-write-key"}

const signatureHeader = "X-Signature"

func httpCases(s *sizes) []httpCase {
	return []httpCase{
		{
			name: "CloudEvents, 200 a request", batch: 200, workers: 4, events: s.batched, encode: cloudEvents,
			transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: &writeKey}},
		},
		{name: "Segment, 200 a request", batch: 200, workers: 4, events: s.batched, encode: load.Segment},
		{
			name: "webhook, HMAC, 10 expressions, 200 a request", batch: 200, workers: 4, events: s.batched, encode: signed,
			transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
				SecretRef: &writeKey, HMAC: &v1alpha1.HMACRecipe{Header: signatureHeader},
			}},
			mapping: tenExpressions,
		},
		{name: "Segment, one of 1 KB a request", batch: 1, workers: 64, events: s.single, encode: oneKilobyte},
	}
}

// tenExpressions map the site's events as they are written by document.
var tenExpressions = []v1alpha1.MappingRule{{When: "has(body.events)", ForEach: "body.events", Event: documentFields("item")}}

// documentFields has the eight expressions for a document, which is a variable.
func documentFields(variable string) *v1alpha1.EventMapping {
	of := func(field string) v1alpha1.CELExpression { return v1alpha1.CELExpression(variable + "." + field) }
	return &v1alpha1.EventMapping{
		Name: of("event"), ID: of("id"), Time: of("time"), SessionID: of("session"),
		Identities: map[string]v1alpha1.CELExpression{"anonymousId": of("anonymousId"), "customerId": of("customerId"), "email": of("email")},
		Properties: map[string]v1alpha1.CELExpression{"*": of("properties")},
	}
}

// document is an event of the site as a system of one's own could send it. The built-in mapping of CloudEvents knows the names of the identities.
type document struct {
	ID         string `json:"id"`
	Event      string `json:"event"`
	Time       string `json:"time"`
	Session    string `json:"session"`
	Visitor    string `json:"anonymousId"`
	Customer   string `json:"customerId"`
	Email      string `json:"email"`
	Properties any    `json:"properties,omitempty"`
}

func documentOf(e *world.Event) document {
	properties := map[string]any{}
	for _, p := range e.Properties {
		properties[p.Key] = p.Value
	}
	name := e.Name
	if e.Kind == world.Identify {
		name = "Signed In"
	}
	return document{
		ID: e.ID, Event: name, Time: wire.Stamp(e.Time), Session: e.Identities.AnonymousID, Visitor: e.Identities.AnonymousID,
		Customer: e.Identities.CustomerID, Email: e.Identities.Email, Properties: properties,
	}
}

func cloudEvents(secret string) load.Encoder {
	type cloudEvent struct {
		SpecVersion string   `json:"specversion"`
		ID          string   `json:"id"`
		Source      string   `json:"source"`
		Type        string   `json:"type"`
		Time        string   `json:"time"`
		Data        document `json:"data"`
	}
	return func(batch []*world.Event) (load.Request, error) {
		events := make([]cloudEvent, len(batch))
		for i, e := range batch {
			d := documentOf(e)
			events[i] = cloudEvent{SpecVersion: "1.0", ID: d.ID, Source: "//shop.example/site", Type: d.Event, Time: d.Time, Data: d}
		}
		body, err := json.Marshal(events)
		return load.Request{Body: body, Header: http.Header{
			"Content-Type": {"application/cloudevents-batch+json"}, "Authorization": {"Bearer " + secret},
		}}, err
	}
}

func signed(secret string) load.Encoder {
	return func(batch []*world.Event) (load.Request, error) {
		documents := make([]document, len(batch))
		for i, e := range batch {
			documents[i] = documentOf(e)
		}
		body, err := json.Marshal(map[string]any{"events": documents})
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return load.Request{Body: body, Header: http.Header{
			"Content-Type": {"application/json"}, signatureHeader: {hex.EncodeToString(mac.Sum(nil))},
		}}, err
	}
}

// oneKilobyte sends messages of Segment one by one, each with a property that makes it as large.
func oneKilobyte(secret string) load.Encoder {
	const size = 1000
	return func(batch []*world.Event) (load.Request, error) {
		m := wire.MessageOf(batch[0], batch[0].Time, "")
		raw, err := json.Marshal(m)
		if err != nil {
			return load.Request{}, err
		}
		if m.Type == "track" {
			if m.Properties == nil {
				m.Properties = map[string]any{}
			}
			const quotes = len(`,"description":""`)
			m.Properties["description"] = strings.Repeat("d", max(1, size-len(raw)-quotes))
		}
		body, header, err := wire.WriteMessage(m, secret)
		return load.Request{Path: "/v1/" + m.Type, Header: header, Body: body}, err
	}
}
