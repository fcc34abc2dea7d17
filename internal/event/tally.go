// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

// Span is a time span in microseconds, both ends inclusive.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// TallyKey is what the events of a Tally have in common.
type TallyKey struct {
	// Source and Name of the events.
	Source string `json:"s"`
	Name   string `json:"e"`
	// Flagged events are marked as test or robot. Customer events are actions of a customer (kind track). Unidentified events belong to nobody.
	Flagged      bool `json:"f,omitempty"`
	Customer     bool `json:"c,omitempty"`
	Unidentified bool `json:"u,omitempty"`
}

// Tally counts events that a store counted instead of returning them, for each requested span.
type Tally struct {
	TallyKey
	// Rows in each span, and those of them that were Late.
	Rows []int64 `json:"n"`
	Late []int64 `json:"l,omitempty"`
}
