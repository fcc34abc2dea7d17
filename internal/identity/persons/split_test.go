// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/test/draws"
)

func kept(identity.Bonds) error { return nil }

// drawSplit draws two identifiers that may exist.
func drawSplit(t *rapid.T) identity.Split {
	edges := drawEdges(t, 1)
	s := identity.Split{Identity: edges[0].Strong.Anchor}
	if rapid.Bool().Draw(t, "weak") {
		s.Identity = edges[0].Weak.Anchor
	}
	if rapid.Bool().Draw(t, "from") {
		if s.From = drawEdges(t, 1)[0].Strong.Anchor; s.From == s.Identity {
			s.From = 0
		}
	}
	s.Shared = s.From == 0 && rapid.IntRange(0, 2).Draw(t, "shared") == 0
	return s
}

func (r *reference) knows(s identity.Split) bool {
	_, x := r.types[s.Identity]
	_, y := r.types[s.From]
	return x && (s.From == 0 || y)
}

// Links, splits, undone splits, erasures, changed policies and restarts in any order give the same persons as the reference.
func TestSplitsAgreeWithReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		w := &splitWalk{table: New(policy), ref: newReference(policy), sources: []identity.Source{{Name: "shop"}, {Name: "web", Public: true}, {Name: "app", Public: true}}}
		t.Repeat(map[string]func(*rapid.T){
			"link": w.link, "link more": w.link, "split": w.split, "undo": w.undo, "erase one": w.eraseOne, "erase": w.erase,
			"policy": w.policy, "restart": w.restart, "trust": w.trust,
			"": func(t *rapid.T) {
				check(t, w.table, w.ref)
				require.Equal(t, len(w.ref.apart), len(w.table.graph.Apart()))
			},
		})
	})
}

type splitWalk struct {
	table *Table
	ref   *reference
	seq   int64
	// sources with their current trust
	sources []identity.Source
}

func (w *splitWalk) link(t *rapid.T) {
	live := rapid.Bool().Draw(t, "live")
	for _, e := range drawEdges(t, rapid.IntRange(1, 6).Draw(t, "events")) {
		w.seq++
		if live {
			e.Time = 30 + w.seq // in the order in which they happen
		}
		from := w.sources[rapid.IntRange(0, len(w.sources)-1).Draw(t, "source")]
		w.table.Add(w.seq, from, []identity.Edge{e})
		w.ref.add(from, e)
	}
}

func (w *splitWalk) split(t *rapid.T) {
	s := drawSplit(t)
	before, _ := w.ref.resolve()
	parted, err := w.table.Split(s, kept)
	if !w.ref.knows(s) {
		require.ErrorIs(t, err, identity.ErrUnknown)
		return
	}
	if s.Shared && w.ref.types[s.Identity] == identity.Customer {
		require.ErrorIs(t, err, identity.ErrCustomer)
		return
	}
	require.NoError(t, err)
	if s.Shared {
		w.ref.pinned[s.Identity] = true
	} else {
		w.ref.split(s.Identity, s.From)
	}
	after, _ := w.ref.resolve()
	var moved []event.Anchor
	persons := map[event.Anchor]bool{}
	for a := range after {
		if after[a] != before[a] {
			moved = append(moved, a)
		}
		if before[a] == before[s.Identity] || s.From != 0 && before[a] == before[s.From] {
			persons[after[a]] = true
		}
	}
	require.ElementsMatch(t, moved, parted.Moved)
	require.Equal(t, len(persons), parted.Persons)
	if s.Shared {
		return
	}
	if s.From != 0 {
		require.NotEqual(t, after[s.Identity], after[s.From])
		return
	}
	for a := range after {
		if a != s.Identity {
			require.NotEqual(t, after[s.Identity], after[a], "it is alone")
		}
		if before[a] != before[s.Identity] {
			require.Equal(t, before[a], after[a], "everybody else stays who they were")
		}
	}
}

func (w *splitWalk) undo(t *rapid.T) {
	s := drawSplit(t)
	s.Undo = true
	if _, err := w.table.Split(s, kept); err == nil {
		w.ref.undo(s.Identity, s.From)
	}
}

func (w *splitWalk) eraseOne(t *rapid.T) {
	x := drawSplit(t).Identity
	before, _ := w.ref.resolve()
	_, known := w.ref.types[x]
	version, told := w.table.Version(), w.table.WithoutOne(x)
	check(t, w.table, w.ref)
	require.Equal(t, version, w.table.Version())
	require.Equal(t, known, w.table.RemoveOne(x))
	if !known {
		return
	}
	w.ref.removeOne(x)
	after, _ := w.ref.resolve()
	for a := range after {
		if p, ok := told[a]; ok || after[a] != before[a] {
			require.Equal(t, after[a], p, "as in the preview")
		}
		if before[a] != before[x] {
			require.Equal(t, before[a], after[a], "everybody else stays who they were")
			continue
		}
		for b := range after {
			if before[b] != before[x] {
				require.NotEqual(t, after[a], after[b], "what falls back goes to nobody else")
			}
		}
	}
}

func (w *splitWalk) erase(t *rapid.T) {
	x := drawSplit(t).Identity
	before, _ := w.ref.resolve()
	_, known := w.ref.types[x]
	require.Equal(t, known, w.table.Remove(x))
	if !known {
		return
	}
	w.ref.remove(x)
	after, _ := w.ref.resolve()
	for a := range after {
		require.Equal(t, before[a], after[a], "everybody else stays who they were")
	}
}

// trust changes the trust of a source.
func (w *splitWalk) trust(t *rapid.T) {
	from := &w.sources[rapid.IntRange(0, len(w.sources)-1).Draw(t, "source")]
	from.Public = !from.Public
	w.seq++
	before := w.table.Version()
	require.Equal(t, w.table.Add(w.seq, *from, nil), w.table.Version() != before)
	w.ref.public[from.Name] = from.Public
}

func (w *splitWalk) policy(t *rapid.T) {
	w.ref.policy = drawPolicy(t)
	w.table.SetPolicy(w.ref.policy)
}

func (w *splitWalk) restart(t *rapid.T) {
	var b bytes.Buffer
	require.NoError(t, w.table.Snapshot(&b))
	restored, err := Restore(&b)
	require.NoError(t, err)
	require.Equal(t, w.table.graph.Apart(), restored.graph.Apart())
	require.Equal(t, w.table.Version(), restored.Version())
	w.table = restored
}

// When identities are kept apart, the same links in any order, repeated or one by one, give the same persons.
func TestReplayAfterSplitChangesNothing(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		edges := drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events"))
		a, b := New(policy), New(policy)
		a.Add(1, identity.Source{}, edges)
		var pinned []event.Anchor
		for range rapid.IntRange(1, 3).Draw(t, "splits") {
			parted, _ := a.Split(drawSplit(t), kept) // unknown identities are not split
			pinned = append(pinned, parted.Pinned...)
		}
		version := a.Version()
		require.False(t, a.Add(2, identity.Source{}, edges), "a redelivery")
		require.Equal(t, version, a.Version())
		// the other table gets the identifiers first, then who is kept apart, then the links
		for i, e := range edges {
			b.Add(int64(2*i+1), identity.Source{}, []identity.Edge{{Strong: e.Strong, Weak: e.Strong}})
			b.Add(int64(2*i+2), identity.Source{}, []identity.Edge{{Strong: e.Weak, Weak: e.Weak}})
		}
		b.Rebind(identity.Bonds{Added: a.graph.Apart(), Pinned: pinned})
		for i, e := range rapid.Permutation(edges).Draw(t, "order") {
			b.Add(int64(2*len(edges)+i+1), identity.Source{}, []identity.Edge{e})
		}
		x, _ := a.View(0)
		y, _ := b.View(0)
		requireEqualViews(t, x, y)
		require.Equal(t, a.Stats(), b.Stats())
	})
}

// After an undone split, the table is as if the split had not happened. The same holds for a split that could not be made durable, which nobody sees.
func TestUndoneSplitLeavesNoTrace(t *testing.T) {
	full := errors.New("the disk is full")
	draws.Check(t, cases, func(t *rapid.T) {
		table := New(drawPolicy(t))
		table.Add(1, identity.Source{}, drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events")))
		before, _ := table.View(0)
		stats := table.Stats()
		same := func() {
			after, err := table.View(0)
			require.NoError(t, err)
			requireEqualViews(t, before, after)
			require.Equal(t, stats, table.Stats())
			require.Empty(t, table.graph.Apart())
		}
		s := drawSplit(t)
		called := false
		_, err := table.Split(s, func(identity.Bonds) error { called = true; return full })
		require.Equal(t, called, errors.Is(err, full))
		same()
		require.Equal(t, before.Version(), table.Version())
		parted, err := table.Split(s, kept)
		if err != nil {
			return
		}
		again, err := table.Split(s, func(identity.Bonds) error { return full })
		require.NoError(t, err, "a second time there is nothing to keep")
		require.Empty(t, again.Moved)
		old, err := table.View(before.Version())
		require.NoError(t, err, "who asks for the version of before gets it")
		requireEqualViews(t, before, old)
		s.Undo = true
		back, err := table.Split(s, kept)
		require.NoError(t, err)
		require.Len(t, back.Dropped, len(parted.Added))
		require.Equal(t, parted.Pinned, back.Unpinned)
		same()
	})
}

// scene builds a table and the reference by hand.
type scene struct {
	*testing.T
	splitWalk
}

func newScene(t *testing.T) *scene {
	policy := identity.NewPolicy(nil)
	return &scene{T: t, splitWalk: splitWalk{table: New(policy), ref: newReference(policy)}}
}

// say links identities at a time. An alias event adds an alias.
func (s *scene) say(at int64, kind event.Kind, ids ...event.Identity) {
	s.seq++
	e := event.Event{ID: fmt.Sprint(s.seq), Source: "s", Time: at, Kind: kind, Identities: ids}
	edges := identity.EdgesOf(&e)
	s.table.Add(s.seq, identity.Source{}, edges)
	for _, edge := range edges {
		s.ref.add(identity.Source{}, edge)
	}
	check(s.T, s.table, s.ref)
}

func (s *scene) part(x event.Identity, from ...event.Identity) {
	request := identity.Split{Identity: x.Anchor()}
	if len(from) > 0 {
		request.From = from[0].Anchor()
	}
	_, err := s.table.Split(request, kept)
	require.NoError(s, err)
	s.ref.split(request.Identity, request.From)
	check(s.T, s.table, s.ref)
}

func (s *scene) together(want bool, a, b event.Identity) {
	s.Helper()
	v, err := s.table.View(0)
	require.NoError(s, err)
	require.Equal(s, want, v.PersonOf(a.Anchor()) == v.PersonOf(b.Anchor()))
}

// A device is kept apart from one name of a customer with two names. If the two are different people, the device can belong to the other one.
func TestApartFromOneOfTwoNames(t *testing.T) {
	s := newScene(t)
	ann, ben, phone := id("customerId", "ann"), id("customerId", "ben"), id("deviceId", "phone")
	s.say(1, event.Track, ann, phone)
	s.say(2, event.Alias, ann, ben)
	s.part(phone, ben)
	s.together(false, phone, ann)
	s.part(ann, ben)
	s.together(true, phone, ann)
	s.say(3, event.Track, ben, phone)
	s.together(true, phone, ann)
}

// A link joins two devices of two customers. What is kept apart from one device now matters for both.
func TestLinkOfTwoDevicesKeepsSplits(t *testing.T) {
	s := newScene(t)
	ann, ben := id("customerId", "ann"), id("customerId", "ben")
	phone, tablet, mail := id("deviceId", "phone"), id("deviceId", "tablet"), id("email", "e")
	s.say(1, event.Track, ann, phone)
	s.say(2, event.Track, mail, phone)
	s.part(phone, mail)
	s.say(3, event.Track, ben, tablet)
	s.say(4, event.Track, tablet, phone)
	s.say(5, event.Track, mail, tablet)
	s.together(false, mail, phone)
	// the earlier links arrive late, so the customers were unknown
	s.say(0, event.Track, tablet, phone)
	s.say(0, event.Track, mail, tablet)
	s.together(false, mail, phone)
}

// A hub belongs to nobody. When the limit is increased, it belongs to somebody, unless it was split.
func TestSplitOfAHub(t *testing.T) {
	s := newScene(t)
	till := id("deviceId", "till")
	for i := range 4 {
		s.say(int64(i), event.Track, id("customerId", fmt.Sprint(i)), till)
	}
	s.part(till)
	s.ref.policy = identity.NewPolicy(map[string]int32{"deviceId": 9})
	s.table.SetPolicy(s.ref.policy)
	check(t, s.table, s.ref)
	for i := range 4 {
		s.together(false, till, id("customerId", fmt.Sprint(i)))
	}
}

// If the identity that was split is erased, what keeps others apart has no reason any more, but can still be undone.
func TestUndoAfterItsReasonWasErased(t *testing.T) {
	s := newScene(t)
	ann, ben, phone, tablet := id("customerId", "ann"), id("customerId", "ben"), id("deviceId", "phone"), id("deviceId", "tablet")
	s.say(1, event.Track, ann, phone)
	s.say(2, event.Track, phone, tablet)
	s.say(3, event.Track, ben, tablet)
	s.part(phone)
	s.together(false, tablet, ben)
	require.True(t, s.table.RemoveOne(phone.Anchor()))
	s.ref.removeOne(phone.Anchor())
	check(t, s.table, s.ref)
	require.Equal(t, []identity.Pair{{A: min(tablet.Anchor(), ben.Anchor()), B: max(tablet.Anchor(), ben.Anchor())}}, s.table.graph.Apart())
	parted, err := s.table.Split(identity.Split{Identity: tablet.Anchor(), From: ben.Anchor(), Undo: true}, kept)
	require.NoError(t, err)
	require.Len(t, parted.Dropped, 1)
	s.together(true, tablet, ben)
}

// BenchmarkAddWhereSplit adds the events of a kiosk that was split. Each event has its own cookie, and one in ten customers logs in with it later.
func BenchmarkAddWhereSplit(b *testing.B) {
	table, kiosk := New(identity.NewPolicy(nil)), id("deviceId", "kiosk")
	first := event.Event{ID: "first", Identities: []event.Identity{id("customerId", "ann"), kiosk}}
	table.Add(1, identity.Source{}, identity.EdgesOf(&first))
	if _, err := table.Split(identity.Split{Identity: kiosk.Anchor()}, kept); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		e := event.Event{ID: fmt.Sprint(i), Time: int64(i), Identities: []event.Identity{kiosk, id("anonymousId", fmt.Sprint(i))}}
		if i%10 == 9 {
			e.Identities[0] = id("customerId", fmt.Sprint(i))
			e.Identities[1] = id("anonymousId", fmt.Sprint(i-5))
		}
		table.Add(int64(i+2), identity.Source{}, identity.EdgesOf(&e))
	}
}
