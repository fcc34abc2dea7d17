// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package webhook takes any JSON by POST: an object, or a list of objects, each of which is a document of its own. The sender is
// recognised by an HMAC over the request or by a bearer token; what a document means is for the mapping rules to say.
package webhook

import (
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/channel"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the registry's entry.
var Kind = channel.Kind{
	Name:      "webhook",
	Used:      func(t *v1alpha1.Transport) bool { return t.Webhook != nil },
	SecretRef: func(t *v1alpha1.Transport) *v1alpha1.SecretKeyReference { return t.Webhook.SecretRef },
	New:       newTransport,
}

type transport struct {
	authenticate func(r *channel.Request) *reject.Rejection
}

func newTransport(s channel.Settings) (channel.Transport, error) {
	w := s.Spec.Transport.Webhook
	switch {
	case w.HMAC != nil:
		v, err := newVerifier(w, s.Secrets)
		if err != nil {
			return nil, err
		}
		return &transport{authenticate: v.verify}, nil
	case w.Bearer != nil:
		return &transport{authenticate: func(r *channel.Request) *reject.Rejection {
			return channel.Bearer(r, s.Secrets, false)
		}}, nil
	case w.Unauthenticated != nil:
		return &transport{authenticate: func(*channel.Request) *reject.Rejection { return nil }}, nil
	}
	// The API refuses this; a pod that got it anyway must not be open to everybody.
	return &transport{authenticate: func(*channel.Request) *reject.Rejection { return channel.NoSecret("signing key") }}, nil
}

// Accepted implements channel.Transport.
func (t *transport) Accepted() int { return http.StatusOK }

// Headers implements channel.Transport.
func (t *transport) Headers() http.Header { return nil }

// Decode implements channel.Transport.
func (t *transport) Decode(r *channel.Request) (channel.Decoded, *reject.Rejection) {
	if r.Method != http.MethodPost {
		return channel.Decoded{Reply: channel.MethodNotAllowed(http.MethodPost)}, nil
	}
	if rejection := t.authenticate(r); rejection != nil {
		return channel.Decoded{}, rejection
	}
	if m := channel.MediaType(r); m != "" && m != "application/json" && !strings.HasSuffix(m, "+json") {
		return channel.Decoded{}, channel.Unsupported("application/json")
	}
	body, rejection := r.Body()
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	documents, rejection := channel.Document(body)
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	out := channel.Decoded{Candidates: make([]channel.Candidate, len(documents))}
	for i, d := range documents {
		out.Candidates[i] = candidate(d)
	}
	return out, nil
}

func candidate(raw []byte) channel.Candidate {
	document, err := value.Decode(raw)
	if err != nil {
		return channel.Candidate{Rejection: channel.NotJSON("")}
	}
	if _, ok := document.(map[string]any); !ok {
		return channel.Candidate{Rejection: reject.New(reject.BadJSON, "", "every element of a list has to be a JSON object")}
	}
	return channel.Candidate{
		ContentID: func() (string, *reject.Rejection) { return channel.ContentID(document) },
		Body:      func() (any, error) { return document, nil },
	}
}
