// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// Limits of a map. They are those of the API; the bit masks of this package rely on them.
const (
	// MaxStages of a map.
	MaxStages = 20
	// MaxPersonas of a map.
	MaxPersonas = 16
	// MaxKPIs of a report.
	MaxKPIs = 32
	// MaxTables of a report.
	MaxTables = 16
	// MaxFilters of an analysis.
	MaxFilters = 8
)

// OtherName stands for everything beyond a bound, and for customers whom no persona fits.
const OtherName = "other"

// Map is what a journey consists of.
type Map struct {
	// Stages in their order, 1 to MaxStages.
	Stages []Stage
	// Personas in their order: the first that fits wins.
	Personas []Persona
}

// Stage is an ordered phase of the journey.
type Stage struct {
	// Name of the stage.
	Name string
	// Optional stages may be skipped. Unless the order is Any, the first stage is not optional.
	Optional bool
	// Touchpoints through which the stage is entered.
	Touchpoints []Touchpoint
}

// Touchpoint is a named moment of a stage.
type Touchpoint struct {
	// Name of the touchpoint, unique in its stage.
	Name string
	// Channel that the event has to come from; empty for any.
	Channel string
	// Match lists the events that make the touchpoint; any of them does.
	Match []Match
	// FirstEver wants the person's first event ever of the names in Match: if that event fails a condition, no later one makes the touchpoint.
	FirstEver bool
}

// TouchpointName names a touchpoint of a map.
type TouchpointName struct {
	Stage, Touchpoint string
}

// Match recognises events by name and conditions, all of which have to hold.
type Match struct {
	// Event is the exact name; empty for any event.
	Event string
	// Where lists the conditions.
	Where []Condition
}

// Clause holds when any of its conditions does.
type Clause struct {
	AnyOf []Condition
}

// Persona is a kind of customer.
type Persona struct {
	// Name of the persona.
	Name string
	// Where lists conditions that all have to hold.
	Where []Condition
}

// Operator compares the value of a key with the listed values.
type Operator string

// The operators. Values compare as text, so that 1 equals "1"; GreaterThan, LessThan and their like as numbers.
const (
	In           Operator = "In"
	NotIn        Operator = "NotIn"
	Exists       Operator = "Exists"
	DoesNotExist Operator = "DoesNotExist"
	GreaterThan  Operator = "GreaterThan"
	LessThan     Operator = "LessThan"
	Contains     Operator = "Contains"
	StartsWith   Operator = "StartsWith"

	GreaterOrEqual  Operator = "GreaterOrEqual"
	LessOrEqual     Operator = "LessOrEqual"
	NotContains     Operator = "NotContains"
	MatchesRegex    Operator = "MatchesRegex"
	MatchesWildcard Operator = "MatchesWildcard"
)

// Condition is one test on an event.
type Condition struct {
	// Key of the value: properties.NAME, traits.NAME, groups.NAME, or a column such as channel.
	Key string
	// Operator of the test.
	Operator Operator
	// Values to compare with.
	Values []string
}

// StageNamed returns the number of a stage, from 0; an error if the map has no stage of that name.
func (m *Map) StageNamed(name string) (int, error) {
	for i, s := range m.Stages {
		if s.Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the map has no stage %q", name)
}
