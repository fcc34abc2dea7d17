// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package matomo implements the tracking API of Matomo: single requests with parameters in the query or in a form, and many in one JSON document. Its
// parameters have a defined meaning, so no mapping rules are needed; if there are rules, they are applied first.
package matomo

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Kind is the entry in the registry.
var Kind = transport.Kind{
	Name: "matomo",
	New: func(s transport.Settings) (transport.Transport, error) {
		t := &adapter{recorded: s.Recorded, tokens: s.Secrets}
		if spec := s.Spec.Transport.Matomo; spec != nil {
			t.open, t.currency, t.sites = spec.Unauthenticated != nil, spec.Currency, siteSet(spec.Sites)
		}
		return t, nil
	},
}

const methods = "GET, POST, OPTIONS"

type adapter struct {
	// open is set if requests without a token are accepted; recorded if the token of a request was checked when it was received.
	open, recorded bool
	tokens         []string
	currency       string
	// sites that are accepted; nil for all.
	sites map[string]bool
}

func siteSet(list []v1alpha1.MatomoSite) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[strconv.Itoa(int(s))] = true
	}
	return out
}

// Accepted implements transport.Transport.
func (t *adapter) Accepted() int { return http.StatusOK }

// Headers implements transport.Transport. Matomo's script sends cookies with its requests.
func (t *adapter) Headers(request http.Header) http.Header {
	return transport.CORSWithCookies(request, methods)
}

// Decode implements transport.Transport.
func (t *adapter) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	switch path := r.Path; {
	case path != "/matomo.php" && path != "/piwik.php":
		return transport.Decoded{Reply: transport.NotFound("unknown path; use /matomo.php or /piwik.php")}, nil
	case r.Method == http.MethodOptions:
		return transport.Decoded{Reply: &transport.Reply{Status: http.StatusNoContent}}, nil
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return transport.Decoded{Reply: transport.MethodNotAllowed(methods)}, nil
	case len(t.tokens) == 0 && !t.open && !t.recorded:
		return transport.Decoded{}, transport.NoSecret("token")
	}
	var body []byte
	if r.Method == http.MethodPost {
		var rejection *reject.Rejection
		if body, rejection = r.Body(); rejection != nil {
			return transport.Decoded{}, rejection
		}
		body = bytes.TrimSpace(body)
	}
	// The body says what it is: browsers send bulk requests as forms, or as plain text.
	if k := value.Kind(body); k == '{' || k == '[' {
		return t.bulk(r, body)
	}
	return t.single(r, string(body))
}

// level is how far the sender of a document is known.
type level int

const (
	// refused means that there is no token, or a wrong one.
	refused level = iota
	// anybody may send, but not as of long ago.
	anybody
	// known is a sender with the token.
	known
)

// level returns the level of a document by its token, or else that of its request.
func (t *adapter) level(tokens ...string) level {
	for _, token := range tokens {
		switch {
		case token == "":
		case transport.Matches(t.tokens, token):
			return known
		case len(t.tokens) > 0 && !t.recorded:
			return refused
		}
	}
	switch {
	case t.recorded:
		return known
	case t.open:
		return anybody
	}
	return refused
}

// bearer returns the token in the header, which Matomo accepts, too.
func bearer(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

var wrongToken = reject.New(reject.BadToken, "token_auth", "token_auth is missing or wrong")
