// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kpi holds the metrics with one number each. Each has a file of its own, or shares one with similar ones. A metric lists the events that it
// needs and computes exact sums (metric.Metric); docs/kpis defines each. CONTRIBUTING.md lists the files to touch for a new KPI.
package kpi
