// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// byName holds rules by the name of the event that they look at, those of any event under the empty name.
type byName[T any] map[string][]T

// of gives the rules for an event name: its own, then those of any event.
func (b byName[T]) of(name string) []T {
	own, all := b[name], b[""]
	if name == "" || len(all) == 0 {
		return own
	}
	return append(append(make([]T, 0, len(own)+len(all)), own...), all...)
}

// knows says whether there is a rule for that very name.
func (b byName[T]) knows(name string) bool { return len(b[name]) > 0 }
