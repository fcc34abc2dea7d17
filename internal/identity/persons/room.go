// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// EntryBytes is how much memory an entry of the table takes at most, which is an identity or a link: itself, its places in the indexes while
// these grow, its part of a view, and of a snapshot that is being written. TestEntryBytes measures it.
const EntryBytes = 160

// Room is what a table may still take, for edges that are considered now and added later. It serves one goroutine, and no one adds meanwhile.
type Room struct {
	table *Table
	// coming are the entries that were let in and are not in the table yet.
	coming map[entry]bool
}

// entry is an identity, with itself, or a link.
type entry struct{ a, b event.Anchor }

// Room returns it.
func (t *Table) Room() *Room { return &Room{table: t, coming: map[entry]bool{}} }

// Take lets the edges of one event in when they bring no more than so many entries that are neither in the table nor coming, and gives how many.
func (r *Room) Take(edges []identity.Edge, most int64) (fresh int64, taken bool) {
	r.table.mu.RLock()
	defer r.table.mu.RUnlock()
	var news []entry
	note := func(e entry, known bool) {
		if !known && !r.coming[e] {
			news = append(news, e)
		}
	}
	for i := range edges {
		s, w := edges[i].Strong.Anchor, edges[i].Weak.Anchor
		knowsStrong, knowsWeak, linked := r.table.graph.Linked(s, w)
		note(entry{s, s}, knowsStrong)
		if s == w {
			continue
		}
		note(entry{w, w}, knowsWeak)
		note(entry{min(s, w), max(s, w)}, linked)
	}
	if len(news) == 0 {
		return 0, true
	}
	// An entry that is in news twice counts once.
	once := map[entry]bool{}
	for _, e := range news {
		once[e] = true
	}
	fresh = int64(len(once))
	if fresh > most {
		return fresh, false
	}
	for e := range once {
		r.coming[e] = true
	}
	return fresh, true
}
