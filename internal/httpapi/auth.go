// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

// Credentials of an API. Without a secret, there are none.
type Credentials struct {
	// Secret is the key, the token, the password or the client secret.
	Secret string
	// Header that has the secret, after Prefix. Default, if nothing else is set: Authorization with the prefix "Bearer ".
	Header, Prefix string
	// Parameter of the query that has the secret.
	Parameter string
	// User of Basic authentication, whose password is the secret. Basic is set for it, also with an empty user.
	Basic bool
	User  string
	// OAuth2 gets tokens by client credentials; nil for none.
	OAuth2 *OAuth2
}

// OAuth2 is the grant client_credentials of RFC 6749.
type OAuth2 struct {
	TokenURL, ClientID string
	Scopes             []string
	// Parameters of the token request, such as audience.
	Parameters map[string]string
}

// authenticator adds credentials to requests.
type authenticator struct {
	c     Credentials
	http  *http.Client
	mu    sync.Mutex
	token oauth2.TokenSource
}

func newAuthenticator(c Credentials, client *http.Client) (*authenticator, error) {
	if c.Secret != "" && strings.ContainsAny(c.Secret, "\r\n\x00") {
		return nil, errors.New("the secret has a line break: put only the key into the Secret")
	}
	a := &authenticator{c: c, http: client}
	if c.OAuth2 != nil {
		if _, err := url.Parse(c.OAuth2.TokenURL); err != nil {
			return nil, errors.New("tokenURL is not a URL")
		}
		a.token = a.source()
	}
	return a, nil
}

// source returns a source of tokens, which keeps one until it expires.
func (a *authenticator) source() oauth2.TokenSource {
	o := a.c.OAuth2
	config := clientcredentials.Config{ClientID: o.ClientID, ClientSecret: a.c.Secret, TokenURL: o.TokenURL, Scopes: o.Scopes, EndpointParams: url.Values{}}
	for name, v := range o.Parameters {
		config.EndpointParams.Set(name, v)
	}
	return config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, a.http))
}

// renew forgets the token; false if there is none to forget.
func (a *authenticator) renew() bool {
	if a.c.OAuth2 == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token = a.source()
	return true
}

func (a *authenticator) apply(r *http.Request) error {
	switch c := &a.c; {
	case c.OAuth2 != nil:
		return a.authorize(r)
	case c.Secret == "":
	case c.Parameter != "":
		q := r.URL.Query()
		q.Set(c.Parameter, c.Secret)
		r.URL.RawQuery = q.Encode()
	case c.Basic:
		r.SetBasicAuth(c.User, c.Secret)
	case c.Header != "":
		r.Header.Set(c.Header, c.Prefix+c.Secret)
	default:
		r.Header.Set("Authorization", "Bearer "+c.Secret)
	}
	return nil
}

func (a *authenticator) authorize(r *http.Request) error {
	a.mu.Lock()
	source := a.token
	a.mu.Unlock()
	token, err := source.Token()
	if err == nil {
		token.SetAuthHeader(r)
		return nil
	}
	host := a.c.OAuth2.TokenURL
	if u, err := url.Parse(host); err == nil {
		host = u.Host
	}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		var blocked *egress.RefusedError
		if errors.As(err, &blocked) {
			return &Error{Reason: Misconfigured, Message: blocked.Error()}
		}
		return &Error{Reason: Unreachable, Temporary: true, Message: host + " gives no token: it cannot be reached, or its answer is no token"}
	}
	// The error has the whole response; its code is one of the few words of RFC 6749.
	status := refused.Response.StatusCode
	out := &Error{Reason: Unauthorized, Status: status, Message: fmt.Sprintf(
		"%s gives no token: it answers %d %s; check the client's id, its secret and its scopes", host, status, code(refused.ErrorCode))}
	if status >= 500 || status == http.StatusTooManyRequests {
		out.Reason, out.Temporary = Unavailable, true
	}
	return out
}

// code returns the code of an error if it is one of RFC 6749.
func code(s string) string {
	switch s {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return s
	}
	return "without a known code"
}
