// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Limits of breakdowns.
const (
	// MaxBreakdowns of a report.
	MaxBreakdowns = 4
	// MaxBreakdownKeys that make one value.
	MaxBreakdownKeys = 3
	// MaxGroups is the number of values of one breakdown that a run keeps apart; customers of further values are taken together as
	// "other". The groups are exact while a run sees at most so many values.
	MaxGroups = 500
)

// By says what a breakdown goes by.
type By string

// The choices of By.
const (
	// ByPersona takes the persona at the entry of the attempt.
	ByPersona By = "Persona"
	// ByChannel takes the channel of an event.
	ByChannel By = "Channel"
	// ByProperty takes the value of one or more keys of an event.
	ByProperty By = "Property"
)

// Attribution says which event of a person decides on the value.
type Attribution string

// The choices of an Attribution. Only events that match a stage count.
const (
	// FirstValue is the first value that is not empty.
	FirstValue Attribution = "First"
	// LastValue is the last value that is not empty.
	LastValue Attribution = "Last"
	// AllValues gives each value a funnel of its own, in which every stage has that value.
	AllValues Attribution = "All"
	// StageValue is the value at one stage; who does not reach it is in no group.
	StageValue Attribution = "Stage"
)

// Breakdown splits the funnel, and the KPIs that look at attempts, by a value. With All and Stage, one person may be in several groups.
type Breakdown struct {
	// By what.
	By By
	// Keys of the value, for ByProperty; several make one combined value.
	Keys []string
	// Attribution of the value to a person; for ByPersona it means nothing.
	Attribution Attribution
	// Stage for StageValue, by name.
	Stage string
	// ByPlace, for StageValue in the order Any, takes the value of the event that was the n-th of the attempt, for the n-th stage of the map,
	// and puts who has so many stages with one stage into the group of each other value of their events as well. A peer counts so.
	ByPlace bool
}
