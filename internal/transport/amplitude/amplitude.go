// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package amplitude implements the HTTP V2, batch and identify APIs of Amplitude's SDKs. Its events have a defined meaning, so no mapping rules are
// needed; if there are rules, they are applied first.
package amplitude

import (
	"net/http"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "amplitude",
	New: func(s transport.Settings) (transport.Transport, error) {
		return &adapter{keys: sdk.Keys{Open: s.Recorded, Secrets: s.Secrets, Field: "api_key", What: "API key"}}, nil
	},
	Message: func(document map[string]any) (path, mediaType string, ok bool) {
		_, ok = document["event_type"].(string)
		if !ok {
			_, ok = document["events"].([]any)
		}
		return httpV2, "application/json", ok
	},
}

// The endpoints, without a slash at the end.
const (
	httpV2        = "/2/httpapi"
	batchPath     = "/batch"
	identify      = "/identify"
	groupIdentify = "/groupidentify"
)

type adapter struct{ keys sdk.Keys }

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport.
func (t *adapter) Headers(request http.Header) http.Header {
	return transport.CORS(request, sdk.Methods)
}

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	path := strings.TrimSuffix(r.Path, "/")
	switch path {
	case httpV2, batchPath, identify, groupIdentify:
	default:
		return transport.Decoded{Reply: notFound}, nil
	}
	if reply := sdk.Preflight(r.Method, false); reply != nil {
		return transport.Decoded{Reply: reply}, nil
	}
	out := transport.Decoded{Answer: answer(r)}
	if path == identify || path == groupIdentify {
		out.Answer = identifyAnswer
	}
	if rejection := t.keys.Missing(); rejection != nil {
		return out, rejection
	}
	u, rejection := read(r, path)
	if rejection != nil {
		return out, rejection
	}
	if rejection := t.keys.Refuse(u.key); rejection != nil {
		if u.key == "" {
			out.Answer = keyMissing
		}
		return out, rejection
	}
	out.Candidates = make([]transport.Candidate, len(u.list))
	for i, raw := range u.list {
		out.Candidates[i] = u.candidate(raw)
	}
	return out, nil
}

// upload is a request.
type upload struct {
	key  string
	list [][]byte
	// eventType is the one of all events; empty if each one has its own.
	eventType  string
	receivedAt time.Time
	// sent is the time of sending by the clock of the sender; hasSent is false if the sender did not say.
	sent    time.Time
	hasSent bool
}

// read returns the events of a request, which are JSON with the key next to them. Those of the identify API can be a form, too.
func read(r *transport.Request, path string) (*upload, *reject.Rejection) {
	u := &upload{receivedAt: r.ReceivedAt}
	listName := "events"
	if path == identify || path == groupIdentify {
		u.eventType, listName = "$identify", "identification"
		if path == groupIdentify {
			u.eventType = "$groupidentify"
		}
		// Other forms of the body than a form are JSON, with the key and the list in it.
		if form, rejection := r.Body(); rejection == nil {
			u.key, _ = sdk.Field(form, "api_key")
		}
	}
	body, rejection := sdk.Payload(r, listName)
	if rejection == nil {
		rejection = sdk.Checked(body)
	}
	if rejection != nil {
		return nil, rejection
	}
	return u, u.parse(body, listName)
}

func (u *upload) parse(body []byte, listName string) (rejection *reject.Rejection) {
	if value.Kind(body) == '[' {
		u.list, rejection = transport.Elements(body)
		return rejection
	}
	var list []byte
	for k, v := range value.Fields(body) {
		switch string(k) {
		case "api_key":
			u.key = value.RawText(v)
		case listName:
			list = v
		case "client_upload_time":
			u.sent, u.hasSent = clock.Instant(v)
		}
	}
	switch {
	case value.Kind(list) == '[':
		u.list, rejection = transport.Elements(list)
	case value.Kind(list) == '{':
		u.list = [][]byte{list}
	case list == nil:
		u.list = [][]byte{body}
	default:
		rejection = reject.New(reject.BadJSON, listName, "a list of events is expected")
	}
	return rejection
}
