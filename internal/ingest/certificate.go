// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"crypto/tls"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// setCertificate takes up what the files say. While they say nothing that can be used, the certificate of before goes on.
func (s *Snapshot) setCertificate(cert, key []byte, before *Snapshot) {
	problem, file := missingOrEmpty, podconfig.TLSCertFile
	switch {
	case len(cert) == 0:
	case len(key) == 0:
		file = podconfig.TLSKeyFile
	default:
		pair, err := tls.X509KeyPair(cert, key)
		if err == nil {
			s.Certificate = &pair
			return
		}
		problem = err.Error()
	}
	if before != nil {
		s.Certificate = before.Certificate
	}
	if ref := s.Config.Source.TLS; ref != nil {
		if s.Problem == "" {
			s.Problem = "the certificate of the Secret " + ref.SecretRef.Name + ", key " + file + ": " + problem
		}
		s.lacks(store.SecretForTLS, ref.SecretRef.Name, file, problem)
	}
}

// errNoCertificate is all that a sender's handshake ends with; the log and the status of the source say more.
var errNoCertificate = errors.New("there is no certificate yet")

// tlsConfig gives each handshake the certificate that is in use at that time.
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

// certificateAge is two series of pods that serve HTTPS; they are missing while there is no certificate.
type certificateAge struct{ server *Server }

var (
	startDesc = prometheus.NewDesc("journeyman_ingest_certificate_start_timestamp_seconds",
		"Time from which the certificate that senders see is valid, in seconds since 1970; missing without one.", nil, nil)
	expiryDesc = prometheus.NewDesc("journeyman_ingest_certificate_expiry_timestamp_seconds",
		"Time at which the certificate that senders see ends, in seconds since 1970; missing without one.", nil, nil)
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
