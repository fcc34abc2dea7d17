// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// certificate returns a certificate for 127.0.0.1 with an expiry time.
func certificate(t *testing.T, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(until.Unix()), NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs}))
}

// trackTLS sends an event over HTTPS with a client that trusts one certificate, and returns the HTTP status, or 0 without a response.
func (p *process) trackTLS(id, cert string, change ...func(*tls.Config)) int {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	c := &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS10}
	for _, f := range change {
		f(c)
	}
	transport := &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}
	r, err := http.NewRequest(http.MethodPost, strings.Replace(p.url, "http:", "https:", 1)+"/v1/track", strings.NewReader(track(id)))
	if err != nil {
		return 0
	}
	r.SetBasicAuth("test-write-key", "")
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A pod without a certificate reports what is missing, and is not ready. It starts to use a new certificate, keeps it while its files are invalid,
// and changes to the next one, all without a restart.
func TestSendersAreServedByHTTPS(t *testing.T) {
	p := startProcess(t, func(o *ingest.Options) { o.Files.TLSDir = o.Files.SecretDir })
	p.config.Source.TLS = &v1alpha1.SourceTLS{SecretRef: v1alpha1.CertificateReference{Name: "journeyman-web-tls"}}
	raw, err := json.Marshal(p.config)
	require.NoError(t, err)
	p.write(t, podconfig.File, string(raw))
	lacking := store.MissingSecret{
		For: store.SecretForTLS, Name: "journeyman-web-tls", Key: "tls.crt", Problem: "the Secret or its key is missing or empty",
	}
	p.awaitReport(t, "there is no certificate", lacking)
	code, text := get(t, p.probes+"/readyz")
	require.Equal(t, 503, code)
	require.Equal(t, "no certificate\n", text)

	one, key := certificate(t, time.Now().Add(24*time.Hour))
	p.write(t, "tls.crt", one)
	p.write(t, "tls.key", key)
	require.Eventually(t, func() bool { return p.trackTLS("m-1", one) == 200 }, waitFor, poll)
	p.awaitReports(t, "the certificate has come", store.Report{Source: "web", Pod: "web-ingest-1", Generation: 1})
	code, _ = get(t, p.probes+"/readyz")
	require.Equal(t, 200, code)
	require.Equal(t, 400, p.track("m-2", "test-write-key"), "in clear nobody is served")
	require.Zero(t, p.trackTLS("m-3", one, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }))
	require.Equal(t, 200, p.trackTLS("m-4", one, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }))

	until := time.Now().Add(48 * time.Hour)
	two, keyTwo := certificate(t, until)
	p.write(t, "tls.crt", two)
	lacking.Problem = "tls: private key does not match public key"
	p.awaitReports(t, "certificate and key are no pair",
		store.Report{Source: "web", Pod: "web-ingest-1", Generation: 1, Missing: []store.MissingSecret{lacking}})
	require.Equal(t, 200, p.trackTLS("m-5", one), "the previous one stays in use")
	p.write(t, "tls.key", keyTwo)
	require.Eventually(t, func() bool { return p.trackTLS("m-6", two) == 200 }, waitFor, poll)
	_, metrics := get(t, p.metrics+"/metrics")
	require.Contains(t, metrics, fmt.Sprintf("journeyman_ingest_certificate_expiry_timestamp_seconds %g", float64(until.Unix())))
	require.Contains(t, metrics, "\njourneyman_ingest_certificate_start_timestamp_seconds ")
}
