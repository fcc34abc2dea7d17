// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journey computes customer journeys: which events make a touchpoint, how a person moves through the stages of a map, and the numbers
// that follow. It is pure: its input is events ordered by (person, time, seq, index) without duplicates, and its output is sums of exact
// integers. It does not depend on Kubernetes, SQL or HTTP, and never reads the clock.
//
// This package holds the types that all its subpackages share: the map, its policy, periods and the calendar, rows, events and attempts. The
// subpackages, from the bottom to the top; each may import those above it in this list:
//
//   - number: decimals, intervals and durations.
//   - match: which events make which touchpoint, and the traits of a person.
//   - progression: which attempts of a person count.
//   - funnel: the sums of one period, which are the funnel and the coverage of the map.
//   - metric: the contract of everything computed in addition to the funnel; money: orders and refunds.
//   - kpi, table, attribution and stages: the metrics, one file each. None of these four imports another.
//   - breakdown: keeps groups of customers apart by a value.
//   - engine: reads rows and computes sums. It wires the others, and none of them imports it.
//   - journeytest: shared by the tests of all.
package journey
