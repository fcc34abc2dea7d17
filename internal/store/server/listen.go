// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/conns"
)

const (
	headTimeout    = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
)

// Clients with a key need few connections. A connection counts as unauthenticated from the handshake to the response.
var (
	callerLimits = conns.Limits{Connections: 2048, Unfinished: 256, PerPeer: 64, Encrypted: true}
	adminLimits  = conns.Limits{Connections: 128, Unfinished: 64, PerPeer: 64, Encrypted: true}
	plainLimits  = conns.Limits{Connections: 128, Unfinished: 64, PerPeer: 32}
)

// Listen returns a server for the handler with the timeouts that it needs, and the listener that limits its connections.
func (s *Server) Listen(l net.Listener) (*http.Server, net.Listener) {
	return s.encrypted(s.Handler(), l, callerLimits)
}

// ListenAdmin is Listen for the calls of an administrator.
func (s *Server) ListenAdmin(l net.Listener) (*http.Server, net.Listener) {
	return s.encrypted(s.AdminHandler(), l, adminLimits)
}

// ListenProbes is Listen for the kubelet, over plain HTTP.
func (s *Server) ListenProbes(l net.Listener) (*http.Server, net.Listener) {
	return s.plain(s.ProbeHandler(), l)
}

// ListenMetrics is Listen for scrapers, over plain HTTP.
func (s *Server) ListenMetrics(l net.Listener) (*http.Server, net.Listener) {
	return s.plain(s.MetricsHandler(), l)
}

// encrypted serves with ServeTLS. It only supports HTTP/1.1: one stream per connection gives scans the backpressure of TCP, and no append waits behind a scan.
func (s *Server) encrypted(h http.Handler, l net.Listener, limits conns.Limits) (*http.Server, net.Listener) {
	web := s.web(h)
	web.TLSConfig, web.Protocols = s.TLSConfig(), &http.Protocols{}
	web.Protocols.SetHTTP1(true)
	table := conns.New(limits, s.metrics.closed)
	table.Serve(web)
	return web, table.Listener(l)
}

func (s *Server) plain(h http.Handler, l net.Listener) (*http.Server, net.Listener) {
	web := s.web(h)
	return web, conns.Bound(web, l, plainLimits)
}

func (s *Server) web(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
	}
}
