// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits of HTTP clients.
const (
	maxRedirects = 5
	maxHeader    = 64 << 10
)

// ClientOptions of an HTTP client.
type ClientOptions struct {
	// Timeout of a request with its response.
	Timeout time.Duration
	// MaxResponse is the size of a response in bytes after decompression.
	MaxResponse int64
	// TLS has authorities and certificates. Default: the usual public authorities.
	TLS *tls.Config
	// SameOrigin makes redirects to another scheme, host or port fail with an *ElsewhereError. Default: they are followed without credentials.
	SameOrigin bool
}

// Dialer connects to a host and port, like that of net.Dialer.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// ErrTooLarge is the error of reading a response that is larger than the limit.
var ErrTooLarge = errors.New("the response is too large")

// Client returns an HTTP client whose connections and redirects are guarded. Certificates are always verified. Proxies of the environment are not used: a
// proxy resolves names itself, so nothing could be checked here.
func (g *Guard) Client(o ClientOptions) *http.Client { return NewClient(g.DialContext, o) }

// NewClient is Client for a dialer that has a guard behind it.
func NewClient(dial Dialer, o ClientOptions) *http.Client {
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t := &http.Transport{
		DialContext: dial, TLSClientConfig: o.TLS.Clone(), ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: dialTimeout, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxHeader,
	}
	check := checkRedirect
	if o.SameOrigin {
		check = staysThere
	}
	return &http.Client{Transport: &limited{t, o.MaxResponse}, Timeout: o.Timeout, CheckRedirect: check}
}

// ElsewhereError is the error of a redirect to another scheme, host or port, which is not followed.
type ElsewhereError struct{ From, To *url.URL }

// Error implements error. The rest of the URLs can have keys.
func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("%s redirects to %s: not followed", Origin(e.From), Origin(e.To))
}

// Origin is the scheme, the host and the port of a URL.
func Origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// staysThere follows few redirects, all to the same scheme, host and port. A request with a body is sent again only by 307 and 308, to a place that knows the
// credentials already.
func staysThere(r *http.Request, via []*http.Request) error {
	if !SameOrigin(r.URL, via[0].URL) {
		return &ElsewhereError{From: via[0].URL, To: r.URL}
	}
	return checkRedirect(r, via)
}

// checkRedirect follows few redirects, none from HTTPS to HTTP, and sends another host neither credentials nor bodies. Its address is checked like every
// other, when the connection is made.
func checkRedirect(r *http.Request, via []*http.Request) error {
	from := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects, the last to %s", maxRedirects, r.URL.Host)
	case r.URL.Scheme != "https" && (r.URL.Scheme != "http" || via[len(via)-1].URL.Scheme == "https"):
		return fmt.Errorf("%s redirects from %s to %s: not followed; use the URL to which it should lead", from.Host, via[len(via)-1].URL.Scheme, r.URL.Scheme)
	}
	// The URL of the previous request can have a key.
	r.Header.Del("Referer")
	left := slices.ContainsFunc(via, func(v *http.Request) bool { return !SameOrigin(v.URL, from) })
	if SameOrigin(r.URL, from) && !left {
		return nil
	}
	if r.Body != nil && r.Body != http.NoBody {
		return fmt.Errorf("%s redirects to %s: not followed, because the request has a body, which can have credentials; use that host in the URL",
			from.Host, r.URL.Host)
	}
	for name := range r.Header {
		if !harmless[name] {
			r.Header.Del(name)
		}
	}
	return nil
}

// harmless are the headers that another host may see.
var harmless = map[string]bool{"Accept": true, "Accept-Language": true, "User-Agent": true}

// SameOrigin reports whether two URLs have the same scheme, host and port, so that one may see the credentials of the other.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// limited limits the size of responses.
type limited struct {
	base http.RoundTripper
	max  int64
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = &body{ReadCloser: response.Body, left: l.max, max: l.max}
	return response, nil
}

// CloseIdleConnections lets http.Client close connections.
func (l *limited) CloseIdleConnections() {
	if c, ok := l.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// body is a response of limited size.
type body struct {
	io.ReadCloser
	left, max int64
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("%w: it has more than %d bytes", ErrTooLarge, b.max)
	}
	return n, err
}
