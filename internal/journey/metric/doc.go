// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metric is the contract between the engine and what is computed next to the funnel.
//
// A Metric lists the events that it looks at, by role, and notes what it needs of each, seen through match.Values, in a Hit. It gives Sums for each
// period. The engine hands these each person as a whole (View), with the attempts and hits. They show a Value or a Grid. What only some metrics or sums
// can do is a small interface next to these two.
package metric
