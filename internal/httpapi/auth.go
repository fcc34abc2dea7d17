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
	// Scheme in front of the token. Default: that of the answer with the token.
	Scheme string
}

// authenticator adds credentials to requests.
type authenticator struct {
	c    Credentials
	http *http.Client
	// grant gets tokens; nil without OAuth2.
	grant *clientcredentials.Config
	// turn has room for one: a token is requested once for all who wait for it, each no longer than its context.
	turn  chan struct{}
	token *oauth2.Token
}

func newAuthenticator(c Credentials, client *http.Client) (*authenticator, error) {
	if c.Secret != "" && strings.ContainsAny(c.Secret, "\r\n\x00") {
		return nil, errors.New("the secret has a line break: put only the key into the Secret")
	}
	a := &authenticator{c: c, http: client, turn: make(chan struct{}, 1)}
	if c.OAuth2 != nil {
		if _, err := url.Parse(c.OAuth2.TokenURL); err != nil {
			return nil, errors.New("tokenURL is not a URL")
		}
		a.grant = grantOf(&c)
	}
	return a, nil
}

func grantOf(c *Credentials) *clientcredentials.Config {
	o := c.OAuth2
	config := &clientcredentials.Config{ClientID: o.ClientID, ClientSecret: c.Secret, TokenURL: o.TokenURL, Scopes: o.Scopes, EndpointParams: url.Values{}}
	for name, v := range o.Parameters {
		config.EndpointParams.Set(name, v)
	}
	return config
}

// current returns the token, which is kept until it expires or is forgotten.
func (a *authenticator) current(ctx context.Context) (*oauth2.Token, error) {
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-a.turn }()
	if a.token.Valid() {
		return a.token, nil
	}
	token, err := a.grant.Token(context.WithValue(ctx, oauth2.HTTPClient, a.http))
	if err != nil {
		return nil, err
	}
	a.token = token
	return token, nil
}

// forget forgets a token that the API refused, unless another request has already replaced it.
func (a *authenticator) forget(ctx context.Context, used *oauth2.Token) {
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-a.turn }()
	if a.token == used {
		a.token = nil
	}
}

// apply adds the credentials. It returns the token among them; nil if there is none.
func (a *authenticator) apply(r *http.Request) (*oauth2.Token, error) {
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
	return nil, nil
}

func (a *authenticator) authorize(r *http.Request) (*oauth2.Token, error) {
	token, err := a.current(r.Context())
	if err != nil {
		return nil, a.ungranted(r.Context(), err)
	}
	if s := a.c.OAuth2.Scheme; s != "" {
		r.Header.Set("Authorization", s+" "+token.AccessToken)
	} else {
		token.SetAuthHeader(r)
	}
	return token, nil
}

// ungranted returns the error of a request without a token.
func (a *authenticator) ungranted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
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
