// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package statements collects what many events of one source state about persons: each link once, with its first event. That is all that the identity
// table needs, and much less than the events.
package statements

import (
	"cmp"
	"fmt"
	"iter"
	"runtime"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// Set is a set of links.
type Set struct {
	firsts map[link]first
	// sorted are the links after Sort.
	sorted []statement
	// types are the names of types of identities, which have numbers.
	types   []string
	numbers map[string]uint16
	// Times of the events, without future ones.
	Times store.Times
	// most is the number of links beyond which the set is too large; 0 for no limit.
	most int64
}

// link is a pair of identities, or one of them twice, which only makes it known.
type link struct {
	strong, weak event.Anchor
	own          bool
}

// statement is a link with its first event.
type statement struct {
	link
	first
}

// first is the first event that states a link. explicit is set if any of them is an alias.
type first struct {
	time                 int64
	key                  event.Key
	strongType, weakType uint16
	explicit             bool
}

// LinkBytes is the approximate memory of a link until it is in the identity table: its entry, its place when sorted, and those of its two identities.
const LinkBytes = 200

// NewSet returns an empty set for up to that many links; 0 for any number.
func NewSet(most int64) *Set {
	return &Set{firsts: map[link]first{}, numbers: map[string]uint16{}, most: most}
}

// Len returns the number of links.
func (s *Set) Len() int { return len(s.firsts) + len(s.sorted) }

// Sort sorts the links by their first events, in which order they are processed fastest. Nothing can be added afterwards.
func (s *Set) Sort() {
	s.sorted = make([]statement, 0, len(s.firsts))
	for at, f := range s.firsts {
		s.sorted = append(s.sorted, statement{at, f})
	}
	s.firsts = nil
	slices.SortFunc(s.sorted, func(a, b statement) int {
		return cmp.Or(cmp.Compare(a.time, b.time), identity.CompareKeys(a.key, b.key))
	})
}

// Add adds what an event states.
func (s *Set) Add(e *event.Event) {
	if e.Flags&event.FlagFuture == 0 {
		s.Times.Add(e.Time)
	}
	for _, edge := range identity.EdgesOf(e) {
		at := link{strong: edge.Strong.Anchor, weak: edge.Weak.Anchor, own: edge.Own}
		now := first{time: edge.Time, key: edge.Key, strongType: s.typeOf(edge.Strong.Type), weakType: s.typeOf(edge.Weak.Type), explicit: edge.Explicit}
		if old, known := s.firsts[at]; known {
			if cmp.Or(cmp.Compare(old.time, now.time), identity.CompareKeys(old.key, now.key)) <= 0 {
				if old.explicit || !now.explicit {
					continue
				}
				now.time, now.key = old.time, old.key
			}
			now.explicit = now.explicit || old.explicit
		}
		s.firsts[at] = now
	}
}

func (s *Set) typeOf(name string) uint16 {
	if n, ok := s.numbers[name]; ok {
		return n
	}
	n := uint16(len(s.types))
	name = string([]byte(name)) // The text belongs to a block.
	s.types, s.numbers[name] = append(s.types, name), n
	return n
}

// Edges returns the sorted links, as edges of their first events. An edge is valid until the next one.
func (s *Set) Edges() iter.Seq[*identity.Edge] {
	return func(yield func(*identity.Edge) bool) {
		var e identity.Edge
		for i := range s.sorted {
			at, f := &s.sorted[i].link, &s.sorted[i].first
			e = identity.Edge{
				Strong: identity.Node{Anchor: at.strong, Type: s.types[f.strongType]}, Weak: identity.Node{Anchor: at.weak, Type: s.types[f.weakType]},
				Time: f.time, Key: f.key, Explicit: f.explicit, Own: at.own,
			}
			if !yield(&e) {
				return
			}
		}
	}
}

// wants are the columns that Read reads.
var wants = []block.Want{
	{Name: "id", Kind: block.Text}, {Name: store.ColumnSource, Kind: block.Text}, {Name: store.ColumnTime, Kind: block.Long},
	{Name: store.ColumnKind, Kind: block.Byte}, {Name: store.ColumnFlags, Kind: block.Byte}, {Name: store.ColumnIdentities, Kind: block.Text},
	{Name: store.ColumnIndex, Kind: block.Int},
}

// Read adds what the rows of a file state, without those that drop selects by their index. drop can be nil.
func (s *Set) Read(p *part.Part, drop func(index int32) bool) error {
	if err := p.Verify(); err != nil {
		return err
	}
	var e event.Event
	err := p.Each(wants, func(b *block.Block, _ *block.Runs) error {
		runtime.Gosched() // Appends do not wait for the rest of the file.
		c := b.Columns
		for row := range b.Rows {
			if drop != nil && drop(c[6].Ints[row]) {
				continue
			}
			e.ID, e.Source, e.Time = c[0].Dict[c[0].Codes[row]], c[1].Dict[c[1].Codes[row]], c[2].Longs[row]
			e.Kind, e.Flags, e.Identities = event.Kind(c[3].Bytes[row]), event.Flags(c[4].Bytes[row]), e.Identities[:0]
			err := event.EachIdentity(c[5].Dict[c[5].Codes[row]], func(typ, value string) {
				e.Identities = append(e.Identities, event.Identity{Type: typ, Value: value})
			})
			if err != nil {
				return err
			}
			s.Add(&e)
		}
		if s.most > 0 && int64(len(s.firsts)) > s.most {
			return &store.CrowdedError{Why: fmt.Sprintf("its memory has room for what %d links of a load need, and this one has more", s.most)}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}
