// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package netpol tests the NetworkPolicies on a real cluster that enforces them. hack/test-e2e.sh runs it, after hack/netpol/up.sh.
package netpol
