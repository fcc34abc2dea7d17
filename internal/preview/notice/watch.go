// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package notice looks for probable mistakes in the events of a preview that no rule refuses: names that nothing matches, identifiers of many people,
// amounts that no number includes.
package notice

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
)

// Watch checks events.
type Watch struct {
	in       *input.Manifests
	names    *names
	money    money
	crowds   crowds
	numerals numerals
}

// NewWatch returns a Watch that compares events with what the manifests match.
func NewWatch(in *input.Manifests) *Watch {
	return &Watch{in: in, names: newNames(in), numerals: numerals{}}
}

// Saw checks an event.
func (w *Watch) Saw(e *event.Event) {
	w.names.saw(e.Name)
	w.numerals.saw(e)
	w.money.saw(e)
	w.crowds.saw(e)
}

// Notes returns the findings, one sentence each.
func (w *Watch) Notes() []string {
	return slices.Concat(w.names.notes(), w.names.unmet(w.in.Maps), w.money.notes(), w.crowds.notes(), w.numerals.notes())
}
