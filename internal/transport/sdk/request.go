// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sdk

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Methods are those of the requests that pages may send.
const Methods = "GET, POST, OPTIONS"

// JSON returns a response.
func JSON(status int, body string) *transport.Reply {
	return &transport.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

// Text returns a response of plain text.
func Text(status int, body string) *transport.Reply {
	return &transport.Reply{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(body)}
}

// Preflight returns the response to a request that brings no events by its method, or nil. reads is set if GET is one way to send.
func Preflight(method string, reads bool) *transport.Reply {
	switch {
	case method == http.MethodOptions:
		return &transport.Reply{Status: http.StatusNoContent}
	case method == http.MethodPost, method == http.MethodGet && reads:
		return nil
	case reads:
		return transport.MethodNotAllowed(Methods)
	}
	return transport.MethodNotAllowed("POST, OPTIONS")
}

// Keys are the keys of a source.
type Keys struct {
	// Open is set if nobody is authenticated.
	Open bool
	// Secrets are the valid keys.
	Secrets []string
	// Field is where SDKs send the key; What is its name in the words of the protocol.
	Field, What string
}

// Missing is the rejection of every request while there is no Secret, or nil.
func (k *Keys) Missing() *reject.Rejection {
	if k.Open || len(k.Secrets) > 0 {
		return nil
	}
	return transport.NoSecret(k.What)
}

// Refuse returns the rejection of a request that shows these keys, of which one must be valid, or nil. Empty ones are not shown.
func (k *Keys) Refuse(shown ...string) *reject.Rejection {
	if k.Open {
		return nil
	}
	some := false
	for _, key := range shown {
		if key == "" {
			continue
		}
		if some = true; transport.Matches(k.Secrets, key) {
			return nil
		}
	}
	if some {
		return reject.New(reject.BadToken, k.Field, "the "+k.What+" is wrong")
	}
	return reject.New(reject.BadToken, k.Field, "no "+k.What+" was sent")
}

// Without returns the document without the fields, of which each is a name or a name in an object, such as properties.token.
func Without(raw []byte, fields ...string) (map[string]any, error) {
	decoded, err := value.Decode(raw)
	if err != nil {
		return nil, err
	}
	document, _ := decoded.(map[string]any)
	for _, f := range fields {
		object, name, nested := strings.Cut(f, ".")
		if !nested {
			delete(document, f)
			continue
		}
		if inner, ok := document[object].(map[string]any); ok {
			delete(inner, name)
		}
	}
	return document, nil
}

// Content returns the hash of the document without the fields.
func Content(raw []byte, fields ...string) (string, *reject.Rejection) {
	document, err := Without(raw, fields...)
	if err != nil {
		return "", transport.NotJSON("")
	}
	return transport.ContentID(document)
}
