// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

// Span is a time in microseconds, both ends included.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// TallyKey is what events are counted by: those that have it in common share a Tally.
type TallyKey struct {
	// Source and Name of the events.
	Source string `json:"s"`
	Name   string `json:"e"`
	// Flagged are marked as test or robot; Customer events are those that a customer did (kind track); Unidentified are of nobody in particular.
	Flagged      bool `json:"f,omitempty"`
	Customer     bool `json:"c,omitempty"`
	Unidentified bool `json:"u,omitempty"`
}

// Tally counts events that a store counted instead of giving them, for each span that was asked for.
type Tally struct {
	TallyKey
	// Rows in each span, and those of them that were Late.
	Rows []int64 `json:"n"`
	Late []int64 `json:"l,omitempty"`
}
