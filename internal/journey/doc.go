// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journey is the maths of customer journeys: which events make a touchpoint, how a person
// moves through the stages of a map, and the numbers that follow. It is pure: events go in, ordered by
// (person, time, seq, index) and without duplicates, and sums of exact integers come out. It
// knows no Kubernetes, no SQL and no HTTP, and asks no clock.
//
// An Engine takes the rows one by one, keeps the events of one person at a time, and adds each complete
// person to accumulators. Every accumulator has Merge, so that any split of the persons over engines
// gives the numbers of the whole.
package journey
