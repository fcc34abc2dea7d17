// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package truth computes what the sample map and the sample report have to show, from the decisions of a simulated
// world. It knows no events by name, no identifiers and no store: stages and persons are tags that the world put there.
// What the numbers mean is docs/simulator.md's and the design's to say; how they are computed is this package's own.
package truth
