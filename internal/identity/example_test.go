// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// TestSharedTablet is the example of docs/identity.md.
func TestSharedTablet(t *testing.T) {
	ann, bob, cid, dan := id("customerId", "Ann"), id("customerId", "Bob"), id("customerId", "Cid"), id("customerId", "Dan")
	x, tablet := id("anonymousId", "x"), id("deviceId", "tablet")
	table, seq := New(NewPolicy(nil)), int64(0)
	at := func(clock int64, ids ...event.Identity) {
		seq++
		e := event.Event{ID: fmt.Sprint(seq), Source: "shop", Time: clock, Identities: ids}
		table.Add(seq, Source{}, EdgesOf(&e))
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
	require.Equal(t, Stats{Persons: 2, RefusedMerges: 1, Identifiers: 4, Links: 3}, table.Stats())
	at(900, cid, tablet)
	require.Equal(t, ownerOf(cid), ownerOf(tablet))
	require.EqualValues(t, 2, table.Stats().RefusedMerges)
	at(1, dan, tablet)
	require.Equal(t, uint64(tablet.Anchor()), ownerOf(tablet))
	require.Equal(t, Stats{Persons: 4, Hubs: 1, Identifiers: 6, Links: 5}, table.Stats())
	require.True(t, table.SetPolicy(NewPolicy(map[string]int32{"deviceId": 4})))
	require.Equal(t, ownerOf(dan), ownerOf(tablet), "Dan had it first by time")
}

func TestSnapshotsThatWereSpoiledAreRefused(t *testing.T) {
	table := New(NewPolicy(nil))
	for i := range 20 {
		e := event.Event{ID: fmt.Sprint(i), Identities: []event.Identity{id("customerId", fmt.Sprint(i)), id("email", fmt.Sprint(i/2))}}
		table.Add(int64(i+1), Source{}, EdgesOf(&e))
	}
	var b bytes.Buffer
	require.NoError(t, table.Snapshot(&b))
	whole := b.Bytes()
	for i := range whole {
		spoiled := bytes.Clone(whole)
		spoiled[i] ^= 0x10
		_, err := Restore(bytes.NewReader(spoiled))
		require.ErrorIs(t, err, ErrCorrupt)
		_, err = Restore(bytes.NewReader(whole[:i]))
		require.ErrorIs(t, err, ErrCorrupt)
	}
}

func TestOldVersionsGoInTheEnd(t *testing.T) {
	table := New(NewPolicy(nil))
	const links = maxVersions + 10
	for i := range links {
		e := event.Event{ID: fmt.Sprint(i), Identities: []event.Identity{id("customerId", "a"), id("anonymousId", fmt.Sprint(i))}}
		table.Add(int64(i+1), Source{}, EdgesOf(&e))
	}
	_, err := table.View(2)
	require.ErrorIs(t, err, ErrGone)
	_, err = table.VersionAt(2)
	require.ErrorIs(t, err, ErrGone)
	v, err := table.VersionAt(links - maxVersions)
	require.NoError(t, err)
	view, err := table.View(v)
	require.NoError(t, err)
	anchors, _ := view.Mapping()
	require.Len(t, anchors, links-maxVersions)
}

// BenchmarkAdd takes commits of 200 events with a customer and two other identifiers each, in the order of time but for one in a hundred.
func BenchmarkAdd(b *testing.B) {
	table := New(NewPolicy(nil))
	r := rand.New(rand.NewPCG(1, 2))
	var edges []Edge
	for i := range b.N {
		person := r.IntN(b.N/5 + 10)
		e := event.Event{ID: fmt.Sprint(i), Time: int64(i), Identities: []event.Identity{
			id("customerId", fmt.Sprint(person)), id("deviceId", fmt.Sprint(person+r.IntN(12)/11)), id("anonymousId", fmt.Sprint(i/3)),
		}}
		if i%100 == 0 {
			e.Time -= 1_000_000
		}
		edges = append(edges, EdgesOf(&e)...)
	}
	b.ResetTimer()
	for i := 0; i < len(edges); i += 400 {
		table.Add(int64(i+1), Source{}, edges[i:min(i+400, len(edges))])
	}
	b.ReportMetric(float64(table.Stats().Identifiers), "identifiers")
	b.ReportMetric(float64(table.Stats().RefusedMerges), "refused")
}
