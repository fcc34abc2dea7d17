// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// content returns what was signed: the body, or the parts of the recipe in order.
func (v *verifier) content(m *message, url, stamp string) ([]byte, *reject.Rejection) {
	body, rejection := m.Body()
	if rejection != nil || len(v.recipe.SignedContent) == 0 {
		return body, rejection
	}
	form, rejection := m.form()
	if rejection != nil {
		return nil, rejection
	}
	var out []byte
	for _, p := range v.recipe.SignedContent {
		switch {
		case p.Body != nil:
			out = append(out, body...)
		case p.Form != nil:
			out = appendForm(out, form)
		case p.FormField != "":
			out = append(out, form.Get(p.FormField)...)
		case p.URL != nil:
			out = append(out, url...)
		case p.Method != nil:
			out = append(out, m.Method...)
		case p.Timestamp != nil:
			out = append(out, stamp...)
		case p.Header != "":
			out = append(out, m.Header.Get(p.Header)...)
		default:
			out = append(out, p.Literal...)
		}
	}
	return out, nil
}

// appendForm appends names and values, sorted by name. A value that is repeated counts once.
func appendForm(out []byte, form url.Values) []byte {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			out = append(append(out, name...), v...)
		}
	}
	return out
}

// defaultPorts of the schemes of URLs.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// urls returns the forms of the public URL that a sender can have signed: with and without the default port.
func (v *verifier) urls(m *message) []string {
	if !v.signsURL {
		return []string{""}
	}
	whole := v.url(m)
	out := []string{whole}
	u, err := url.Parse(v.publicURL)
	if err != nil {
		return out
	}
	before := u.Scheme + "://" + u.Host
	rest, ok := strings.CutPrefix(whole, before)
	switch port := defaultPorts[u.Scheme]; {
	case !ok || port == "":
	case u.Port() == "":
		out = append(out, before+":"+port+rest)
	case u.Port() == port:
		out = append(out, strings.TrimSuffix(before, ":"+port)+rest)
	}
	return out
}

// url returns the public URL with the query of the request. A hash of the body is in that query, which then replaces one of the public URL.
func (v *verifier) url(m *message) string {
	base, _, hasQuery := strings.Cut(v.publicURL, "?")
	switch {
	case m.RawQuery == "":
		return v.publicURL
	case hasQuery && v.recipe.BodyHashParameter == "":
		return v.publicURL
	}
	return base + "?" + m.RawQuery
}

// covered reports whether a signature over the form also covers a body that is not a form, by its hash in the query.
func (v *verifier) covered(m *message) bool {
	// A request with the hash has to match it, whatever it calls its body: an empty form would have the signature of any JSON.
	if !v.signsForm || transport.MediaType(m.Request) == formType && !m.Query.Has(v.recipe.BodyHashParameter) {
		return true
	}
	body, rejection := m.Body()
	if rejection != nil || v.recipe.BodyHashParameter == "" {
		return false
	}
	sum := sha256.Sum256(body)
	shown := strings.ToLower(m.Query.Get(v.recipe.BodyHashParameter))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(shown)) == 1
}
