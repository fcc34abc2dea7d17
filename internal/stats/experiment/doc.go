// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package experiment compares the variants of an experiment: once, at a number of persons that was fixed in advance (Compare), or at any time and
// any number of times (Sequential). It also checks that persons were split as planned (SampleRatio).
//
// Choose one of the two comparisons before the first look. Reading a fixed-horizon p-value every day until it is small gives false alarms in a
// quarter of all experiments without an effect (the tests of this package show it).
package experiment
