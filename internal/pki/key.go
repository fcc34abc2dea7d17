// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// KeySize of an operator key in bytes.
const KeySize = 32

// OperatorKey is the root of everything that this package derives.
type OperatorKey [KeySize]byte

// NewOperatorKey returns a random key.
func NewOperatorKey() OperatorKey {
	var k OperatorKey
	// Read of crypto/rand never fails: it crashes the program instead.
	_, _ = rand.Read(k[:])
	return k
}

// ParseOperatorKey parses the raw bytes of a key: exactly KeySize of them.
func ParseOperatorKey(b []byte) (OperatorKey, error) {
	var k OperatorKey
	if len(b) != KeySize {
		return k, fmt.Errorf("operator key has %d bytes: it must have exactly %d random bytes", len(b), KeySize)
	}
	copy(k[:], b)
	return k, nil
}

// Fingerprint identifies the key without revealing it: 16 hex digits.
func (k OperatorKey) Fingerprint() string {
	return hex.EncodeToString(k.derive("fingerprint", ""))[:16]
}

// String hides the key from logs.
func (k OperatorKey) String() string { return "operator key " + k.Fingerprint() }

// GoString hides the key from logs too.
func (k OperatorKey) GoString() string { return k.String() }

// RolloutRecordKey returns the key with which the operator authenticates its own records of pod templates: 32 bytes.
func (k OperatorKey) RolloutRecordKey() []byte { return k.derive("rollout-record", "") }

// ScrapeKey returns the token for the metrics of an operator that works in some namespaces only.
func (k OperatorKey) ScrapeKey() string { return hex.EncodeToString(k.derive("scrape", "")) }

// derive returns HMAC-SHA-256(key, purpose|subject). Purposes are constants without "|", so that two different pairs never give the same input.
func (k OperatorKey) derive(purpose, subject string) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte(purpose + "|" + subject))
	return mac.Sum(nil)
}
