// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stages holds what the status of a map shows of its stages in addition to the funnel: the touchpoints with which customers drop off,
// hand-offs between channels, emotions, and the daily counts that alarms compare.
package stages
