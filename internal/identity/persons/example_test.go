// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/history"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
)

// TestSharedTablet is the example in docs/identity.md.
func TestSharedTablet(t *testing.T) {
	ann, bob, cid, dan := id("customerId", "Ann"), id("customerId", "Bob"), id("customerId", "Cid"), id("customerId", "Dan")
	x, tablet := id("anonymousId", "x"), id("deviceId", "tablet")
	table, seq := New(identity.NewPolicy(nil)), int64(0)
	at := func(clock int64, ids ...event.Identity) {
		seq++
		e := event.Event{ID: fmt.Sprint(seq), Source: "shop", Time: clock, Identities: ids}
		table.Add(seq, identity.Source{}, identity.EdgesOf(&e))
	}
	ownerOf := func(i event.Identity) uint64 {
		v, err := table.View(0)
		require.NoError(t, err)
		return v.PersonOf(i.Anchor())
	}
	at(1000, x)
	at(1005, ann, x, tablet)
	at(1100, tablet)
	at(1200, bob, tablet)
	require.Equal(t, ownerOf(ann), ownerOf(x))
	require.Equal(t, ownerOf(ann), ownerOf(tablet))
	require.Equal(t, identity.Stats{Persons: 2, RefusedMerges: 1, Identifiers: 4, Links: 3}, table.Stats())
	at(900, cid, tablet)
	require.Equal(t, ownerOf(cid), ownerOf(tablet))
	require.EqualValues(t, 2, table.Stats().RefusedMerges)
	at(1, dan, tablet)
	require.Equal(t, uint64(tablet.Anchor()), ownerOf(tablet))
	require.Equal(t, identity.Stats{Persons: 4, Hubs: 1, Identifiers: 6, Links: 5}, table.Stats())
	require.True(t, table.SetPolicy(identity.NewPolicy(map[string]int32{"deviceId": 4})))
	require.Equal(t, ownerOf(dan), ownerOf(tablet), "Dan had it first by time")
}

func TestDamagedSnapshotsAreRefused(t *testing.T) {
	table := New(identity.NewPolicy(nil))
	for i := range 20 {
		e := event.Event{ID: fmt.Sprint(i), Identities: []event.Identity{id("customerId", fmt.Sprint(i)), id("email", fmt.Sprint(i/2))}}
		table.Add(int64(i+1), identity.Source{}, identity.EdgesOf(&e))
	}
	var b bytes.Buffer
	require.NoError(t, table.Snapshot(&b))
	whole := b.Bytes()
	for i := range whole {
		spoiled := bytes.Clone(whole)
		spoiled[i] ^= 0x10
		_, err := Restore(bytes.NewReader(spoiled))
		require.ErrorIs(t, err, snapshot.ErrCorrupt)
		_, err = Restore(bytes.NewReader(whole[:i]))
		require.ErrorIs(t, err, snapshot.ErrCorrupt)
	}
}

func TestOldVersionsAreRemoved(t *testing.T) {
	table := New(identity.NewPolicy(nil))
	const links = history.MaxVersions + 10
	for i := range links {
		e := event.Event{ID: fmt.Sprint(i), Identities: []event.Identity{id("customerId", "a"), id("anonymousId", fmt.Sprint(i))}}
		table.Add(int64(i+1), identity.Source{}, identity.EdgesOf(&e))
	}
	_, err := table.View(2)
	require.ErrorIs(t, err, history.ErrGone)
	_, err = table.VersionAt(2)
	require.ErrorIs(t, err, history.ErrGone)
	v, err := table.VersionAt(links - history.MaxVersions)
	require.NoError(t, err)
	view, err := table.View(v)
	require.NoError(t, err)
	anchors, _ := view.Mapping()
	require.Len(t, anchors, links-history.MaxVersions)
}

// BenchmarkAdd adds commits of 200 events with a customer and two other identifiers each. 99 % of the events are in order of time.
func BenchmarkAdd(b *testing.B) {
	table := New(identity.NewPolicy(nil))
	r := rand.New(rand.NewPCG(1, 2))
	var edges []identity.Edge
	for i := range b.N {
		person := r.IntN(b.N/5 + 10)
		e := event.Event{ID: fmt.Sprint(i), Time: int64(i), Identities: []event.Identity{
			id("customerId", fmt.Sprint(person)), id("deviceId", fmt.Sprint(person+r.IntN(12)/11)), id("anonymousId", fmt.Sprint(i/3)),
		}}
		if i%100 == 0 {
			e.Time -= 1_000_000
		}
		edges = append(edges, identity.EdgesOf(&e)...)
	}
	b.ResetTimer()
	for i := 0; i < len(edges); i += 400 {
		table.Add(int64(i+1), identity.Source{}, edges[i:min(i+400, len(edges))])
	}
	b.ReportMetric(float64(table.Stats().Identifiers), "identifiers")
	b.ReportMetric(float64(table.Stats().RefusedMerges), "refused")
}
