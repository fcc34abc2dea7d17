// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package world_test sends simulated worlds through ingestion, store and analysis, from the HTTP endpoints of the sample sources to the status of the
// sample map and report, and compares every number with the true number of the world.
package world_test
