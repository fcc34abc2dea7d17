// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package breakdown keeps groups of customers apart, by persona, channel or property. A Grouping reads the value of an event and finds the groups of
// a person. Sums have a lean funnel for each group, and the KPIs that use only attempts.
package breakdown
