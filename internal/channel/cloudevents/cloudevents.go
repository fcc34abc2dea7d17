// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cloudevents takes CloudEvents 1.0 over HTTP in structured, binary and batch mode, with the handshake of the
// WebHook specification. The type of a CloudEvent is the name of the event, its data the properties; rules come first where
// there are some.
package cloudevents

import (
	"encoding/json"
	"net/http"
	"strings"

	ce "github.com/cloudevents/sdk-go/v2/event"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/channel"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the registry's entry.
var Kind = channel.Kind{
	Name:      "cloudEvents",
	Used:      func(t *v1alpha1.Transport) bool { return t.CloudEvents != nil },
	SecretRef: func(t *v1alpha1.Transport) *v1alpha1.SecretKeyReference { return t.CloudEvents.SecretRef },
	New: func(s channel.Settings) (channel.Transport, error) {
		return &transport{open: s.Spec.Transport.CloudEvents.Unauthenticated != nil, tokens: s.Secrets}, nil
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

type transport struct {
	open   bool
	tokens []string
}

// Accepted implements channel.Transport. The event is stored by then; what is done with it comes later.
func (t *transport) Accepted() int { return http.StatusAccepted }

// Headers implements channel.Transport.
func (t *transport) Headers() http.Header { return nil }

// Decode implements channel.Transport.
func (t *transport) Decode(r *channel.Request) (channel.Decoded, *reject.Rejection) {
	switch r.Method {
	case http.MethodOptions:
		return channel.Decoded{Reply: handshake(r)}, nil
	case http.MethodPost:
	default:
		return channel.Decoded{Reply: channel.MethodNotAllowed(allow)}, nil
	}
	if !t.open {
		if rejection := channel.Bearer(r, t.tokens, true); rejection != nil {
			return channel.Decoded{}, rejection
		}
	}
	binary := r.Header.Get("Ce-Specversion") != ""
	media := channel.MediaType(r)
	if !binary && media != structured && media != batched {
		return channel.Decoded{}, channel.Unsupported(structured + ", " + batched + ", or the headers ce-specversion, ce-id, ce-source and ce-type")
	}
	body, rejection := r.Body()
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	switch media {
	case structured:
		return one(structuredCandidate, body, rejectUnlessJSON(body))
	case batched:
		return batch(body)
	}
	return one(func([]byte) channel.Candidate { return binaryCandidate(r, body) }, body, nil)
}

// handshake grants what the sender asks for: it is the token, not the origin, that says who may send.
func handshake(r *channel.Request) *channel.Reply {
	h := http.Header{"Allow": {allow}}
	if origin := r.Header.Get(requestOrigin); origin != "" && len(origin) <= maxOriginLength {
		h.Set(allowedOrigin, value.Clean(origin))
		if rate := r.Header.Get(requestRate); rate != "" && strings.Trim(rate, "0123456789") == "" && len(rate) < 10 {
			h.Set(allowedRate, rate)
		}
	}
	return &channel.Reply{Status: http.StatusOK, Header: h}
}

func rejectUnlessJSON(body []byte) *reject.Rejection {
	if r := channel.CheckJSON(body); r != nil {
		return r
	}
	if !json.Valid(body) {
		return channel.NotJSON("")
	}
	return nil
}

func one(decode func([]byte) channel.Candidate, body []byte, rejection *reject.Rejection) (channel.Decoded, *reject.Rejection) {
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	return channel.Decoded{Candidates: []channel.Candidate{decode(body)}}, nil
}

func batch(body []byte) (channel.Decoded, *reject.Rejection) {
	if rejection := rejectUnlessJSON(body); rejection != nil {
		return channel.Decoded{}, rejection
	}
	if trimmed := strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n"); !strings.HasPrefix(trimmed, "[") {
		return channel.Decoded{}, reject.New(reject.BadJSON, "", "a batch has to be a JSON list of events")
	}
	list, rejection := channel.Elements(body)
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	out := channel.Decoded{Candidates: make([]channel.Candidate, len(list))}
	for i, raw := range list {
		out.Candidates[i] = structuredCandidate(raw)
	}
	return out, nil
}
