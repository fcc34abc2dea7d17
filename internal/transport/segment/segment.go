// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package segment implements the tracking API of the SDKs of Segment, RudderStack and Jitsu. Its messages have a defined meaning, so no mapping rules are
// needed; if there are rules, they are applied first.
package segment

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "segment",
	New: func(s transport.Settings) (transport.Transport, error) {
		return &adapter{open: s.Recorded, writeKeys: s.Secrets}, nil
	},
	Message: func(document map[string]any) (path, mediaType string, ok bool) {
		call, _ := document["type"].(string)
		if _, several := document["batch"].([]any); several {
			call = batch
		}
		path = "/v1/" + call
		return path, "application/json", call != "" && calls[path] == call
	},
}

// calls maps paths of the API to the type of the message, or batch.
var calls = map[string]string{
	"/v1/track": "track", "/v1/t": "track",
	"/v1/identify": "identify", "/v1/i": "identify",
	"/v1/page": "page", "/v1/p": "page",
	"/v1/screen": "screen", "/v1/s": "screen",
	"/v1/group": "group", "/v1/g": "group",
	"/v1/alias": "alias", "/v1/a": "alias",
	"/v1/batch": batch, "/v1/b": batch, "/v1/import": batch, "/beacon/v1/batch": batch,
}

const batch = "batch"

// ownPath returns the path of Segment's API for a path of Jitsu's: /api/s/track from browsers, /api/s/s2s/track from servers.
func ownPath(path string) string {
	path = strings.TrimSuffix(path, "/")
	if call, ok := strings.CutPrefix(path, "/api/s/"); ok {
		return "/v1/" + strings.TrimPrefix(call, "s2s/")
	}
	return path
}

// cors allows pages of any origin to send: the write key authenticates, not the origin, and no cookies are used.
var cors = http.Header{
	"Access-Control-Allow-Origin":  {"*"},
	"Access-Control-Allow-Methods": {"POST, OPTIONS"},
	"Access-Control-Allow-Headers": {"Authorization, Content-Type, Content-Encoding, AnonymousId, X-Write-Key"},
	"Access-Control-Max-Age":       {"86400"},
}

type adapter struct {
	open      bool
	writeKeys []string
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport.
func (t *adapter) Headers(http.Header) http.Header { return cors }

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	call, known := calls[ownPath(r.Path)]
	switch {
	case !known:
		return transport.Decoded{Reply: notFound}, nil
	case r.Method == http.MethodOptions:
		return transport.Decoded{Reply: &transport.Reply{Status: http.StatusNoContent}}, nil
	case r.Method != http.MethodPost:
		return transport.Decoded{Reply: transport.MethodNotAllowed("POST, OPTIONS")}, nil
	}
	shown := shownKey(r)
	if rejection := t.refuse(shown); rejection != nil {
		return transport.Decoded{}, rejection
	}
	body, rejection := t.body(r)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	if shown == "" && !t.open {
		key := value.RawText(value.Lookup(body, "writeKey"))
		if key == "" {
			return transport.Decoded{}, noKey
		}
		if rejection := t.refuse(key); rejection != nil {
			return transport.Decoded{}, rejection
		}
	}
	return decode(body, call, r.ReceivedAt)
}

// refuse returns the rejection of a write key, or nil. An empty one is still to be found in the body.
func (t *adapter) refuse(key string) *reject.Rejection {
	switch {
	case t.open:
		return nil
	case len(t.writeKeys) == 0:
		return transport.NoSecret("write key")
	case key != "" && !transport.Matches(t.writeKeys, key):
		return wrongKey
	}
	return nil
}

var (
	wrongKey = reject.New(reject.BadToken, "writeKey", "the write key is wrong")
	noKey    = reject.New(reject.BadToken, "writeKey",
		"no write key was sent: it is expected as the user name of Basic authentication, or as writeKey in the body or query")
	notFound = &transport.Reply{
		Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"success":false,"error":"unknown call; use /v1/track, identify, page, screen, group, alias and batch"}`),
	}
)

// shownKey returns the write key in the header or the query, or an empty text if it has to be in the body.
func shownKey(r *transport.Request) string {
	h := http.Request{Header: r.Header}
	if user, _, ok := h.BasicAuth(); ok && user != "" {
		return user
	}
	if scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	if key := r.Header.Get("X-Write-Key"); key != "" {
		return key
	}
	return r.Query.Get("writeKey")
}

// body reads one JSON object within the limits.
func (t *adapter) body(r *transport.Request) ([]byte, *reject.Rejection) {
	body, rejection := r.Body()
	if rejection != nil {
		return nil, rejection
	}
	if rejection := transport.CheckJSON(body); rejection != nil {
		return nil, rejection
	}
	if !json.Valid(body) {
		return nil, transport.NotJSON("")
	}
	for range value.Fields(body) {
		return body, nil
	}
	return nil, reject.New(reject.BadJSON, "", "the body must be a JSON object with fields")
}
