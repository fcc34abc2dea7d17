// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package table holds the metrics with more than one number, such as retention, paths and trends, in one or two files each. A metric lists the events
// that it needs and computes sums that return a metric.Grid (metric.Metric); docs/tables defines each. A new table is a file here, a field in the API
// and a line in internal/analysis.
package table
