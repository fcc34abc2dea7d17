// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metric is the contract between the engine and everything that is computed in addition to the funnel.
//
// A Metric lists the events that it needs, by role. It reads each event through match.Values and records the result in a Hit. It creates Sums
// for each period. The engine passes each person as a whole to the sums (View), with the attempts and hits. The result is a Value or a Grid.
// What only some metrics or sums can do is a small interface next to these two.
package metric
