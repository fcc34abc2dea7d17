// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pki derives every secret of a store from one operator key: the certificate authority, the server's
// certificate and the access keys. The derivation is deterministic, so the operator can make the same material
// again whenever it needs to speak to a store, and never has to read a Secret of a team's namespace.
//
// Who holds the operator key holds all stores. Losing it is fixed by making a new one: the
// names of the Secrets change with its fingerprint, so that stores and clients get new ones.
package pki
