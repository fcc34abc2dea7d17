// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"time"
)

// Case is one case of a file.
type Case struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Kind   string `json:"kind"`
	// Quirk explains a rule that only one other product has. A case with a quirk may fail.
	Quirk string `json:"quirk"`

	Events  []Event                     `json:"events"`
	Persons map[string]Person           `json:"persons"`
	Groups  map[string]map[string]Group `json:"groups"`

	// Query and Expected depend on Kind.
	Query    json.RawMessage `json:"query"`
	Expected json.RawMessage `json:"expected"`

	// Raw is the whole case, for kinds with additional fields.
	Raw json.RawMessage `json:"-"`
	// Broken is an error if the case is invalid. The other cases of the file are still run.
	Broken error `json:"-"`
}

// UnmarshalJSON keeps the raw case, and the error if it is invalid.
func (c *Case) UnmarshalJSON(b []byte) error {
	type plain Case
	c.Broken = json.Unmarshal(b, (*plain)(c))
	c.Raw = append(json.RawMessage(nil), b...)
	return nil
}

// Event is one event of a case. Events arrive in the order of the list.
type Event struct {
	Person     string         `json:"person"`
	DistinctID string         `json:"distinct_id"`
	Event      string         `json:"event"`
	Time       time.Time      `json:"time"`
	Properties map[string]any `json:"properties"`
}

// Person is what a case says about a person, in addition to their events.
type Person struct {
	DistinctIDs []string       `json:"distinct_ids"`
	Properties  map[string]any `json:"properties"`
	CreatedAt   *time.Time     `json:"created_at"`
}

// Group is what a case says about a group: its properties, either in "properties" or directly.
type Group map[string]any

// Step is a condition on events, and in a funnel one step.
type Step struct {
	Event     *string  `json:"event"`
	Name      string   `json:"name"`
	Filters   []Filter `json:"filters"`
	AnyOf     []Step   `json:"any_of"`
	FirstTime bool     `json:"first_time_for_user"`
	Optional  bool     `json:"optional"`
}

// Filter is a condition on a value, or a nested list of conditions.
type Filter struct {
	Key   string   `json:"key"`
	Op    string   `json:"op"`
	Value any      `json:"value"`
	Scope string   `json:"scope"`
	AllOf []Filter `json:"all_of"`
	AnyOf []Filter `json:"any_of"`
}
