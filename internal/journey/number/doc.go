// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package number has the numbers that the other rooms compute with and show: decimal numbers, amounts in micro-units, intervals, and
// durations with their medians. Sums are exact; what is rounded is rounded once, at the end.
package number
