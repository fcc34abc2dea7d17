// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rig runs the data plane of the sample journey as real processes on this machine: the store, an ingestion process for each source, and
// analysis jobs, with the documents, keys and certificates that the operator would create. Tests and benchmarks share it.
package rig
