// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package result writes what a run found out as the status of a JourneyMap or a MetricReport.
package result
