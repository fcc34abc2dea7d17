// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journey is the maths of customer journeys: which events make a touchpoint, how a person
// moves through the stages of a map, and the numbers that follow. It is pure: events go in, ordered by
// (person, time, seq, index) and without duplicates, and sums of exact integers come out. It
// knows no Kubernetes, no SQL and no HTTP, and asks no clock.
//
// This package has the words that all rooms share: the map, its policy, periods and the calendar, rows, events and attempts. The rooms, from the
// bottom to the top, each of which may import those before it:
//
//   - number has decimals, intervals and durations.
//   - match says which events make which touchpoint, and what is known about a person.
//   - progression says which attempts of a person count.
//   - funnel sums up one period: the funnel and the coverage of the map.
//   - metric is the contract of what is computed next to the funnel; money knows orders and refunds.
//   - kpi, table, attribution and stages are the metrics, one file for each. None of these four imports another.
//   - breakdown keeps groups of customers apart by a value.
//   - engine takes rows and gives sums: it wires the others, and none of them knows it.
//   - journeytest is shared by the tests of all.
package journey
