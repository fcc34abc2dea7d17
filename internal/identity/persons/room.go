// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// EntryBytes is the memory that an entry of the table (an identity or a link) uses at most, in bytes: the entry, its share of the indexes while they
// grow, of a view, and of a snapshot that is being written. TestEntryBytes measures it.
const EntryBytes = 160

// Room is the remaining capacity of a table, for edges that are checked now and added later. It must not be used by several goroutines at once, or
// while edges are added.
type Room struct {
	table *Table
	// coming holds the entries that were admitted and are not in the table yet.
	coming map[entry]bool
}

// entry is a link, or an identity, paired with itself.
type entry struct{ a, b event.Anchor }

// Room returns the remaining capacity of the table.
func (t *Table) Room() *Room { return &Room{table: t, coming: map[entry]bool{}} }

// Take admits the edges of one event if they bring no more new entries than most. An entry is new if it is neither in the table nor admitted yet.
// Take returns the number of new entries.
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
	// An entry that occurs twice counts once.
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
