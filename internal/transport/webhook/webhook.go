// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package webhook accepts any JSON by POST: an object, or a list of objects, each of which is a separate document. The sender is
// authenticated by an HMAC over the request or by a bearer token. The mapping rules define what a document means.
package webhook

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "webhook",
	New:  newTransport,
}

type adapter struct {
	authenticate func(r *transport.Request) *reject.Rejection
}

func newTransport(s transport.Settings) (transport.Transport, error) {
	w := s.Spec.Transport.Webhook
	switch {
	case s.Recorded, w.Unauthenticated != nil:
		return &adapter{authenticate: func(*transport.Request) *reject.Rejection { return nil }}, nil
	case w.HMAC != nil:
		v, err := newVerifier(w, s.Secrets)
		if err != nil {
			return nil, err
		}
		return &adapter{authenticate: v.verify}, nil
	case w.Bearer != nil:
		return &adapter{authenticate: func(r *transport.Request) *reject.Rejection {
			return transport.Bearer(r, s.Secrets, false)
		}}, nil
	}
	// The API refuses this. A pod that gets it nevertheless must not be open to everybody.
	return &adapter{authenticate: func(*transport.Request) *reject.Rejection { return transport.NoSecret("signing key") }}, nil
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport.
func (t *adapter) Headers(http.Header) http.Header { return nil }

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	if r.Method != http.MethodPost {
		return transport.Decoded{Reply: transport.MethodNotAllowed(http.MethodPost)}, nil
	}
	if rejection := t.authenticate(r); rejection != nil {
		return transport.Decoded{}, rejection
	}
	if m := transport.MediaType(r); m != "" && m != "application/json" && !strings.HasSuffix(m, "+json") {
		return transport.Decoded{}, transport.Unsupported("application/json")
	}
	body, rejection := r.Body()
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	documents, rejection := transport.Document(body)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	out := transport.Decoded{Candidates: make([]transport.Candidate, len(documents))}
	for i, d := range documents {
		out.Candidates[i] = candidate(d)
	}
	return out, nil
}

func candidate(raw []byte) transport.Candidate {
	document, err := value.Decode(raw)
	if err != nil {
		return transport.Candidate{Rejection: transport.NotJSON("")}
	}
	if _, ok := document.(map[string]any); !ok {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "every element of a list must be a JSON object")}
	}
	return transport.Candidate{
		ContentID: func() (string, *reject.Rejection) { return transport.ContentID(document) },
		Body:      func() (any, error) { return document, nil },
	}
}
