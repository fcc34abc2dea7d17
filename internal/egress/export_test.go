// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress

import (
	"crypto/x509"
	"net/http"
)

// Trust makes a client trust a certificate of a test.
func Trust(c *http.Client, certificate *x509.Certificate) {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	c.Transport.(*limited).base.(*http.Transport).TLSClientConfig.RootCAs = roots
}
