// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of HTTP clients, if the options don't have others.
const (
	DefaultTimeout     = 30 * time.Second
	DefaultMaxResponse = 32 << 20
	maxRedirects       = 5
	maxHeader          = 64 << 10
)

// ClientOptions of an HTTP client.
type ClientOptions struct {
	// Timeout of a request with its response. Default: DefaultTimeout.
	Timeout time.Duration
	// MaxResponse is the size of a response in bytes after decompression. Default: DefaultMaxResponse.
	MaxResponse int64
	// CA has the certificates, in PEM, of the authorities that are trusted instead of the public ones; nil for the public ones.
	CA []byte
}

// ErrTooLarge is the error of reading a response that is larger than the limit.
var ErrTooLarge = errors.New("the response is too large")

// Client returns an HTTP client whose connections and redirects are guarded. Certificates are always verified.
func (g *Guard) Client(o ClientOptions) (*http.Client, error) {
	t := &http.Transport{
		DialContext: g.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: dialTimeout, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxHeader,
	}
	if o.CA != nil {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the authority (CA) has no certificate in PEM; use the text that begins with -----BEGIN CERTIFICATE-----")
		}
		t.TLSClientConfig.RootCAs = roots
	}
	if g.o.Proxy != nil {
		t.Proxy, t.DialContext = g.throughProxy, g.dialProxy
	}
	return &http.Client{
		Transport: &limited{t, cmp.Or(o.MaxResponse, DefaultMaxResponse)}, Timeout: cmp.Or(o.Timeout, DefaultTimeout), CheckRedirect: checkRedirect,
	}, nil
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
	left := slices.ContainsFunc(via, func(v *http.Request) bool { return !sameOrigin(v.URL, from) })
	if sameOrigin(r.URL, from) && !left {
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

func sameOrigin(a, b *url.URL) bool {
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

// throughProxy returns the proxy, after what can be checked without resolving a name: the proxy resolves it.
func (g *Guard) throughProxy(r *http.Request) (*url.URL, error) {
	host := r.URL.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		return g.o.Proxy, g.Check(host, a)
	}
	name := normal(host)
	// net/http sends the proxy another name: a wide digit becomes a digit, an ideographic full stop a dot.
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return nil, fmt.Errorf("%s has letters beyond ASCII: it is not reached through the proxy %s; write it as it is in the DNS (xn--)", host, g.o.Proxy.Host)
	}
	// Resolvers of C read a number as an address, and no top-level domain begins with a digit.
	last := name[strings.LastIndex(name, ".")+1:]
	inside := last == name || last == "" || last[0] >= '0' && last[0] <= '9'
	for _, suffix := range []string{".svc", ".local", ".internal", ".localhost"} {
		inside = inside || strings.HasSuffix(name, suffix)
	}
	if inside && (!g.o.Allowed.lists(name, netip.Addr{}) || !g.o.Permitted.lists(name, netip.Addr{})) {
		return nil, fmt.Errorf("%s is a name of the cluster or of a private network: it is not reached through the proxy %s; use a public name", host, g.o.Proxy.Host)
	}
	return g.o.Proxy, nil
}

// dialProxy connects to the proxy, which the operator names. It connects to nothing else.
func (g *Guard) dialProxy(ctx context.Context, network, address string) (net.Conn, error) {
	if want := net.JoinHostPort(g.o.Proxy.Hostname(), port(g.o.Proxy)); address != want {
		return nil, fmt.Errorf("%s: connections are made only through the proxy %s", address, want)
	}
	return (&net.Dialer{Timeout: dialTimeout, Resolver: g.o.Resolver}).DialContext(ctx, network, address)
}
