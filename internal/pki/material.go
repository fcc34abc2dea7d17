// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Epoch is how long a server certificate is the current one. It is valid for one more epoch, so that a store that gets the next one late is still trusted.
const Epoch = 365 * 24 * time.Hour

// StoreIdentity is what the secrets of a store are derived from. None of it can change during the life of an EventStore.
type StoreIdentity struct {
	// Namespace and Name of the EventStore.
	Namespace, Name string
	// UID of the EventStore.
	UID string
	// CreatedAt is the EventStore's creation timestamp.
	CreatedAt time.Time
	// Hosts are the DNS names in the store's certificate.
	Hosts []string
}

// StoreMaterial is all secrets of one store in one epoch.
type StoreMaterial struct {
	// Epoch of the certificate, counted from 0 at the store's creation.
	Epoch int
	// ServerSuffix is the end of the name of the server's Secret, and ClientSuffix that of the clients' Secrets: 8 hex digits each. The secrets of
	// clients are the same in every epoch, so that they need no new Secret, and no restart, when one starts.
	ServerSuffix, ClientSuffix string
	// CA is the CA certificate, PEM. It is the same in every epoch.
	CA []byte
	// Cert and Key of the server, PEM.
	Cert, Key []byte
	// AppendKey, ScanKey and AdminKey are the bearer keys of the store, 64 hex digits each, the same in every epoch.
	AppendKey, ScanKey, AdminKey string
}

// EpochAt returns the number of the epoch that a store is in. It is 0 in the first epoch and before its creation.
func EpochAt(createdAt, now time.Time) int {
	return max(0, int(now.Sub(createdAt)/Epoch))
}

// EpochStart returns the instant at which an epoch of a store starts. Material should be renewed then.
func EpochStart(createdAt time.Time, epoch int) time.Time {
	return createdAt.Add(time.Duration(epoch) * Epoch)
}

// Material derives a store's material for an epoch.
func (k OperatorKey) Material(store StoreIdentity, epoch int) (StoreMaterial, error) {
	if store.UID == "" || store.CreatedAt.IsZero() || len(store.Hosts) == 0 {
		return StoreMaterial{}, fmt.Errorf("store %s/%s has no UID, creation time or host names: it was not read from the API server", store.Namespace, store.Name)
	}
	m := StoreMaterial{
		Epoch:        epoch,
		ServerSuffix: k.suffix(fmt.Sprintf("server|%s|%d", store.UID, epoch)),
		ClientSuffix: k.suffix("client|" + store.UID),
		AppendKey:    hex.EncodeToString(k.derive("append", store.UID)),
		ScanKey:      hex.EncodeToString(k.derive("scan", store.UID)),
		AdminKey:     hex.EncodeToString(k.derive("admin", store.UID)),
	}
	ca, err := k.authority(store)
	if err != nil {
		return StoreMaterial{}, fmt.Errorf("certificate authority of store %s/%s: %w", store.Namespace, store.Name, err)
	}
	m.CA = ca.pem()
	if m.Cert, m.Key, err = ca.issue(k, store, epoch); err != nil {
		return StoreMaterial{}, fmt.Errorf("certificate of store %s/%s: %w", store.Namespace, store.Name, err)
	}
	return m, nil
}

// suffix also changes with the operator key: Secrets are created once and never changed, so different content needs different names.
func (k OperatorKey) suffix(subject string) string {
	sum := sha256.Sum256([]byte(subject + "|" + k.Fingerprint()))
	return hex.EncodeToString(sum[:4])
}
