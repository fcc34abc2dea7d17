// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package secure makes the settings of connections from the files of Secrets and ConfigMaps, for all readers.
package secure

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// TLS returns the settings of connections. field is the name of t, such as spec.transport.kafka.tls. If t has no server name, the client has to set it
// to the host.
func TLS(field string, t *v1alpha1.ClientTLS, files map[string][]byte) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if ca, ok := files[podconfig.FileCA]; ok {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(ca) {
			return nil, &pull.Error{Reason: pull.Misconfigured, Message: field + ": the certificates of authorities are not in PEM"}
		}
	}
	if t.CertificateSecretRef != nil {
		pair, err := tls.X509KeyPair(files[podconfig.FileClientCert], files[podconfig.FileClientKey])
		if err != nil {
			return nil, &pull.Error{
				Reason: pull.Misconfigured, Message: field + ".certificateSecretRef: tls.crt and tls.key are no certificate with its key", Cause: err,
			}
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Line returns the first line of a file: a password or a token.
func Line(file []byte) string {
	first, _, _ := bytes.Cut(bytes.TrimSpace(file), []byte{'\n'})
	return strings.TrimSpace(string(first))
}
