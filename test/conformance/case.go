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
	// Quirk says that a peer's rule is its own; such a case may fail.
	Quirk string `json:"quirk"`

	Events  []Event                     `json:"events"`
	Persons map[string]Person           `json:"persons"`
	Groups  map[string]map[string]Group `json:"groups"`

	// Query and Expected depend on the kind.
	Query    json.RawMessage `json:"query"`
	Expected json.RawMessage `json:"expected"`

	// Raw is the whole case, for kinds with fields of their own.
	Raw json.RawMessage `json:"-"`
	// Broken says why the case is none. It stands for itself alone: the others of its file are run.
	Broken error `json:"-"`
}

// UnmarshalJSON keeps the raw case beside its fields, and what is wrong with it.
func (c *Case) UnmarshalJSON(b []byte) error {
	type plain Case
	c.Broken = json.Unmarshal(b, (*plain)(c))
	c.Raw = append(json.RawMessage(nil), b...)
	return nil
}

// Event is one event of a case. The order of the list is the order of arrival.
type Event struct {
	Person     string         `json:"person"`
	DistinctID string         `json:"distinct_id"`
	Event      string         `json:"event"`
	Time       time.Time      `json:"time"`
	Properties map[string]any `json:"properties"`
}

// Person is what a case says of a person beyond their events.
type Person struct {
	DistinctIDs []string       `json:"distinct_ids"`
	Properties  map[string]any `json:"properties"`
	CreatedAt   *time.Time     `json:"created_at"`
}

// Group is what a case says of a group: its properties, either below "properties" or by themselves.
type Group map[string]any

// Step is a predicate on events, and maybe one step of a funnel.
type Step struct {
	Event     *string  `json:"event"`
	Name      string   `json:"name"`
	Filters   []Filter `json:"filters"`
	AnyOf     []Step   `json:"any_of"`
	FirstTime bool     `json:"first_time_for_user"`
	Optional  bool     `json:"optional"`
}

// Filter is a test on a value, or a nest of tests.
type Filter struct {
	Key   string   `json:"key"`
	Op    string   `json:"op"`
	Value any      `json:"value"`
	Scope string   `json:"scope"`
	AllOf []Filter `json:"all_of"`
	AnyOf []Filter `json:"any_of"`
}
