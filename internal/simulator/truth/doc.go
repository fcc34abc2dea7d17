// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package truth computes what the sample map and the sample report have to show, from the decisions of a simulated world. It does not use event
// names, identifiers or a store: stages and persons are tags that the world set. The meaning of the numbers is defined in docs/simulator.md and the
// design; their computation here is independent.
package truth
