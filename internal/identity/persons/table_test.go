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

// number of cases of a property, because most rules apply in few of them
const cases = 400

func id(typ, value string) event.Identity { return event.Identity{Type: typ, Value: value} }

// drawEdges draws events with few identifiers, so that shared devices, hubs and conflicts are frequent.
func drawEdges(t *rapid.T, n int) []identity.Edge {
	types := []string{"customerId", "customerId", "loyaltyId", "email", "deviceId", "deviceId", "till", "anonymousId"}
	spread := rapid.IntRange(2, 8).Draw(t, "spread")
	var edges []identity.Edge
	for i := range n {
		e := event.Event{Source: "s", ID: fmt.Sprint(i), Time: rapid.Int64Range(0, 30).Draw(t, "time")}
		if rapid.IntRange(0, 11).Draw(t, "alias") == 0 {
			e.Kind = event.Alias
		}
		for range rapid.IntRange(1, 3).Draw(t, "identities") {
			typ := types[rapid.IntRange(0, len(types)-1).Draw(t, "type")]
			e.Identities = append(e.Identities, id(typ, fmt.Sprint(rapid.IntRange(0, spread).Draw(t, "value"))))
		}
		e.Normalize()
		edges = append(edges, identity.EdgesOf(&e)...)
	}
	return edges
}

var drawnSources = []identity.Source{{Name: "shop"}, {Name: "till"}, {Name: "web", Public: true}, {Name: "app", Public: true}}

func drawSource(t *rapid.T) identity.Source {
	return drawnSources[rapid.IntRange(0, len(drawnSources)-1).Draw(t, "source")]
}

func sourceNamed(name string) identity.Source {
	return drawnSources[slices.IndexFunc(drawnSources, func(s identity.Source) bool { return s.Name == name })]
}

func drawPolicy(t *rapid.T) identity.Policy {
	return identity.NewPolicy(map[string]int32{
		"deviceId": rapid.Int32Range(0, 4).Draw(t, "devices"), "email": rapid.Int32Range(1, 4).Draw(t, "emails"),
	})
}

// check compares persons, statistics and members of the table with the reference.
func check(t require.TestingT, table *Table, ref *reference) {
	want, stats := ref.resolve()
	view, err := table.View(0)
	require.NoError(t, err)
	members := map[event.Anchor][]event.Anchor{}
	asked := []event.Anchor{12345}
	for a, p := range want {
		require.Equal(t, uint64(p), view.PersonOf(a))
		asked = append(asked, a)
		members[p] = append(members[p], a)
	}
	now, version := table.PersonsOf(asked)
	require.Equal(t, view.Version(), version)
	for i, a := range asked {
		require.Equal(t, view.PersonOf(a), now[i])
	}
	require.Equal(t, stats, table.Stats())
	for p, list := range members {
		require.ElementsMatch(t, list, table.Members(p))
	}
	anchors, persons := view.Mapping()
	require.True(t, slices.IsSorted(anchors))
	for i := range anchors {
		require.NotEqual(t, anchors[i], persons[i])
		require.Contains(t, want, anchors[i])
	}
}

// requireEqualViews requires the same person for every anchor in both views.
func requireEqualViews(t require.TestingT, want, got *identity.View) {
	anchors, persons := want.Mapping()
	gotAnchors, gotPersons := got.Mapping()
	require.Equal(t, anchors, gotAnchors)
	require.Equal(t, persons, gotPersons)
}

func TestTableAgreesWithReferenceAfterEveryCommit(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		table, ref := New(policy), newReference(policy)
		edges := drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events"))
		for seq := int64(1); len(edges) > 0; seq++ {
			n := rapid.IntRange(1, min(6, len(edges))).Draw(t, "commit")
			from := drawSource(t)
			table.Add(seq, from, edges[:n])
			for _, e := range edges[:n] {
				ref.add(from, e)
			}
			edges = edges[n:]
			check(t, table, ref)
		}
	})
}

func TestOrderAndRepeatsDoNotMatter(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		edges := drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events"))
		stated := make([]statement, len(edges))
		a, b := New(policy), New(policy)
		for i, e := range edges {
			from := drawSource(t)
			stated[i] = statement{Edge: e, source: from.Name}
			a.Add(int64(i+1), from, []identity.Edge{e})
		}
		for i, s := range append(rapid.Permutation(stated).Draw(t, "order"), stated[:len(stated)/2]...) {
			b.Add(int64(i+1), sourceNamed(s.source), []identity.Edge{s.Edge})
		}
		x, _ := a.View(0)
		y, _ := b.View(0)
		requireEqualViews(t, x, y)
		require.Equal(t, a.Stats(), b.Stats())
	})
}

func TestOldVersionsStayReadable(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		table := New(drawPolicy(t))
		edges := drawEdges(t, rapid.IntRange(1, 40).Draw(t, "events"))
		kept := map[int64]*identity.View{}
		at := map[int64]int64{}
		for i := range edges {
			before := table.Version()
			changed := table.Add(int64(i+1), drawSource(t), edges[i:i+1])
			require.Equal(t, changed, table.Version() != before)
			v, err := table.View(0)
			require.NoError(t, err)
			kept[v.Version()], at[int64(i+1)] = v, v.Version()
		}
		for version, want := range kept {
			got, err := table.View(version)
			require.NoError(t, err)
			requireEqualViews(t, want, got)
		}
		for seq, want := range at {
			got, err := table.VersionAt(seq)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}

func TestRemovePolicyAndSnapshotAgreeWithReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		policy := drawPolicy(t)
		table, ref := New(policy), newReference(policy)
		seq := int64(0)
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			for _, e := range drawEdges(t, rapid.IntRange(1, 25).Draw(t, "events")) {
				seq++
				from := drawSource(t)
				table.Add(seq, from, []identity.Edge{e})
				ref.add(from, e)
			}
			edges := drawEdges(t, 1)
			target := edges[0].Strong.Anchor
			_, known := ref.types[target]
			require.Equal(t, known, table.Remove(target))
			ref.remove(target)
			check(t, table, ref)
			ref.policy = drawPolicy(t)
			table.SetPolicy(ref.policy)
			check(t, table, ref)
			var b bytes.Buffer
			require.NoError(t, table.Snapshot(&b))
			restored, err := Restore(&b)
			require.NoError(t, err)
			require.Equal(t, table.Version(), restored.Version())
			require.Equal(t, table.Seq(), restored.Seq())
			table = restored
			check(t, table, ref)
		}
	})
}
