// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Draws changes, and keeps a complete copy of each version. All views, changes and versions of commits agree with the copies.
func TestEarlierVersionsDoNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, now := New(), map[event.Anchor]event.Anchor{}
		was := map[int64]map[event.Anchor]event.Anchor{1: {}}
		at := map[int64]int64{0: 1}
		for seq := range rapid.Int64Range(1, 20).Draw(t, "commits") {
			h.Reach(seq + 1)
			moved := rapid.MapOfN(rapid.Uint64Range(1, 8), rapid.Uint64Range(1, 8), 0, 4).Draw(t, "moved")
			for a, to := range moved {
				anchor, before := event.Anchor(a), personIn(now, event.Anchor(a))
				if now[anchor] = event.Anchor(to); before == event.Anchor(to) {
					continue
				}
				h.Move(anchor, before, event.Anchor(to))
			}
			before := h.Version()
			if h.Commit() {
				require.Equal(t, before+1, h.Version())
				was[h.Version()] = maps.Clone(now)
			}
			at[seq+1] = h.Version()
			if rapid.Bool().Draw(t, "look") { // so that the newest view is derived from an earlier one, or from nothing
				requirePersons(t, h, h.Version(), now, now)
			}
		}
		for version, persons := range was {
			requirePersons(t, h, version, persons, now)
			changed, err := h.Changed(version, h.Version())
			require.NoError(t, err)
			for a := event.Anchor(1); a <= 8; a++ {
				if old, ok := changed[a]; ok || personIn(persons, a) != personIn(now, a) {
					require.Equal(t, personIn(persons, a), old)
				}
			}
		}
		for seq, want := range at {
			version, err := h.VersionAt(seq)
			require.NoError(t, err)
			require.Equal(t, want, version)
		}
		_, err := h.View(h.Version()+1, maps.All(now))
		require.ErrorIs(t, err, ErrGone)
		_, err = h.Changed(2, 1)
		require.ErrorIs(t, err, ErrGone)

		h.Forget()
		_, err = h.View(h.Version()-1, maps.All(now))
		require.ErrorIs(t, err, ErrGone)
		requirePersons(t, h, h.Version(), now, now)
	})
}

func personIn(persons map[event.Anchor]event.Anchor, a event.Anchor) event.Anchor {
	if p, ok := persons[a]; ok {
		return p
	}
	return a
}

func requirePersons(t require.TestingT, h *History, version int64, want, now map[event.Anchor]event.Anchor) {
	v, err := h.View(version, maps.All(now))
	require.NoError(t, err)
	require.Equal(t, version, v.Version())
	for a := event.Anchor(1); a <= 8; a++ {
		require.Equal(t, uint64(personIn(want, a)), v.PersonOf(a))
	}
}

// The oldest versions are removed if there are too many versions or changes.
func TestHistoryIsBounded(t *testing.T) {
	h := New()
	for seq := range int64(MaxVersions + 2) {
		h.Reach(seq + 1)
		h.Move(1, event.Anchor(seq+2), event.Anchor(seq+3))
		require.True(t, h.Commit())
	}
	_, err := h.VersionAt(1)
	require.ErrorIs(t, err, ErrGone)
	version, err := h.VersionAt(2)
	require.NoError(t, err)
	require.EqualValues(t, 3, version)

	h = New()
	for range 3 {
		for range MaxMoves/2 + 1 {
			h.Move(1, 2, 3)
		}
		require.True(t, h.Commit())
	}
	full := New()
	for range 2 {
		for range MaxMoves / 2 {
			full.Move(1, 2, 3)
		}
		require.True(t, full.Commit())
	}
	nobody := func(func(event.Anchor, event.Anchor) bool) {}
	_, err = h.View(2, nobody)
	require.ErrorIs(t, err, ErrGone)
	_, err = h.View(3, nobody)
	require.NoError(t, err)
	_, err = full.View(1, nobody)
	require.NoError(t, err, "as many as there is room for")
}

// After more changes than are kept, the view is right, though it cannot be derived from the one before.
func TestViewAfterManyMoves(t *testing.T) {
	h := New()
	now := map[event.Anchor]event.Anchor{1: 2}
	requirePersons(t, h, 1, now, now)
	for range MaxMoves + 1 {
		h.Move(3, 3, 5)
	}
	now[3] = 4
	h.Move(3, 5, 4)
	require.True(t, h.Commit())
	requirePersons(t, h, 2, now, now)
	now[1] = 6
	h.Move(1, 2, 6)
	require.True(t, h.Commit())
	requirePersons(t, h, 3, now, now)
	_, err := h.View(1, maps.All(now))
	require.ErrorIs(t, err, ErrGone)
}

// A restored table has no versions before its snapshot.
func TestResume(t *testing.T) {
	h := Resume(7, 4)
	require.EqualValues(t, 7, h.Seq())
	require.EqualValues(t, 4, h.Version())
	_, err := h.VersionAt(6)
	require.ErrorIs(t, err, ErrGone)
	_, err = h.Changed(3, 4)
	require.ErrorIs(t, err, ErrGone)
	v, err := h.View(0, maps.All(map[event.Anchor]event.Anchor{5: 2, 6: 6}))
	require.NoError(t, err)
	require.Equal(t, identity.NewView(4, []event.Anchor{5}, []event.Anchor{2}), v, "who is a person by their own anchor is left out")
}
