// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package server serves a store over HTTPS: the protocol of package wire, with three keys, limits, and metrics. It adds no semantics: the store
// defines what a call does. The calls of administrators have a separate listener.
package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/conns"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/reload"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// Options of a server. Store, Dir and Registry are required; the rest have defaults.
type Options struct {
	// Store to serve.
	Store store.Store
	// Dir contains the certificate, the private key and the three keys, named as in package podconfig. They are reloaded when they change.
	Dir string
	// Registry for the metrics.
	Registry *prometheus.Registry
	// Log of the server.
	Log *slog.Logger
	// Memory is shared by all appends in progress; nil means the default size.
	Memory *budget.Budget
	// MaxBodyBytes is the size of one append. The default is 64 MiB.
	MaxBodyBytes int64
	// MaxScans is the number of concurrent scans; the default is 4. Further scans wait for at most MaxWait; the default is 30 s.
	MaxScans int64
	MaxWait  time.Duration
	// StallTimeout ends a scan whose client reads nothing for that long, and an append that sends nothing. The default is 2 minutes.
	StallTimeout time.Duration
	// Clock for the expiry of pods' reports. The default is time.Now.
	Clock func() time.Time
}

func (o *Options) setDefaults() {
	setDefault(&o.MaxBodyBytes, 64<<20)
	setDefault(&o.MaxScans, 4)
	setDefault(&o.MaxWait, 30*time.Second)
	setDefault(&o.StallTimeout, 2*time.Minute)
	if o.Memory == nil {
		o.Memory = budget.New(budget.DefaultTotal)
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
}

func setDefault[T int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// Server serves one store.
type Server struct {
	opts     Options
	keys     *keys
	cert     *reload.Value[*tls.Certificate]
	metrics  *metrics
	scans    *semaphore.Weighted
	reports  *store.Board
	draining atomic.Bool
}

// New returns a server. It fails if certificate or keys cannot be read.
func New(o Options) (*Server, error) {
	o.setDefaults()
	s := &Server{
		opts: o, keys: newKeys(o.Dir),
		scans:   semaphore.NewWeighted(o.MaxScans),
		reports: store.NewBoard(o.Clock),
		cert: reload.New(func(c ...[]byte) (*tls.Certificate, error) {
			pair, err := tls.X509KeyPair(c[0], c[1])
			return &pair, err
		}, filepath.Join(o.Dir, podconfig.TLSCertFile), filepath.Join(o.Dir, podconfig.TLSKeyFile)),
	}
	s.metrics = newMetrics(o.Registry, o.Store, s.cert.Get)
	if _, err := s.cert.Get(); err != nil {
		return nil, fmt.Errorf("certificate of the store: %w", err)
	}
	if err := s.keys.check(); err != nil {
		return nil, fmt.Errorf("keys of the store: %w", err)
	}
	return s, nil
}

// TLSConfig returns a configuration that uses the certificate in the files at the time of each handshake.
func (s *Server) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS13,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.cert.Get() },
	}
}

// guard checks version and key, serves the call, and returns errors.
func (s *Server) guard(
	w http.ResponseWriter, r *http.Request, name string, needs role, serve func(http.ResponseWriter, *http.Request) error,
) {
	began := time.Now()
	w.Header().Set(wire.HeaderProtocol, fmt.Sprint(store.ProtocolVersion))
	err := checkProtocol(r.Header.Get(wire.HeaderProtocol))
	if err == nil {
		err = s.keys.allow(r.Header.Get("Authorization"), needs)
	}
	if err == nil {
		conns.Finished(r.Context())
		err = serve(w, r)
	}
	s.metrics.observe(name, codeOf(err), time.Since(began))
	if err != nil {
		s.answerError(w, r, name, err)
	}
}

// errProtocol means that the version of the client is not supported.
var errProtocol = errors.New("store protocol")

func checkProtocol(header string) error {
	var version int
	if _, err := fmt.Sscanf(header, "%d", &version); err != nil {
		return fmt.Errorf("%w: the header %s is missing or not a number", errProtocol, wire.HeaderProtocol)
	}
	if version < wire.MinProtocol || version > store.ProtocolVersion {
		return fmt.Errorf("%w: the client uses version %d, this store supports %d to %d: use a client of the store's release",
			errProtocol, version, wire.MinProtocol, store.ProtocolVersion)
	}
	return nil
}

// codeOf returns the code of a response for metrics.
func codeOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, errProtocol):
		return wire.CodeProtocol
	}
	_, body := wire.StatusOf(err)
	return body.Code
}

func (s *Server) answerError(w http.ResponseWriter, r *http.Request, name string, err error) {
	status, body := wire.StatusOf(err)
	if errors.Is(err, errProtocol) {
		status, body = http.StatusBadRequest, wire.Error{Message: err.Error(), Code: wire.CodeProtocol}
	}
	if r.Context().Err() == nil {
		s.opts.Log.Warn("call refused", "call", name, "code", body.Code, "error", err)
	}
	var sent *afterHeaderError
	if errors.As(err, &sent) {
		return
	}
	if status == http.StatusServiceUnavailable || status == http.StatusInsufficientStorage {
		w.Header().Set("Retry-After", "2")
	}
	answerJSON(w, status, body)
}
