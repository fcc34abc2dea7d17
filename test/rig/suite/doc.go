// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package suite is what the Ginkgo suites share: how they start, the labels of their specs, an API server for all processes of a run, users of it,
// the programs that specs call, and what is shown when a spec fails.
package suite
