// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package table has the metrics of more than one number: retention, paths, trends and their like, a file or two for each. A metric says
// which events it looks at and gives sums that show a metric.Grid (metric.Metric); docs/tables defines each. A new table
// is a file here, a field in the API and a line in internal/analysis.
package table
