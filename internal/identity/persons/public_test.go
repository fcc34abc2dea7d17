// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Links of public sources never change links of trusted sources, and never merge two persons with names.
func TestPublicLinksMergeNoPersons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := drawPolicy(t)
		alone, both := New(policy), New(policy)
		types := map[event.Anchor]string{}
		for i, e := range drawEdges(t, rapid.IntRange(1, 60).Draw(t, "events")) {
			types[e.Strong.Anchor], types[e.Weak.Anchor] = e.Strong.Type, e.Weak.Type
			from := drawSource(t)
			both.Add(int64(i+1), from, []identity.Edge{e})
			if from.Public {
				// known as the identity of its event
				alone.Add(int64(2*i+1), identity.Source{}, []identity.Edge{{Strong: e.Strong, Weak: e.Strong}})
				alone.Add(int64(2*i+2), identity.Source{}, []identity.Edge{{Strong: e.Weak, Weak: e.Weak}})
				continue
			}
			alone.Add(int64(2*i+2), from, []identity.Edge{e})
		}
		before, _ := alone.View(0)
		after, _ := both.View(0)
		for a := range types {
			for b := range types {
				if before.PersonOf(a) == before.PersonOf(b) {
					require.Equal(t, after.PersonOf(a), after.PersonOf(b), "trusted links stay")
				} else if identity.Names(types[event.Anchor(before.PersonOf(a))]) && identity.Names(types[event.Anchor(before.PersonOf(b))]) {
					require.NotEqual(t, after.PersonOf(a), after.PersonOf(b), "persons with names stay apart")
				}
			}
		}
		require.Equal(t, alone.Stats().RefusedMerges, both.Stats().RefusedMerges)
	})
}

// The last of very many browsers of one device costs the same as the first.
func TestManyBrowsersOfOneDevice(t *testing.T) {
	const browsers = 60_000
	took := func(n int) time.Duration {
		table := New(identity.NewPolicy(nil))
		web := identity.Source{Name: "web", Public: true}
		began := time.Now()
		for i := range n {
			e := event.Event{Source: "web", ID: string(rune(i)), Time: int64(n - i), Identities: []event.Identity{
				id("deviceId", "d"), id("anonymousId", string(rune(0x10000+i))),
			}}
			table.Add(int64(i+1), web, identity.EdgesOf(&e))
		}
		require.EqualValues(t, 1, table.Stats().Persons)
		return time.Since(began)
	}
	few := took(browsers / 10)
	require.Less(t, took(browsers), 60*few+time.Second)
}
