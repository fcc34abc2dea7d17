// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

func TestEdgesOf(t *testing.T) {
	ann, mail, phone := event.Identity{Type: "customerId", Value: "ann"}, event.Identity{Type: "email", Value: "a@b.c"}, event.Identity{Type: "deviceId", Value: "p"}
	node := func(i event.Identity) identity.Node { return identity.Node{Anchor: i.Anchor(), Type: i.Type} }
	edges := func(kind event.Kind, flags event.Flags, ids ...event.Identity) []identity.Edge {
		return identity.EdgesOf(&event.Event{ID: "1", Source: "shop", Time: 7, Kind: kind, Flags: flags, Identities: ids})
	}
	edge := func(strong, weak event.Identity) identity.Edge {
		return identity.Edge{Strong: node(strong), Weak: node(weak), Time: 7, Key: event.KeyOf("shop", "1")}
	}
	require.Empty(t, edges(event.Track, 0), "one without identities says nothing")
	require.Equal(t, []identity.Edge{edge(ann, mail), edge(ann, phone)}, edges(event.Track, 0, mail, ann, phone), "the strongest with each other one")
	require.Equal(t, []identity.Edge{edge(phone, phone)}, edges(event.Track, 0, phone), "alone with itself")
	require.Equal(t, []identity.Edge{edge(ann, ann)}, edges(event.System, 0, mail, ann), "system events link nothing")
	alias := edge(ann, mail)
	alias.Explicit = true
	require.Equal(t, []identity.Edge{alias}, edges(event.Alias, 0, ann, mail))
	own := edge(ann, mail)
	own.Own = true
	require.Equal(t, []identity.Edge{own}, edges(event.Track, event.FlagOwn|event.FlagBot, ann, mail))
}

// Only an alias of two customers merges them. Any other alias is a link.
func TestOnlyAnAliasMergesCustomers(t *testing.T) {
	for _, strong := range []string{"customerId", "email"} {
		for _, weak := range []string{"customerId", "email"} {
			for _, explicit := range []bool{true, false} {
				e := identity.Edge{Strong: identity.Node{Type: strong}, Weak: identity.Node{Type: weak}, Explicit: explicit}
				require.Equal(t, explicit && strong == weak && strong == "customerId", e.JoinsCustomers(), "%s, %s, %t", strong, weak, explicit)
			}
		}
	}
}

func TestTypesThatName(t *testing.T) {
	for typ, names := range map[string]bool{
		"customerId": true, "loyaltyId": true, "email": true, "phone": true, "deviceId": false, "cardId": false, "anonymousId": false,
	} {
		require.Equal(t, names, identity.Names(typ), typ)
	}
}

func TestPolicy(t *testing.T) {
	p := identity.NewPolicy(map[string]int32{"email": 5, "cardId": 1})
	require.Equal(t, map[string]int{"deviceId": 3, "email": 5, "phone": 2, "anonymousId": 3, "cardId": 1}, p.MaxLinks)
	q := p.Clone()
	require.True(t, p.Equal(q))
	q.MaxLinks["email"] = 6
	require.False(t, p.Equal(q), "a copy shares nothing")
}

// A change is empty if it has nothing of any kind, and its reverse undoes it.
func TestBonds(t *testing.T) {
	pair, anchor := []identity.Pair{{A: 1, B: 2}}, []event.Anchor{3}
	require.True(t, new(identity.Bonds{}).Empty())
	for _, b := range []identity.Bonds{
		{Added: pair}, {Dropped: pair}, {Pinned: anchor}, {Unpinned: anchor},
		{Added: pair, Dropped: pair}, {Added: pair, Pinned: anchor}, {Added: pair, Unpinned: anchor},
	} {
		require.False(t, b.Empty())
	}
	all := identity.Bonds{Added: pair, Dropped: []identity.Pair{{A: 4, B: 5}}, Pinned: anchor, Unpinned: []event.Anchor{6}}
	require.False(t, all.Empty())
	require.Equal(t, identity.Bonds{Added: all.Dropped, Dropped: pair, Pinned: all.Unpinned, Unpinned: anchor}, all.Reversed())
}

// drawAnchor draws small, large and similar anchors, because a view guesses the position of an anchor.
func drawAnchor(t *rapid.T) event.Anchor {
	return event.Anchor(rapid.OneOf(rapid.Uint64Range(0, 40), rapid.Uint64(), rapid.Uint64Range(1<<64-20, 1<<64-1)).Draw(t, "anchor"))
}

func drawPersons(t *rapid.T, most int) map[event.Anchor]event.Anchor {
	return rapid.MapOfN(rapid.Custom(drawAnchor), rapid.Custom(drawAnchor), 0, most).Draw(t, "persons")
}

func viewOf(version int64, persons map[event.Anchor]event.Anchor) *identity.View {
	anchors := slices.AppendSeq(make([]event.Anchor, 0, len(persons)), maps.Keys(persons))
	slices.Sort(anchors)
	people := make([]event.Anchor, len(anchors))
	for i, a := range anchors {
		people[i] = persons[a]
	}
	return identity.NewView(version, anchors, people)
}

// A view returns the same as a map of its persons. An unknown anchor is its own person.
func TestViewAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons := drawPersons(t, 60)
		v := viewOf(3, persons)
		for a, p := range persons {
			require.Equal(t, uint64(p), v.PersonOf(a))
		}
		for range 20 {
			a := drawAnchor(t)
			want, ok := persons[a]
			if !ok {
				want = a
			}
			require.Equal(t, uint64(want), v.PersonOf(a))
		}
	})
}

// Changes replace entries. A person with its own anchor has no entry.
func TestViewAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		persons, changes := drawPersons(t, 20), drawPersons(t, 20)
		maps.DeleteFunc(persons, func(a, p event.Anchor) bool { return a == p })
		if anchors := slices.Sorted(maps.Keys(persons)); len(anchors) > 0 && rapid.Bool().Draw(t, "same") {
			a := rapid.SampledFrom(anchors).Draw(t, "which")
			changes[a] = rapid.SampledFrom([]event.Anchor{a, drawAnchor(t)}).Draw(t, "to")
		}
		want := maps.Clone(persons)
		maps.Copy(want, changes)
		maps.DeleteFunc(want, func(a, p event.Anchor) bool { return a == p })
		v := viewOf(3, persons)
		anchors, people := v.At(4, changes).Mapping()
		wantAnchors, wantPeople := viewOf(4, want).Mapping()
		require.Equal(t, wantAnchors, anchors)
		require.Equal(t, wantPeople, people)
		require.EqualValues(t, 4, v.At(4, changes).Version())
		require.EqualValues(t, 3, v.With(changes).Version())
	})
}

// The stronger identifier comes first, then the smaller anchor. Keys are ordered by both halves, pairs by both ends and their reason.
func TestOrders(t *testing.T) {
	require.Negative(t, identity.CompareNodes("email", 9, "deviceId", 1))
	require.Negative(t, identity.CompareNodes("email", 1, "email", 9))
	require.Zero(t, identity.CompareNodes("cardId", 1, "tillId", 1))
	require.Negative(t, identity.CompareKeys(event.Key{Hi: 1, Lo: 9}, event.Key{Hi: 2}))
	require.Negative(t, identity.CompareKeys(event.Key{Hi: 1, Lo: 1}, event.Key{Hi: 1, Lo: 2}))
	pairs := []identity.Pair{{A: 1, B: 2, By: 3}, {A: 1, B: 2, By: 4}, {A: 1, B: 3}, {A: 2}}
	require.True(t, slices.IsSortedFunc(pairs, identity.ComparePairs))
	slices.Reverse(pairs)
	require.False(t, slices.IsSortedFunc(pairs, identity.ComparePairs))
}
