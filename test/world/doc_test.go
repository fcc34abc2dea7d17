// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package world_test sends simulated worlds through the real programs' parts, from the HTTP endpoints of the sample
// sources to the status of the sample map and report, and holds every number against the truth of the world.
package world_test
