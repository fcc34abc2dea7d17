// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package number holds the numbers that the other packages compute and show: decimal numbers, amounts in micro-units, intervals, and durations with
// their medians. Sums are exact; results are rounded once, at the end.
package number
