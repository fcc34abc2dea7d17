// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kpi has the metrics of one number each, a file for each or for a few that count alike. A metric says which events it
// looks at and gives exact sums (metric.Metric); docs/kpis defines each. CONTRIBUTING.md lists what a new KPI touches.
package kpi
