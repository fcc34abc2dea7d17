// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pki derives every secret of a store from one operator key: the certificate authority, the server's certificate and the access keys. The
// derivation is deterministic, so the operator can derive the same material again whenever it connects to a store, and never has to read a Secret
// in a team's namespace.
//
// Whoever has the operator key has access to all stores. If it is lost, a new one is created. The names of the Secrets change with its fingerprint,
// so that stores and clients get new ones.
package pki
