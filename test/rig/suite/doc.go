// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package suite is shared by the Ginkgo suites: their setup, the labels of their specs, an API server for all processes of a run, its users, the
// programs that specs call, and the output if a spec fails.
package suite
