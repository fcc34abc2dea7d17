// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package notice watches the events of a preview for what no rule refuses and is likely a slip: names that nothing matches, identifiers of many
// people, amounts that no number counts.
package notice

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
)

// Watch takes note of events.
type Watch struct {
	in       *input.Manifests
	names    *names
	money    money
	crowds   crowds
	numerals numerals
}

// NewWatch compares events with what the manifests match.
func NewWatch(in *input.Manifests) *Watch {
	return &Watch{in: in, names: newNames(in), numerals: numerals{}}
}

// Saw takes note of an event.
func (w *Watch) Saw(e *event.Event) {
	w.names.saw(e.Name)
	w.numerals.saw(e)
	w.money.saw(e)
	w.crowds.saw(e)
}

// Notes say what was noticed, each in a sentence.
func (w *Watch) Notes() []string {
	return slices.Concat(w.names.notes(), w.names.unmet(w.in.Maps), w.money.notes(), w.crowds.notes(), w.numerals.notes())
}
