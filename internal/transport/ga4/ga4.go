// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ga4 implements the Measurement Protocol of Google Analytics 4, with its validation server. Its recommended events have a defined meaning, so
// no mapping rules are needed; if there are rules, they are applied first.
package ga4

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "ga4",
	New: func(s transport.Settings) (transport.Transport, error) {
		t := &adapter{open: s.Recorded, secrets: s.Secrets}
		if spec := s.Spec.Transport.GA4; spec != nil {
			t.streams = spec.Streams
		}
		return t, nil
	},
}

const (
	collect  = "/mp/collect"
	validate = "/debug/mp/collect"
	methods  = "POST, OPTIONS"
)

type adapter struct {
	open    bool
	secrets []string
	streams []v1alpha1.GA4Stream
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusNoContent }

// Headers implements transport.Transport.
func (t *adapter) Headers(request http.Header) http.Header {
	return transport.CORSWithCookies(request, methods)
}

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	path := strings.TrimSuffix(r.Path, "/")
	switch {
	case path != collect && path != validate:
		return transport.Decoded{Reply: transport.NotFound("unknown path; use /mp/collect, or /debug/mp/collect to validate events")}, nil
	case r.Method == http.MethodOptions:
		return transport.Decoded{Reply: &transport.Reply{Status: http.StatusNoContent}}, nil
	case r.Method != http.MethodPost:
		return transport.Decoded{Reply: transport.MethodNotAllowed(methods)}, nil
	}
	if rejection := t.refuse(r); rejection != nil {
		return transport.Decoded{}, rejection
	}
	body, rejection := r.Body()
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	body = bytes.TrimSpace(body)
	if rejection := checkObject(body); rejection != nil {
		return transport.Decoded{}, rejection
	}
	p := parse(body)
	if path == validate {
		return transport.Decoded{Reply: p.validation()}, nil
	}
	out, rejection := p.decode()
	out.Answer = answer
	return out, rejection
}

// answer is the response of Google's server, which has no body. Refusals keep theirs, which says what is wrong.
func answer(r *transport.Result) *transport.Reply {
	if r.Status != http.StatusNoContent {
		return nil
	}
	return &transport.Reply{Status: http.StatusNoContent}
}

// refuse authenticates the sender by the parameters of the query, and checks the stream.
func (t *adapter) refuse(r *transport.Request) *reject.Rejection {
	if !t.open {
		shown := r.Query.Get("api_secret")
		switch {
		case len(t.secrets) == 0:
			return transport.NoSecret("API secret")
		case shown == "":
			return noSecret
		case !transport.Matches(t.secrets, shown):
			return wrongSecret
		}
	}
	if len(t.streams) == 0 {
		return nil
	}
	for _, name := range []string{"measurement_id", "firebase_app_id"} {
		if slices.Contains(t.streams, v1alpha1.GA4Stream(r.Query.Get(name))) {
			return nil
		}
	}
	return wrongStream
}

var (
	noSecret    = reject.New(reject.BadToken, "api_secret", "no API secret was sent: it is expected as api_secret in the query")
	wrongSecret = reject.New(reject.BadToken, "api_secret", "the API secret is wrong")
	wrongStream = reject.New(reject.BadToken, "measurement_id",
		"measurement_id or firebase_app_id in the query must be one of spec.transport.ga4.streams")
)

// checkObject refuses anything but one JSON object within the limits.
func checkObject(body []byte) *reject.Rejection {
	if rejection := transport.CheckJSON(body); rejection != nil {
		return rejection
	}
	if !json.Valid(body) || value.Kind(body) != '{' {
		return reject.New(reject.BadJSON, "", "the body must be a JSON object with events")
	}
	return nil
}
