// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// maxChallenge is the length of a challenge. It is sent back, so it must not be of any size.
const maxChallenge = 1024

// handshake answers the requests by which a sender tests the endpoint; others are not allowed.
func (t *adapter) handshake(r *transport.Request) *transport.Reply {
	h := t.spec.Handshake
	if h == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return transport.MethodNotAllowed(http.MethodPost)
	}
	if c := h.Challenge; c != nil && r.Method == http.MethodGet && r.Query.Has(c.Parameter) {
		challenge := r.Query.Get(c.Parameter)
		if len(challenge) > maxChallenge || !transport.Matches(t.tokens, r.Query.Get(c.TokenParameter)) {
			return plain(http.StatusForbidden, "the token of the challenge is wrong, or the Secret has none")
		}
		return plain(http.StatusOK, challenge)
	}
	if h.Reachable != nil {
		return plain(http.StatusOK, "")
	}
	return transport.MethodNotAllowed(http.MethodPost)
}

// plain is a text. The type must not be guessed from a challenge, which could be a page.
func plain(status int, text string) *transport.Reply {
	return &transport.Reply{
		Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}}, Body: []byte(text),
	}
}

// announces reports whether a request without a signature only announces the sender.
func (t *adapter) announces(m *message) bool {
	if t.spec.Handshake == nil || len(t.spec.Handshake.Unsigned) == 0 {
		return false
	}
	documents, rejection := m.documents()
	if rejection != nil || len(documents) != 1 || documents[0].rejection != nil {
		return false
	}
	for _, u := range t.spec.Handshake.Unsigned {
		found := 0
		for _, f := range u.Fields {
			if _, ok := documents[0].fields[f]; ok {
				found++
			}
		}
		if found == len(u.Fields) && found == len(documents[0].fields) {
			return true
		}
	}
	return false
}

// answer returns the response of the spec: to accepted requests, and to those that are too old. nil is the usual one.
func (t *adapter) answer() func(*transport.Result) *transport.Reply {
	a := t.spec.Answer
	if a == nil {
		return nil
	}
	return func(r *transport.Result) *transport.Reply {
		switch {
		case r.Success && a.Body != "":
			return &transport.Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {a.ContentType}}, Body: []byte(a.Body)}
		case r.Reason == reject.StaleTimestamp && a.StaleStatus != nil:
			return plain(int(*a.StaleStatus), strings.TrimSpace(r.Error))
		}
		return nil
	}
}
