// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package progression finds the attempts of a person that count, by the rules of a policy.
//
// Each file is a strategy. Most maps need one pass: ordered_simple without optional stages and ties, ordered in general, any_order where stages have
// no order. trace follows a single attempt and says how it reached each stage. Rules that no single pass knows (exclusions, held constants, a time
// within which a stage has to follow, a grace) make search try every entry by itself; index and aging keep that from costing the square of a robot's
// events. window_funnel is ClickHouse's, for maps that have to give the same numbers. All of them answer for the tests' brute-force reference in
// journeytest.
package progression
