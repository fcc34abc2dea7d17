// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stats has the statistics that are behind the numbers of a journey: intervals, tests, corrections and exact
// sums. Its subpackages hold the larger methods: experiment, clv, attribution, anomaly and rfm. Everything here is a pure
// function of counts or of exact integer sums, so that the sums of shards, merged, give the result of one run, to the last bit.
//
// Conventions: shares are from 0 to 1. A level is the coverage of an interval, such as 0.95, strictly between 0 and 1.
// A function that cannot answer (no data, or counts that cannot be) gives false as its last result, never NaN or an
// infinity. Counts may reach MaxCount. Formulas and sources are in the docstrings; docs/statistics.md says when each is honest.
package stats
