// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mixpanel implements the ingestion API of Mixpanel's SDKs: track, import, engage and groups. Its events have a defined meaning, so no mapping
// rules are needed; if there are rules, they are applied first.
package mixpanel

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "mixpanel",
	New: func(s transport.Settings) (transport.Transport, error) {
		return &adapter{keys: sdk.Keys{Open: s.Recorded, Secrets: s.Secrets, Field: "token", What: "project token"}}, nil
	},
	Message: func(document map[string]any) (path, mediaType string, ok bool) {
		_, named := document["event"].(string)
		properties, _ := document["properties"].(map[string]any)
		return track, "application/json", named && (properties["distinct_id"] != nil || properties["$device_id"] != nil)
	},
}

// The endpoints, without a slash at the end.
const (
	track      = "/track"
	importPath = "/import"
	engage     = "/engage"
	groups     = "/groups"
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
	case track, importPath, engage, groups:
	default:
		return transport.Decoded{Reply: notFound}, nil
	}
	if reply := sdk.Preflight(r.Method, true); reply != nil {
		return transport.Decoded{Reply: reply}, nil
	}
	if rejection := t.keys.Missing(); rejection != nil {
		return transport.Decoded{}, rejection
	}
	out := transport.Decoded{Answer: answer(path, r.Query.Get("strict") == "1", r.Query.Get("verbose"))}
	list, rejection := documents(r)
	if rejection != nil {
		return out, rejection
	}
	if rejection := t.authenticate(r, list); rejection != nil {
		return out, rejection
	}
	// Rules see the query.
	for _, name := range []string{"data", "api_key", "token"} {
		r.Query.Del(name)
	}
	out.Candidates = make([]transport.Candidate, len(list))
	for i, raw := range list {
		out.Candidates[i] = candidate(raw, path, r.ReceivedAt)
	}
	return out, nil
}

// documents returns the documents of a request: one, a list, or one on each line.
func documents(r *transport.Request) ([][]byte, *reject.Rejection) {
	body, rejection := sdk.Payload(r, "data")
	if rejection != nil {
		return nil, rejection
	}
	if rejection := transport.CheckJSON(body); rejection != nil {
		return nil, rejection
	}
	switch {
	case !json.Valid(body):
		return lines(body)
	case value.Kind(body) == '[':
		return transport.Elements(body)
	}
	return [][]byte{body}, nil
}

// lines returns the documents of NDJSON, which a body is if its first line is a document. Another line that is none costs that line.
func lines(body []byte) ([][]byte, *reject.Rejection) {
	first, _, _ := bytes.Cut(body, []byte("\n"))
	if !json.Valid(first) {
		return nil, transport.NotJSON("")
	}
	var out [][]byte
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(out) == transport.MaxEvents {
			return nil, transport.TooMany()
		}
		if !json.Valid(line) {
			line = nil
		}
		out = append(out, line)
	}
	return out, nil
}

// authenticate checks the key of the request: that of Basic authentication or api_key in the query; or else the token of each document.
func (t *adapter) authenticate(r *transport.Request, list [][]byte) *reject.Rejection {
	h := http.Request{Header: r.Header}
	user, password, basic := h.BasicAuth()
	if basic {
		if password != "" {
			// A service account.
			return t.keys.Refuse(user+":"+password, user)
		}
		return t.keys.Refuse(user)
	}
	shown := []string{r.Query.Get("api_key"), r.Query.Get("token")}
	if t.keys.Refuse(shown...) == nil {
		return nil
	}
	// The tokens of all documents must be valid. Most often they are the same.
	last, some := "", false
	for _, raw := range list {
		if value.Kind(raw) != '{' {
			continue
		}
		if token := tokenOf(raw); !some || token != last {
			if rejection := t.keys.Refuse(token); rejection != nil {
				return rejection
			}
			last, some = token, true
		}
	}
	if !some {
		return t.keys.Refuse(shown...)
	}
	return nil
}

// tokenOf returns the project token of a document: in the properties of an event, next to those of a person or group.
func tokenOf(raw []byte) string {
	if token := value.RawText(value.Lookup(raw, "$token")); token != "" {
		return token
	}
	return value.RawText(value.Lookup(value.Lookup(raw, "properties"), "token"))
}

// secret lists the fields with the token. Neither rules nor hashes see them.
var secret = []string{"$token", "properties.token"}
