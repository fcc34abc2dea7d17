// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package posthog implements the capture API of PostHog's SDKs. Its events have a defined meaning, so no mapping rules are needed; if there are rules,
// they are applied first.
package posthog

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "posthog",
	New: func(s transport.Settings) (transport.Transport, error) {
		return &adapter{keys: sdk.Keys{Open: s.Recorded, Secrets: s.Secrets, Field: "api_key", What: "project API key"}}, nil
	},
	Message: func(document map[string]any) (path, mediaType string, ok bool) {
		if _, several := document["batch"].([]any); several {
			return "/batch/", "application/json", true
		}
		_, named := document["event"].(string)
		properties, _ := document["properties"].(map[string]any)
		return "/capture/", "application/json", named && (document["distinct_id"] != nil || properties["distinct_id"] != nil)
	},
}

// paths are the endpoints for events, without a slash at the end.
var paths = map[string]bool{
	"/capture": true, "/batch": true, "/i/v0/e": true, "/e": true, "/track": true, engage: true,
}

// engage takes the properties of a person without the name of an event.
const engage = "/engage"

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
	if reply := settings(path, r.Method); reply != nil {
		return transport.Decoded{Reply: reply}, nil
	}
	if !paths[path] {
		return transport.Decoded{Reply: notFound}, nil
	}
	if reply := sdk.Preflight(r.Method, true); reply != nil {
		return transport.Decoded{Reply: reply}, nil
	}
	if rejection := t.keys.Missing(); rejection != nil {
		return transport.Decoded{}, rejection
	}
	out := transport.Decoded{Answer: answer(r.Query.Get("beacon") == "1")}
	body, rejection := sdk.Payload(r, "data")
	if rejection == nil {
		rejection = sdk.Checked(body)
	}
	if rejection != nil {
		return out, rejection
	}
	b, list, rejection := read(r, path == engage, body)
	if rejection != nil {
		return out, rejection
	}
	if rejection := t.keys.Refuse(b.key(list)); rejection != nil {
		return out, rejection
	}
	// Rules see the query. The event in it has the key.
	r.Query.Del("data")
	out.Candidates = make([]transport.Candidate, len(list))
	for i, raw := range list {
		out.Candidates[i] = b.candidate(raw)
	}
	return out, nil
}

// key returns the project API key: it is next to the events, in one of them, or in its properties.
func (b *batch) key(list [][]byte) string {
	if b.apiKey != "" {
		return b.apiKey
	}
	for _, raw := range list {
		for _, name := range keyNames {
			if key := value.RawText(value.Lookup(raw, name)); key != "" {
				return key
			}
		}
		if key := value.RawText(value.Lookup(value.Lookup(raw, "properties"), "token")); key != "" {
			return key
		}
	}
	return ""
}

// keyNames are the names of the key: of servers, of browsers, and of old SDKs.
var keyNames = []string{"api_key", "token", "$token"}

// secret lists the fields with the key. Neither rules nor hashes see them.
var secret = []string{"api_key", "token", "$token", "properties.token", "properties.api_key"}
