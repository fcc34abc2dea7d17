// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stages has what the status of a map shows of its stages next to the funnel: the touchpoints with which customers drop out,
// hand-offs between channels, what customers felt, and the counts day by day that alarms judge.
package stages
