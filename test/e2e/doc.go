// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package e2e holds the end-to-end tests: the operator's image in real containers on the one-node cluster, real
// events over HTTP, and the numbers that kubectl shows. hack/test-e2e.sh brings up what they need and sets
// JOURNEYMAN_E2E, without which they skip.
package e2e
