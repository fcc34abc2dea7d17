// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"crypto/tls"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// errNoCertificate ends the handshake of a sender. The log and the status of the source have details.
var errNoCertificate = errors.New("there is no certificate yet")

// tlsConfig uses the current certificate for each handshake.
func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if c := s.Current(); c != nil && c.Certificate != nil {
				return c.Certificate, nil
			}
			return nil, errNoCertificate
		},
	}
}

// certificateAge collects two series of pods that serve HTTPS. They are missing while there is no certificate.
type certificateAge struct{ server *Server }

var (
	startDesc = prometheus.NewDesc("journeyman_ingest_certificate_start_timestamp_seconds",
		"Time from which the certificate that senders see is valid, in seconds since 1970. Missing if there is no certificate.", nil, nil)
	expiryDesc = prometheus.NewDesc("journeyman_ingest_certificate_expiry_timestamp_seconds",
		"Time at which the certificate that senders see expires, in seconds since 1970. Missing if there is no certificate.", nil, nil)
)

// Describe implements prometheus.Collector.
func (certificateAge) Describe(out chan<- *prometheus.Desc) {
	out <- startDesc
	out <- expiryDesc
}

// Collect implements prometheus.Collector.
func (c certificateAge) Collect(out chan<- prometheus.Metric) {
	if s := c.server.Current(); s != nil && s.Certificate != nil && s.Certificate.Leaf != nil {
		leaf := s.Certificate.Leaf
		out <- prometheus.MustNewConstMetric(startDesc, prometheus.GaugeValue, float64(leaf.NotBefore.Unix()))
		out <- prometheus.MustNewConstMetric(expiryDesc, prometheus.GaugeValue, float64(leaf.NotAfter.Unix()))
	}
}
