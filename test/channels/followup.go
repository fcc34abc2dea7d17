// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// loopback is what the pods of samples with an API may connect to.
const loopback = "127.0.0.0/8"

// serveAPI serves the API of a sender on loopback: one response, for exactly the path, the query and the headers of the sample.
func serveAPI(f *FollowUp) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, want := range f.Headers {
			if r.Header.Get(name) != want {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		want, err := url.Parse(f.URL)
		if err != nil || r.Method != f.Method || r.URL.EscapedPath() != want.EscapedPath() || !has(r.URL.Query(), want.Query()) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, f.Response)
	}))
}

// has reports whether a query has all parameters of another one.
func has(query, want url.Values) bool {
	for name := range want {
		if query.Get(name) != want.Get(name) {
			return false
		}
	}
	return true
}

// followUp makes a source read from the API. The secret is the only header of the sample, without the scheme.
func followUp(source *Source, f *FollowUp, api string) error {
	w := source.Spec.Transport.Webhook
	if w == nil || len(f.Headers) != 1 {
		return fmt.Errorf("the sample reads %s with %d headers: a webhook with one secret is expected", f.URL, len(f.Headers))
	}
	for _, secret := range f.Headers {
		if _, key, ok := strings.Cut(secret, " "); ok {
			secret = key
		}
		source.Secrets[v1alpha1.DefaultAPIKey] = secret
	}
	w.FollowUp = &v1alpha1.FollowUp{BaseURL: api}
	source.Spec.Egress = &v1alpha1.SourceEgress{CIDRs: []string{loopback}}
	source.EgressPermitted = []string{loopback}
	return nil
}
