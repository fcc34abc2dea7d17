// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package world draws an omnichannel shop and its customers from a seed: advertisements, a site and its app, e-mail, tills, a support chat and a
// survey. It decides who does what, and it tags every event with that decision: the person as the store can see them, and the stage that they
// entered. The truth is computed from these tags and from nothing else, so that it is independent of the programs under test. Neither this
// package nor the packages next to it import the packages journey, identity and analysis.
//
// The same parameters give the same world, byte for byte, on any machine.
package world
