// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package progression finds the attempts of a person that count, by the rules of a policy.
//
// Each file is a strategy. Most maps need one pass: ordered_simple without optional stages and ties, ordered in general, any_order where stages
// have no order. trace follows a single attempt and records how it reached each stage. Rules that a single pass cannot handle (exclusions, held
// constants, a time within which a stage has to follow, a grace) use search, which tries every entry separately; index and aging keep that from
// becoming quadratic in a robot's events. window_funnel implements ClickHouse's, for maps that have to give the same numbers. The tests compare
// all of them with the brute-force reference in journeytest.
package progression
