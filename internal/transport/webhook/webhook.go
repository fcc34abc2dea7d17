// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package webhook accepts documents by POST, as JSON, forms or XML. The sender is authenticated by an HMAC over the request or by a token. The rules of
// the source, or of its preset, define what a document means.
package webhook

import (
	"net/http"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
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
	spec         *v1alpha1.WebhookTransport
	authenticate func(m *message) *reject.Rejection
	// tokens are those of a challenge.
	tokens   []string
	recorded bool
}

func newTransport(s transport.Settings) (transport.Transport, error) {
	w := s.Spec.Transport.Webhook
	t := &adapter{spec: w, tokens: s.ChallengeTokens, recorded: s.Recorded}
	switch {
	case s.Recorded, w.Unauthenticated != nil:
		t.authenticate = func(*message) *reject.Rejection { return nil }
	case w.HMAC != nil:
		v, err := newVerifier(w, s.Secrets)
		if err != nil {
			return nil, err
		}
		t.authenticate = v.verify
	case w.Bearer != nil:
		t.authenticate = func(m *message) *reject.Rejection { return transport.Bearer(m.Request, s.Secrets, false) }
	case w.Token != nil:
		t.authenticate = (&tokens{spec: w.Token, secrets: s.Secrets}).verify
	default:
		// The API refuses this. A pod that gets it nevertheless must not be open to everybody.
		t.authenticate = func(*message) *reject.Rejection { return transport.NoSecret("signing key") }
	}
	return t, nil
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport.
func (t *adapter) Headers(http.Header) http.Header { return nil }

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	if r.Method != http.MethodPost {
		return transport.Decoded{Reply: t.handshake(r)}, nil
	}
	out := transport.Decoded{Answer: t.answer()}
	m := &message{Request: r, spec: t.spec.Body}
	if rejection := t.authenticate(m); rejection != nil {
		if rejection.Reason == reject.MissingSignature && t.announces(m) {
			return transport.Decoded{Reply: &transport.Reply{Status: http.StatusOK}}, nil
		}
		return out, rejection
	}
	if a := t.spec.Answer; a != nil && a.RefusedStatus != nil {
		out.RefusedStatus = int(*a.RefusedStatus)
	}
	documents, rejection := m.documents()
	if rejection == nil {
		rejection = t.foreign(documents)
	}
	if rejection != nil {
		return out, rejection
	}
	if documents, rejection = t.parts(documents); rejection != nil {
		return out, rejection
	}
	out.Candidates = make([]transport.Candidate, len(documents))
	for i, d := range documents {
		out.Candidates[i] = candidate(d)
	}
	return out, nil
}

// foreign refuses documents of accounts that are not allowed.
func (t *adapter) foreign(documents []document) *reject.Rejection {
	s := t.spec.Sender
	if s == nil || len(s.Allowed) == 0 {
		return nil
	}
	for _, d := range documents {
		account, ok := value.Text(field(d.fields, s.Field))
		if !ok || !slices.Contains(s.Allowed, account) {
			return reject.New(reject.WrongAccount, string(s.Field), "the account of the sender is not in transport.webhook.sender.allowed")
		}
	}
	return nil
}

func candidate(d document) transport.Candidate {
	if d.rejection != nil {
		return transport.Candidate{Rejection: d.rejection}
	}
	return transport.Candidate{
		ContentID: func() (string, *reject.Rejection) { return contentID(d.fields, d.shell) },
		Body:      func() (any, error) { return d.fields, nil },
	}
}
