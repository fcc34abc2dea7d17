// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package funnel sums up one period of a map: the attempts that count, stage by stage, and the coverage of customer events. Its input is events,
// touches and attempts; it does not deal with persons or rows.
package funnel
