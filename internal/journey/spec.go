// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// Limits of a map. They equal those of the API; the bit masks of this package rely on them.
const (
	// MaxStages is the number of stages of a map.
	MaxStages = 20
	// MaxPersonas is the number of personas of a map.
	MaxPersonas = 16
	// MaxKPIs is the number of KPIs of a report.
	MaxKPIs = 32
	// MaxTables is the number of tables of a report.
	MaxTables = 16
	// MaxFilters is the number of filters of an analysis.
	MaxFilters = 8
)

// OtherName is the group of everything beyond a limit, and of customers who fit no persona.
const OtherName = "other"

// Map is the definition of a journey.
type Map struct {
	// Stages in order, 1 to MaxStages.
	Stages []Stage
	// Personas in order: the first one that fits is used.
	Personas []Persona
}

// Stage is one phase of the journey.
type Stage struct {
	// Name of the stage.
	Name string
	// Optional stages can be skipped. Unless the order is Any, the first stage is required.
	Optional bool
	// Touchpoints are the ways to enter the stage.
	Touchpoints []Touchpoint
}

// Touchpoint is a named moment of a stage.
type Touchpoint struct {
	// Name of the touchpoint, unique in its stage.
	Name string
	// Channel is the channel that the event has to come from; empty for any.
	Channel string
	// Match lists the events that make the touchpoint; one match is enough.
	Match []Match
	// FirstEver requires the person's first event ever with a name in Match. If that event fails a condition, no later event makes the touchpoint.
	FirstEver bool
}

// TouchpointName identifies a touchpoint of a map.
type TouchpointName struct {
	Stage, Touchpoint string
}

// Match selects events by name and conditions. All conditions have to hold.
type Match struct {
	// Event is the exact name; empty for any event.
	Event string
	// Where lists the conditions.
	Where []Condition
}

// Clause holds if any of its conditions holds.
type Clause struct {
	AnyOf []Condition
}

// Persona is a kind of customer.
type Persona struct {
	// Name of the persona.
	Name string
	// Where lists the conditions. All of them have to hold.
	Where []Condition
}

// Operator compares the value of a key with the listed values.
type Operator string

// The operators. Values compare as text, so 1 equals "1"; GreaterThan, LessThan and the like compare numbers.
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

// Condition is one test of an event.
type Condition struct {
	// Key of the value: properties.NAME, traits.NAME, groups.NAME, or a column such as channel.
	Key string
	// Operator of the test.
	Operator Operator
	// Values to compare with.
	Values []string
}

// StageNamed returns the index of a stage, from 0, or an error if the map has no stage with that name.
func (m *Map) StageNamed(name string) (int, error) {
	for i, s := range m.Stages {
		if s.Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the map has no stage %q", name)
}
