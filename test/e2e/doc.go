// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package e2e has the end-to-end tests: real containers of the operator's image on the one-node cluster, real events over HTTP, and the numbers that
// kubectl shows. hack/test-e2e.sh starts everything and sets JOURNEYMAN_E2E. Without it, the tests are skipped.
package e2e
