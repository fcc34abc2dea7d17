// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package experiment compares the variants of an experiment: once, at a number of persons that was fixed before (Compare), or at any
// time and as often as one likes (Sequential), and checks that persons were split as planned (SampleRatio).
//
// Which of the two comparisons is used has to be settled before the first look. Reading a fixed-horizon p-value every day until
// it is small makes false alarms of a quarter of all experiments without an effect (the tests of this package show it).
package experiment
