// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// said is an event of a source with its edges.
type said struct {
	from  identity.Source
	edges []identity.Edge
	gone  bool
}

// drawSaid draws events with so few identifiers that sources often state the same link several times.
func drawSaid(t *rapid.T, n int, removed string) []said {
	types := []string{"customerId", "customerId", "email", "deviceId", "anonymousId"}
	spread := rapid.IntRange(0, 2).Draw(t, "spread")
	kinds := []event.Kind{event.Track, event.Track, event.Track, event.Identify, event.Alias, event.Alias, event.System}
	list := make([]said, n)
	for i := range list {
		from := sourceNamed(removed)
		if rapid.Bool().Draw(t, "other source") {
			from = drawSource(t)
		}
		e := event.Event{Source: from.Name, ID: fmt.Sprint(i), Time: rapid.Int64Range(0, 30).Draw(t, "time"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		if rapid.IntRange(0, 4).Draw(t, "own") == 0 {
			e.Flags = event.FlagOwn
		}
		for range rapid.IntRange(0, 3).Draw(t, "identities") {
			e.Identities = append(e.Identities, id(rapid.SampledFrom(types).Draw(t, "type"), fmt.Sprint(rapid.IntRange(0, spread).Draw(t, "value"))))
		}
		e.Normalize()
		list[i] = said{from: from, edges: identity.EdgesOf(&e), gone: from.Name == removed && rapid.Bool().Draw(t, "gone")}
	}
	return list
}

// requireSame requires that two tables have the same persons, statistics and memory, and write the same snapshot after they are read again.
func requireSame(t require.TestingT, want, got *Table) {
	w, err := want.View(0)
	require.NoError(t, err)
	g, err := got.View(0)
	require.NoError(t, err)
	requireEqualViews(t, w, g)
	require.Equal(t, want.Stats(), got.Stats())
	require.Equal(t, want.Entries(), got.Entries())
	require.Equal(t, ties(want), ties(got))
	var b bytes.Buffer
	require.NoError(t, got.Snapshot(&b))
	again, err := Restore(&b)
	require.NoError(t, err)
	require.Equal(t, got.Stats(), again.Stats())
	a, err := again.View(0)
	require.NoError(t, err)
	requireEqualViews(t, g, a)
}

// ties returns the time of each link, and the sources that state it.
func ties(table *Table) map[[2]event.Anchor]identity.Tie {
	anchors := map[event.Anchor]bool{}
	for i := range table.graph.Persons() {
		anchors[i] = true
	}
	_, list := table.Explain(anchors)
	out := map[[2]event.Anchor]identity.Tie{}
	for _, x := range list {
		slices.Sort(x.Sources)
		x.A, x.B = min(x.A, x.B), max(x.A, x.B) // Of two customers, either can be the first.
		out[[2]event.Anchor{x.A, x.B}] = x
	}
	return out
}

// An alias of two customers counts as long as an event states it that stays, also if another event states the same link without being an alias.
func TestSubtractedAliases(t *testing.T) {
	ann, ben := id("customerId", "ann"), id("customerId", "ben")
	shop := identity.Source{Name: "shop"}
	said := func(at int64, kind event.Kind) []identity.Edge {
		return identity.EdgesOf(&event.Event{ID: fmt.Sprint(at), Source: "shop", Time: at, Kind: kind, Identities: []event.Identity{ann, ben}})
	}
	for name, c := range map[string]struct {
		gone, stay [][]identity.Edge
		together   bool
	}{
		"the only alias, after another statement":  {[][]identity.Edge{said(2, event.Alias)}, [][]identity.Edge{said(1, event.Track)}, false},
		"the only alias, before another statement": {[][]identity.Edge{said(1, event.Alias)}, [][]identity.Edge{said(2, event.Track)}, false},
		"one of two aliases":                       {[][]identity.Edge{said(2, event.Alias)}, [][]identity.Edge{said(1, event.Track), said(3, event.Alias)}, true},
		"the first statement":                      {[][]identity.Edge{said(1, event.Track)}, [][]identity.Edge{said(2, event.Alias), said(3, event.Track)}, true},
		"the first statement, read in another order": {
			[][]identity.Edge{said(1, event.Track)}, [][]identity.Edge{said(3, event.Track), said(2, event.Alias)}, true,
		},
		"an alias, before an event that retention removed": {[][]identity.Edge{said(5, event.Alias)}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			table := New(identity.NewPolicy(nil))
			if len(c.stay) == 0 {
				table.Add(1, shop, said(0, event.Track))
			}
			for i, edges := range append(slices.Clone(c.gone), c.stay...) {
				table.Add(int64(i+2), shop, edges)
			}
			s := table.Subtract("shop")
			for _, edges := range c.gone {
				s.Gone("shop", edges)
			}
			for _, edges := range c.stay {
				s.Stays("shop", edges)
			}
			s.Apply(10)
			require.Equal(t, c.together, len(table.Members(ann.Anchor())) == 2)
		})
	}
}

// TestSubtractedEventsLeaveNoTrace: after a subtraction, with links that are added during it, the table is that of the other events, also for
// whatever comes later, and for the same events when they come again. Earlier versions can still be read.
func TestSubtractedEventsLeaveNoTrace(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		events := drawSaid(t, rapid.IntRange(1, 40).Draw(t, "events"), "shop")
		during := rapid.IntRange(0, len(events)).Draw(t, "during")
		after := rapid.IntRange(during, len(events)).Draw(t, "after")
		table, other := New(policy), New(policy)
		for i, e := range events[:during] {
			table.Add(int64(i+1), e.from, e.edges)
			if !e.gone {
				other.Add(int64(i+1), e.from, e.edges)
			}
		}
		before, err := table.View(0)
		require.NoError(t, err)

		s := table.Subtract("shop")
		for _, e := range events[:during] {
			if e.gone {
				s.Gone(e.from.Name, e.edges)
			}
		}
		for i, e := range events[during:after] {
			table.Add(int64(during+i+1), e.from, e.edges)
			other.Add(int64(during+i+1), e.from, e.edges)
		}
		for i, e := range events[:after] {
			if !e.gone || i >= during {
				s.Stays(e.from.Name, e.edges)
			}
		}
		version := table.Version()
		seq := int64(len(events) + 1)
		var planned, b bytes.Buffer
		require.NoError(t, s.Snapshot(&planned, seq))
		entries := table.Entries()
		require.Equal(t, entries-s.Apply(seq), table.Entries())
		require.Equal(t, version+1, table.Version())
		require.NoError(t, table.Snapshot(&b))
		require.Equal(t, b.Bytes(), planned.Bytes(), "the snapshot is that of the table after it")
		requireSame(t, other, table)
		earlier, err := table.View(before.Version())
		require.NoError(t, err)
		requireEqualViews(t, before, earlier)
		at, err := table.VersionAt(seq)
		require.NoError(t, err)
		require.Equal(t, table.Version(), at)

		for i, e := range events[after:] {
			table.Add(seq+int64(i+1), e.from, e.edges)
			other.Add(seq+int64(i+1), e.from, e.edges)
		}
		requireSame(t, other, table)
		for i, e := range events[:during] {
			table.Add(2*seq+int64(i), e.from, e.edges)
			other.Add(2*seq+int64(i), e.from, e.edges)
		}
		requireSame(t, other, table)
	})
}

// What an administrator has stated is valid when the same events are sent again.
func TestSubtractionKeepsSplits(t *testing.T) {
	s := newScene(t)
	ann, ben, tablet, kiosk := id("customerId", "ann"), id("customerId", "ben"), id("deviceId", "tablet"), id("deviceId", "kiosk")
	s.say(1, event.Track, ann, tablet)
	s.say(2, event.Track, ben, kiosk)
	s.part(tablet)
	_, err := s.table.Split(identity.Split{Identity: kiosk.Anchor(), Shared: true}, kept)
	require.NoError(t, err)
	work := s.table.Subtract("")
	work.Gone("", stated(1, 0, ann, tablet))
	work.Gone("", stated(2, 0, ben, kiosk))
	require.EqualValues(t, 2, work.Persons())
	work.Apply(100)
	require.False(t, s.table.Knows(ben.Anchor()))
	require.True(t, s.table.Knows(kiosk.Anchor()))
	s.table.Add(101, identity.Source{}, stated(1, 0, ann, tablet))
	s.table.Add(102, identity.Source{}, stated(2, 0, ben, kiosk))
	s.together(false, ann, tablet)
	s.together(false, ben, kiosk)
}
