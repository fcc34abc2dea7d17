// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strconv"
	"time"
)

const (
	// skew is how far a pod's clock can be behind the API server's.
	skew = time.Hour
	// caLifetime is longer than the life of any store. The CA is never renewed, only replaced together with the operator key.
	caLifetime = 100 * Epoch
	// pathLength 0: the CA only signs servers, no other CAs.
	pathLength = 0
)

// authority is the certificate authority of a store. Ed25519 signatures do not depend on random numbers, so the same key and template always give the
// same bytes.
type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
}

func (k OperatorKey) authority(store StoreIdentity) (*authority, error) {
	key := ed25519.NewKeyFromSeed(k.derive("ca", store.UID))
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "journeyman store " + store.UID},
		NotBefore:             store.CreatedAt.UTC().Add(-skew),
		NotAfter:              store.CreatedAt.UTC().Add(caLifetime),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            pathLength,
		MaxPathLenZero:        true,
		// The key id is set explicitly, because the library's default has changed between releases of Go.
		SubjectKeyId: keyID(key),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert: cert, key: key}, err
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// issue returns the server's certificate for an epoch: it is valid from the beginning of the epoch for two epochs.
func (a *authority) issue(k OperatorKey, store StoreIdentity, epoch int) (certPEM, keyPEM []byte, err error) {
	start := EpochStart(store.CreatedAt.UTC(), epoch)
	key := ed25519.NewKeyFromSeed(k.derive("server", store.UID+"|"+strconv.Itoa(epoch)))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(epoch) + 2),
		Subject:      pkix.Name{CommonName: store.Hosts[0]},
		DNSNames:     store.Hosts,
		NotBefore:    start.Add(-skew),
		NotAfter:     start.Add(2 * Epoch),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		SubjectKeyId: keyID(key),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

func keyID(key ed25519.PrivateKey) []byte {
	sum := sha256.Sum256(key[ed25519.SeedSize:])
	return sum[:20]
}
