// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package result formats the results of a run as the status of a JourneyMap or a MetricReport.
package result
