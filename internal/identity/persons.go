// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/journeyman-dev/journeyman/internal/event"

// PersonsOf gives the numbers of the persons that the anchors belong to now, and the version of the table. For a few anchors this is cheaper
// than a view, which is made for all of them.
func (t *Table) PersonsOf(anchors []event.Anchor) (persons []uint64, version int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	persons = make([]uint64, len(anchors))
	for i, a := range anchors {
		persons[i] = uint64(a)
		if n, ok := t.index[a]; ok && !t.has(n, flagGone) {
			persons[i] = uint64(t.personOf(n))
		}
	}
	return persons, t.history.version
}
