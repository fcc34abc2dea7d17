// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cloudevents accepts CloudEvents 1.0 over HTTP in structured, binary and batch mode, with the handshake of the WebHook specification. The
// type of a CloudEvent is the name of the event, and its data are the properties. If there are mapping rules, they are applied first.
package cloudevents

import (
	"encoding/json"
	"net/http"
	"strings"

	ce "github.com/cloudevents/sdk-go/v2/event"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "cloudEvents",
	New: func(s transport.Settings) (transport.Transport, error) {
		return &adapter{open: s.Recorded || s.Spec.Transport.CloudEvents.Unauthenticated != nil, tokens: s.Secrets}, nil
	},
	Message: func(document map[string]any) (path, mediaType string, ok bool) {
		_, ok = document["specversion"].(string)
		return "/", structured, ok
	},
}

const (
	allow           = "OPTIONS, POST"
	structured      = ce.ApplicationCloudEventsJSON
	batched         = ce.ApplicationCloudEventsBatchJSON
	specVersion     = "1.0"
	headerPrefix    = "Ce-"
	requestOrigin   = "WebHook-Request-Origin"
	requestRate     = "WebHook-Request-Rate"
	allowedOrigin   = "WebHook-Allowed-Origin"
	allowedRate     = "WebHook-Allowed-Rate"
	maxOriginLength = 256
)

type adapter struct {
	open   bool
	tokens []string
}

// Accepted implements transport.Transport. The event is stored, but processed later.
func (t *adapter) Accepted() int { return http.StatusAccepted }

// Headers implements transport.Transport.
func (t *adapter) Headers(http.Header) http.Header { return nil }

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	switch r.Method {
	case http.MethodOptions:
		return transport.Decoded{Reply: handshake(r)}, nil
	case http.MethodPost:
	default:
		return transport.Decoded{Reply: transport.MethodNotAllowed(allow)}, nil
	}
	if !t.open {
		if rejection := transport.Bearer(r, t.tokens, true); rejection != nil {
			return transport.Decoded{}, rejection
		}
	}
	binary := r.Header.Get("Ce-Specversion") != ""
	media := transport.MediaType(r)
	if !binary && media != structured && media != batched {
		return transport.Decoded{}, transport.Unsupported(structured + ", " + batched + ", or the headers ce-specversion, ce-id, ce-source and ce-type")
	}
	body, rejection := r.Body()
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	switch media {
	case structured:
		return one(structuredCandidate, body, rejectUnlessJSON(body))
	case batched:
		return batch(body)
	}
	return one(func([]byte) transport.Candidate { return binaryCandidate(r, body) }, body, nil)
}

// handshake grants the requested permission: the token authorises senders, not the origin.
func handshake(r *transport.Request) *transport.Reply {
	h := http.Header{"Allow": {allow}}
	if origin := r.Header.Get(requestOrigin); origin != "" && len(origin) <= maxOriginLength {
		h.Set(allowedOrigin, value.Clean(origin))
		if rate := r.Header.Get(requestRate); rate != "" && strings.Trim(rate, "0123456789") == "" && len(rate) < 10 {
			h.Set(allowedRate, rate)
		}
	}
	return &transport.Reply{Status: http.StatusOK, Header: h}
}

func rejectUnlessJSON(body []byte) *reject.Rejection {
	if r := transport.CheckJSON(body); r != nil {
		return r
	}
	if !json.Valid(body) {
		return transport.NotJSON("")
	}
	return nil
}

func one(decode func([]byte) transport.Candidate, body []byte, rejection *reject.Rejection) (transport.Decoded, *reject.Rejection) {
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	return transport.Decoded{Candidates: []transport.Candidate{decode(body)}}, nil
}

func batch(body []byte) (transport.Decoded, *reject.Rejection) {
	if rejection := rejectUnlessJSON(body); rejection != nil {
		return transport.Decoded{}, rejection
	}
	if trimmed := strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n"); !strings.HasPrefix(trimmed, "[") {
		return transport.Decoded{}, reject.New(reject.BadJSON, "", "a batch must be a JSON list of events")
	}
	list, rejection := transport.Elements(body)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	out := transport.Decoded{Candidates: make([]transport.Candidate, len(list))}
	for i, raw := range list {
		out.Candidates[i] = structuredCandidate(raw)
	}
	return out, nil
}
