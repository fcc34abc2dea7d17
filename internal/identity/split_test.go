// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
)

func kept(Bonds) error { return nil }

// drawSplit draws two identifiers of those that may be there.
func drawSplit(t *rapid.T) Split {
	edges := drawEdges(t, 1)
	s := Split{Identity: edges[0].Strong.Anchor}
	if rapid.Bool().Draw(t, "weak") {
		s.Identity = edges[0].Weak.Anchor
	}
	if rapid.Bool().Draw(t, "from") {
		if s.From = drawEdges(t, 1)[0].Strong.Anchor; s.From == s.Identity {
			s.From = 0
		}
	}
	return s
}

func (r *reference) knows(s Split) bool {
	_, x := r.types[s.Identity]
	_, y := r.types[s.From]
	return x && (s.From == 0 || y)
}

// TestSplitsAgreeWithReference does anything in any order: links, splits, their undoing, erasures, other policies, restarts.
func TestSplitsAgreeWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := drawPolicy(t)
		w := &splitWalk{table: New(policy), ref: newReference(policy)}
		t.Repeat(map[string]func(*rapid.T){
			"link": w.link, "link more": w.link, "split": w.split, "undo": w.undo, "erase one": w.eraseOne, "erase": w.erase,
			"policy": w.policy, "restart": w.restart,
			"": func(t *rapid.T) {
				check(t, w.table, w.ref)
				require.Equal(t, len(w.ref.apart), len(w.table.pairsApart()))
			},
		})
	})
}

type splitWalk struct {
	table *Table
	ref   *reference
	seq   int64
}

func (w *splitWalk) link(t *rapid.T) {
	for _, e := range drawEdges(t, rapid.IntRange(1, 6).Draw(t, "events")) {
		w.seq++
		w.table.Add(w.seq, []Edge{e})
		w.ref.add(e)
	}
}

func (w *splitWalk) split(t *rapid.T) {
	s := drawSplit(t)
	before, _ := w.ref.resolve()
	parted, err := w.table.Split(s, kept)
	if !w.ref.knows(s) {
		require.ErrorIs(t, err, ErrUnknown)
		return
	}
	require.NoError(t, err)
	w.ref.split(s.Identity, s.From)
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
	if s.From != 0 {
		require.NotEqual(t, after[s.Identity], after[s.From])
		return
	}
	for a := range after {
		if a != s.Identity {
			require.NotEqual(t, after[s.Identity], after[a], "it is alone")
		}
		if before[a] != before[s.Identity] {
			require.Equal(t, before[a], after[a], "everybody else stays who he was")
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
			require.Equal(t, after[a], p, "as was told before")
		}
		if before[a] != before[x] {
			require.Equal(t, before[a], after[a], "everybody else stays who he was")
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
		require.Equal(t, before[a], after[a], "everybody else stays who he was")
	}
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
	require.Equal(t, w.table.pairsApart(), restored.pairsApart())
	require.Equal(t, w.table.Version(), restored.Version())
	w.table = restored
}

// TestReplayAfterSplitChangesNothing: once identities are kept apart, the same links in any order, again or one by one, give the same persons.
func TestReplayAfterSplitChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := drawPolicy(t)
		edges := drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events"))
		a, b := New(policy), New(policy)
		a.Add(1, edges)
		for range rapid.IntRange(1, 3).Draw(t, "splits") {
			_, _ = a.Split(drawSplit(t), kept) // Whoever is not known is not split.
		}
		version := a.Version()
		require.False(t, a.Add(2, edges), "a redelivery")
		require.Equal(t, version, a.Version())
		// The other one gets to know the identifiers, then who is kept apart, then the links.
		for i, e := range edges {
			b.Add(int64(2*i+1), []Edge{{Strong: e.Strong, Weak: e.Strong}})
			b.Add(int64(2*i+2), []Edge{{Strong: e.Weak, Weak: e.Weak}})
		}
		b.Rebind(Bonds{Added: a.pairsApart()})
		for i, e := range rapid.Permutation(edges).Draw(t, "order") {
			b.Add(int64(2*len(edges)+i+1), []Edge{e})
		}
		x, _ := a.View(0)
		y, _ := b.View(0)
		require.Equal(t, x.anchors, y.anchors)
		require.Equal(t, x.people, y.people)
		require.Equal(t, a.Stats(), b.Stats())
	})
}

// TestUndoneSplitIsAsIfItHadNotBeen: so is one that could not be made durable, which nobody sees either.
func TestUndoneSplitIsAsIfItHadNotBeen(t *testing.T) {
	full := errors.New("the disk is full")
	rapid.Check(t, func(t *rapid.T) {
		table := New(drawPolicy(t))
		table.Add(1, drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events")))
		before, _ := table.View(0)
		stats := table.Stats()
		same := func() {
			after, err := table.View(0)
			require.NoError(t, err)
			require.Equal(t, before.anchors, after.anchors)
			require.Equal(t, before.people, after.people)
			require.Equal(t, stats, table.Stats())
			require.Empty(t, table.pairsApart())
		}
		s := drawSplit(t)
		called := false
		_, err := table.Split(s, func(Bonds) error { called = true; return full })
		require.Equal(t, called, errors.Is(err, full))
		same()
		require.Equal(t, before.version, table.Version())
		parted, err := table.Split(s, kept)
		if err != nil {
			return
		}
		again, err := table.Split(s, func(Bonds) error { return full })
		require.NoError(t, err, "a second time there is nothing to keep")
		require.Empty(t, again.Moved)
		old, err := table.View(before.version)
		require.NoError(t, err, "who asks for the version of before gets it")
		require.Equal(t, before.people, old.people)
		s.Undo = true
		back, err := table.Split(s, kept)
		require.NoError(t, err)
		require.Len(t, back.Dropped, len(parted.Added))
		same()
	})
}
