// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

// ByName holds rules by the name of the event that they match. Rules for any event are under the empty name.
type ByName[T any] map[string][]T

// Of returns the rules for an event name: its own, then those of any event.
func (b ByName[T]) Of(name string) []T {
	own, all := b[name], b[""]
	if name == "" || len(all) == 0 {
		return own
	}
	return append(append(make([]T, 0, len(own)+len(all)), own...), all...)
}

// Knows reports whether there is a rule for that exact name.
func (b ByName[T]) Knows(name string) bool { return len(b[name]) > 0 }
