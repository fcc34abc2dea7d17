// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stats holds the statistics behind the numbers of a journey: intervals, tests, corrections and exact sums. Its subpackages hold the
// larger methods: experiment, clv, attribution, anomaly and rfm. Everything here is a pure function of counts or of exact integer sums. The
// merged sums of shards therefore give the result of a single run, to the last bit.
//
// Conventions: shares are from 0 to 1. A level is the coverage of an interval, such as 0.95, strictly between 0 and 1. A function without a
// result (no data, or impossible counts) returns false as its last result, never NaN or an infinity. Counts can reach MaxCount. Formulas and
// sources are in the docstrings; docs/statistics.md describes when each method is valid.
package stats
