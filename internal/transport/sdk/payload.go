// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sdk contains what the protocols of product analytics SDKs share: how JSON is packed into a request, keys in the body, preflight requests of
// browsers, and reserved names of properties.
package sdk

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Payload returns the JSON of a request: the body, or the field with that name of a form in the body, or in the query of a request without a body. A
// field is JSON, plain or in Base64. Only the limit on bytes has been checked.
func Payload(r *transport.Request, field string) ([]byte, *reject.Rejection) {
	if r.Method == http.MethodGet {
		return unpack(r, []byte(r.Query.Get(field)))
	}
	body, rejection := r.Body()
	if rejection != nil {
		return nil, rejection
	}
	if body = bytes.TrimSpace(body); isJSON(body) {
		return body, nil
	}
	if text, ok := Field(body, field); ok {
		body = bytes.TrimSpace([]byte(text))
	}
	return unpack(r, body)
}

// unpack decodes Base64, unless the text is JSON already, and reserves the memory that the JSON needs.
func unpack(r *transport.Request, packed []byte) ([]byte, *reject.Rejection) {
	if !isJSON(packed) {
		decoded, ok := fromBase64(packed)
		if packed = bytes.TrimSpace(decoded); !ok || !isJSON(packed) {
			return nil, transport.NotJSON("")
		}
	}
	if r.Reserve != nil {
		if rejection := r.Reserve(packed); rejection != nil {
			return nil, rejection
		}
	}
	return packed, nil
}

// Checked returns the rejection of a document that is not valid JSON within the limits.
func Checked(document []byte) *reject.Rejection {
	if rejection := transport.CheckJSON(document); rejection != nil {
		return rejection
	}
	if !json.Valid(document) {
		return transport.NotJSON("")
	}
	return nil
}

func isJSON(b []byte) bool { return len(b) > 0 && (b[0] == '{' || b[0] == '[') }

// fromBase64 decodes both alphabets, with or without padding. A form turns a plus sign that is not escaped into a space.
func fromBase64(packed []byte) ([]byte, bool) {
	text := strings.NewReplacer(" ", "+", "-", "+", "_", "/", "\r", "", "\n", "").Replace(string(packed))
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return out, err == nil && len(out) > 0
}

// Field returns a field of a form. It decodes no other one, so a form with many fields needs no memory.
func Field(form []byte, name string) (string, bool) {
	for len(form) > 0 {
		var pair []byte
		pair, form, _ = bytes.Cut(form, []byte("&"))
		raw, ok := bytes.CutPrefix(pair, []byte(name+"="))
		if !ok {
			continue
		}
		text, err := url.QueryUnescape(string(raw))
		return text, err == nil
	}
	return "", false
}
