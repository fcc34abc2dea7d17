// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/journeyman-dev/journeyman/internal/event"

// EntryBytes is how much memory an entry of the table takes at most, which is an identity or a link: itself, its places in the indexes while
// these grow, its part of a view, and of a snapshot that is being written. TestEntryBytes measures it.
const EntryBytes = 160

// Entries of the table: identities and links, and links again that several sources state.
func (t *Table) Entries() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.entries()
}

func (t *Table) entries() int64 { return int64(len(t.index) + len(t.pairs) + len(t.more)) }

// Room is what a table may still take, for edges that are looked at now and added later. It serves one goroutine, and no one adds meanwhile.
type Room struct {
	table *Table
	count int64
	// coming are the entries that were let in and are not in the table yet.
	coming map[entry]bool
}

// entry is an identity, with itself, or a link.
type entry struct{ a, b event.Anchor }

// Room gives it.
func (t *Table) Room() *Room { return &Room{table: t, count: t.Entries(), coming: map[entry]bool{}} }

// Take lets the edges of one event in when they bring nothing new, or when no more than so many entries are known with what they bring.
func (r *Room) Take(edges []Edge, most int64) bool {
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
		x, knowsStrong := r.table.index[s]
		note(entry{s, s}, knowsStrong)
		if s == w {
			continue
		}
		y, knowsWeak := r.table.index[w]
		note(entry{w, w}, knowsWeak)
		linked := false
		if knowsStrong && knowsWeak {
			_, linked = r.table.pairs[pairOf(x, y)]
		}
		note(entry{min(s, w), max(s, w)}, linked)
	}
	if len(news) == 0 {
		return true
	}
	// An entry that stands in news twice counts once.
	fresh := map[entry]bool{}
	for _, e := range news {
		fresh[e] = true
	}
	if r.count+int64(len(fresh)) > most {
		return false
	}
	for e := range fresh {
		r.coming[e] = true
	}
	r.count += int64(len(fresh))
	return true
}
