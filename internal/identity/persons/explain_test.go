// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// stated returns the edges of an event with the given identities.
func stated(at int64, flags event.Flags, ids ...event.Identity) []identity.Edge {
	return identity.EdgesOf(&event.Event{ID: fmt.Sprint(at), Source: "s", Time: at, Flags: flags, Identities: ids})
}

// Explain lists the known identities, the strongest first, and the links between them in order of time, with the sources that stated them.
func TestExplain(t *testing.T) {
	ann, mail, phone, other := id("customerId", "ann"), id("email", "a@b.c"), id("deviceId", "phone"), id("deviceId", "other")
	shop, web := identity.Source{Name: "shop"}, identity.Source{Name: "web", Public: true}
	table := New(identity.NewPolicy(nil))
	table.Add(1, shop, stated(9, 0, ann, phone))
	table.Add(2, web, stated(5, 0, ann, phone))
	table.Add(3, identity.Source{}, stated(7, 0, ann, mail))
	table.Add(4, web, stated(8, 0, mail, other))
	table.Add(5, web, stated(2, event.FlagOwn, mail, phone))
	require.EqualValues(t, 4+4+1, table.Entries(), "identities, links, and one link that two sources state")

	nodes, ties := table.Explain(map[event.Anchor]bool{phone.Anchor(): true, ann.Anchor(): true, mail.Anchor(): true, id("email", "nobody").Anchor(): true})
	require.Equal(t, []identity.Node{{Anchor: ann.Anchor(), Type: "customerId"}, {Anchor: mail.Anchor(), Type: "email"}, {Anchor: phone.Anchor(), Type: "deviceId"}}, nodes)
	require.Equal(t, []identity.Tie{
		{A: mail.Anchor(), B: phone.Anchor(), Sources: []string{"ingestion"}, Time: 2},
		{A: ann.Anchor(), B: mail.Anchor(), Sources: []string{"unknown"}, Time: 7},
		{A: ann.Anchor(), B: phone.Anchor(), Sources: []string{"shop", "web"}, Time: 9},
	}, ties, "the time is that of those who are trusted")
	table.Add(6, shop, stated(10, 0, ann, phone))
	_, again := table.Explain(map[event.Anchor]bool{phone.Anchor(): true, ann.Anchor(): true})
	require.Equal(t, ties[2:], again, "a source that says it again is there once")
	_, ties = table.Explain(map[event.Anchor]bool{mail.Anchor(): true, other.Anchor(): true})
	require.Equal(t, []identity.Tie{{A: mail.Anchor(), B: other.Anchor(), Sources: []string{"web"}, Time: 8, Public: true}}, ties)
}

// A device with too many customers stays a hub when everything is computed again, whatever public sources claim.
func TestHubOfTrustedLinks(t *testing.T) {
	table, device := New(identity.NewPolicy(nil)), id("deviceId", "till")
	for i := range int64(4) {
		table.Add(i+1, identity.Source{Name: "shop"}, stated(i, 0, id("customerId", fmt.Sprint(i)), device))
	}
	for i := range int64(4) {
		table.Add(i+5, identity.Source{Name: "web", Public: true}, stated(i+5, 0, id("loyaltyId", fmt.Sprint(i)), device))
	}
	stats := table.Stats()
	require.EqualValues(t, 1, stats.Hubs)
	require.EqualValues(t, 8, stats.Persons)
	require.False(t, table.SetPolicy(identity.NewPolicy(map[string]int32{"email": 9})), "which is about others")
	require.Equal(t, stats, table.Stats())
}

// Erased hubs are no longer counted, whichever way they were erased.
func TestErasedHubs(t *testing.T) {
	for name, erase := range map[string]func(*Table, event.Anchor) bool{"alone": (*Table).RemoveOne, "with the person": (*Table).Remove} {
		t.Run(name, func(t *testing.T) {
			table, till := New(identity.NewPolicy(nil)), id("deviceId", "till")
			for i := range int64(4) {
				table.Add(i+1, identity.Source{Name: "shop"}, stated(i, 0, id("customerId", fmt.Sprint(i)), till))
			}
			require.EqualValues(t, 1, table.Stats().Hubs)
			require.True(t, erase(table, till.Anchor()))
			require.Equal(t, identity.Stats{Persons: 4, Identifiers: 4}, table.Stats())
		})
	}
}

// A source that sent an alias of two customers can link them in other ways, too.
func TestLinksAfterAnAlias(t *testing.T) {
	ann, ben := id("customerId", "ann"), id("customerId", "ben")
	shop, web := identity.Source{Name: "shop"}, identity.Source{Name: "web", Public: true}
	alias := stated(1, 0, ann, ben)
	alias[0].Explicit = true
	table := New(identity.NewPolicy(nil))
	table.Add(1, shop, alias)
	table.Add(2, web, stated(2, 0, ann, ben))
	table.Add(3, shop, stated(3, 0, ann, ben))
	table.SetPolicy(identity.NewPolicy(map[string]int32{"email": 9}))
	v, err := table.View(0)
	require.NoError(t, err)
	require.Equal(t, v.PersonOf(ann.Anchor()), v.PersonOf(ben.Anchor()))
}
