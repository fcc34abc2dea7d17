// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journey is the maths of customer journeys: which events make a touchpoint, how a person
// moves through the stages of a map, and the numbers that follow. It is pure: events go in, ordered by
// (person, time, seq, index) and without duplicates, and sums of exact integers come out. It
// knows no Kubernetes, no SQL and no HTTP, and asks no clock.
//
// An Engine takes the rows one by one, keeps the events of one person at a time, and adds each complete
// person to sums. All sums have Merge, so that any split of the persons over engines
// gives the numbers of the whole.
//
// # Rooms
//
// This package is the core: the spec of a map and its policy, matching, progression, the engine, the funnel, coverage and breakdowns. What
// is computed beside these stands in rooms that import the core, and that it does not know:
//
//   - kpi has the KPIs, table the tables, attribution the table that shares conversions out, stages what a map's status shows
//     of its stages beside the funnel. None of these four imports another.
//   - money, below them, knows orders and refunds.
//   - number, below the core, has decimals, intervals and durations.
//   - journeytest is shared by the tests of all.
//
// The door between the core and the rooms is small. A Metric lists the events that it looks at, by role, and notes what it needs of each, seen
// through Values, in a Hit. It gives Sums for each period. These are handed each person as a whole (View), with the attempts and hits, and show a
// Value or a Grid.
package journey
