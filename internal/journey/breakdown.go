// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Limits of breakdowns.
const (
	// MaxBreakdowns is the number of breakdowns of a report.
	MaxBreakdowns = 4
	// MaxBreakdownKeys is the number of keys that can be combined into one value.
	MaxBreakdownKeys = 3
	// MaxGroups is the number of values of one breakdown that a run keeps apart; customers with any other value are counted as "other". Groups are exact
	// as long as a run sees no more values than that.
	MaxGroups = 500
)

// By is what a breakdown groups by.
type By string

// The values of By.
const (
	// ByPersona groups by the persona at the entry of the attempt.
	ByPersona By = "Persona"
	// ByChannel groups by the channel of an event.
	ByChannel By = "Channel"
	// ByProperty groups by the value of one or more keys of an event.
	ByProperty By = "Property"
)

// Attribution chooses the event of a person that decides the value.
type Attribution string

// The values of Attribution. Only events that match a stage are considered.
const (
	// FirstValue is the first nonempty value.
	FirstValue Attribution = "First"
	// LastValue is the last nonempty value.
	LastValue Attribution = "Last"
	// AllValues gives each value its own funnel, in which all stages have that value.
	AllValues Attribution = "All"
	// StageValue is the value at one stage. A person who does not reach the stage is in no group.
	StageValue Attribution = "Stage"
)

// Breakdown splits the funnel, and the KPIs that are about attempts, by a value. With All and Stage, one person can be in several groups.
type Breakdown struct {
	// By is what to group by.
	By By
	// Keys are the keys of the value, for ByProperty. Several keys make one combined value.
	Keys []string
	// Attribution of the value to a person. It is not used for ByPersona.
	Attribution Attribution
	// Stage is the name of the stage for StageValue.
	Stage string
	// ByPlace changes StageValue in the order Any. It uses the value of the n-th event of the attempt for the n-th stage of the map. A person who
	// reaches that many stages within a single stage is also in the group of each other value of their events. Another product counts this way.
	ByPlace bool
}
