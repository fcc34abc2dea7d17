// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package client calls a store over HTTPS. It implements the contract of package store, including the errors.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reload"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Options of a client: URL, a key and a CA are required.
type Options struct {
	// URL of the store, such as https://default-store.shop.svc:8443.
	URL string
	// KeyFile and CAFile contain the key and the CA certificate of the store. They are reloaded when they change.
	KeyFile, CAFile string
	// Key and CA can be used instead of files.
	Key, CA []byte
	// ServerName to expect in the certificate, if it is not the host of the URL, as behind a forwarded port.
	ServerName string
	// Timeout of a call. The default is 30 s. Scans, erasures and retention can take longer.
	Timeout time.Duration
	// ScanTimeout is how long a scan can return nothing. The default is 10 minutes.
	ScanTimeout time.Duration
}

const (
	defaultTimeout     = 30 * time.Second
	defaultScanTimeout = 10 * time.Minute
	// adminTimeout of calls that rewrite files.
	adminTimeout = time.Hour
	dialTimeout  = 10 * time.Second
	idleConns    = 16
)

// Client of a store.
type Client struct {
	base        string
	key         *reload.Value[string]
	roots       *reload.Value[*x509.CertPool]
	http        *http.Client
	timeout     time.Duration
	scanTimeout time.Duration
}

var (
	_ store.Store    = (*Client)(nil)
	_ store.Reporter = (*Client)(nil)
)

// New returns a client. It connects on first use. Missing files are errors of the calls, so that they can be created later.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%w: URL %q of the store is not https://host:port", store.ErrInvalid, o.URL)
	}
	if (o.KeyFile == "") == (len(o.Key) == 0) || (o.CAFile == "") == (len(o.CA) == 0) {
		return nil, fmt.Errorf("%w: the client needs a key and an authority, each either as a file or as bytes", store.ErrInvalid)
	}
	c := &Client{
		base: strings.TrimSuffix(o.URL, "/"), timeout: o.Timeout, scanTimeout: o.ScanTimeout,
		key: source(o.KeyFile, o.Key, parseKey), roots: source(o.CAFile, o.CA, parseRoots),
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.scanTimeout <= 0 {
		c.scanTimeout = defaultScanTimeout
	}
	name := o.ServerName
	if name == "" {
		name = u.Hostname()
	}
	c.http = &http.Client{Transport: &http.Transport{
		DialTLSContext: c.dial(name), MaxIdleConnsPerHost: idleConns, IdleConnTimeout: time.Minute,
		// Scans consist of numbers and of texts that the store has already packed.
		DisableCompression: true, WriteBufferSize: 64 << 10, ReadBufferSize: 256 << 10,
	}}
	return c, nil
}

// source returns a value from a file, or a fixed one.
func source[T any](file string, fixed []byte, parse func(...[]byte) (T, error)) *reload.Value[T] {
	if file != "" {
		return reload.New(parse, file)
	}
	return reload.New(func(...[]byte) (T, error) { return parse(fixed) })
}

func parseKey(contents ...[]byte) (string, error) {
	key := string(bytes.TrimSpace(contents[0]))
	if key == "" || strings.ContainsAny(key, "\r\n") {
		return "", errors.New("it contains no key")
	}
	return key, nil
}

func parseRoots(contents ...[]byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(contents[0]) {
		return nil, errors.New("it contains no certificate")
	}
	return pool, nil
}

// dial connects with the CA that is in the file at that time.
func (c *Client) dial(name string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		roots, err := c.roots.Get()
		if err != nil {
			return nil, fmt.Errorf("authority of the store: %w", err)
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		d := &tls.Dialer{NetDialer: plain, Config: &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS13}}
		return d.DialContext(ctx, network, addr)
	}
}

// Close closes idle connections. It does not close the store.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}
