// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kpi has the measures: numbers of one value each, a file for each or for a few that count alike. A measure says which events it
// looks at (journey.Reader) and gives accumulators of exact sums; docs/kpis defines each. A new measure is a file here, a field in the
// API and a line in internal/analysis.
package kpi
