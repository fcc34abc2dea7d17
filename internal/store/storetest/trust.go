// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func email(v string) event.Identity { return event.Identity{Type: "email", Value: v} }

// claim appends events of a public source.
func (s *suite) claim(trust *store.Trust, events ...event.Event) {
	s.Helper()
	for i := range events {
		events[i].Source = "page"
	}
	_, err := s.store.Append(s.Context(), store.Batch{Source: "page", Events: events, Trust: trust})
	require.NoError(s, err)
}

// wantGroups compares the groups of events of each person, in any order.
func (s *suite) wantGroups(want ...[]string) {
	s.Helper()
	require.Equal(s, sorted(want), sorted(persons(s.scan(store.ScanRequest{}))))
}

func sorted(groups [][]string) [][]string {
	var out [][]string
	for _, g := range groups {
		out = append(out, slices.Sorted(slices.Values(g)))
	}
	slices.SortFunc(out, slices.Compare[[]string])
	return out
}

// testPublic: a public source can link a browser to a customer, but cannot merge two customers, and cannot change trusted links.
func (s *suite) testPublic() {
	public := &store.Trust{Public: true}
	s.append(
		happened("order-v", 100, customer("victim"), email("v")), happened("order-m", 101, customer("mallory"), email("m")),
		happened("seen-v", 102, customer("victim"), device("phone")),
	)
	alias := happened("alias", 50, customer("mallory"), customer("victim"))
	alias.Kind = event.Alias
	s.claim(public,
		alias, happened("both", 1, customer("mallory"), email("v")), happened("third", 2, customer("mallory"), email("new")),
		happened("steal", 3, customer("mallory"), device("phone")), happened("phone", 200, device("phone")),
		happened("login", 60, customer("victim"), anon("laptop")), happened("laptop", 10, anon("laptop")),
		happened("late", 70, customer("mallory"), anon("laptop")), happened("open", 80, email("new")),
	)
	// More public links do not make a hub of an identity with trusted links.
	for _, c := range []string{"1", "2", "3", "4", "5"} {
		s.claim(public, happened("flood-"+c, 4, customer(c), device("phone")))
	}
	flood := [][]string{{"flood-1"}, {"flood-2"}, {"flood-3"}, {"flood-4"}, {"flood-5"}}
	check := func() {
		s.Helper()
		s.wantGroups(append(flood,
			[]string{"order-v", "seen-v", "phone", "login", "laptop"}, []string{"order-m", "alias", "both", "third", "steal", "late"}, []string{"open"},
		)...)
		health := s.state().Health
		require.Zero(s, health.RefusedMerges, "public links are counted apart")
		require.Positive(s, health.RefusedPublic)
		require.True(s, s.source("page").Public)
	}
	check()
	s.reopened()
	check()
	_, err := s.store.Erase(s.Context(), customer("mallory"))
	require.NoError(s, err)
	require.Zero(s, s.append(happened("next-v", 300, customer("victim"), email("v"))).Erased, "the victim's next order is kept")
	s.wantGroups(append(flood, []string{"order-v", "seen-v", "phone", "login", "laptop", "next-v"}, []string{"open"})...)
}

// testOwnLinks: links that ingestion itself creates, such as the two hashes of one customer, are trusted.
func (s *suite) testOwnLinks() {
	alias := happened("alias", 0, customer("old-hash"), customer("new-hash"))
	alias.Kind, alias.Flags = event.Alias, event.FlagOwn
	s.claim(&store.Trust{Public: true}, happened("1", 1, customer("old-hash")), happened("2", 2, customer("new-hash")), alias)
	s.wantGroups([]string{"1", "2", "alias"})
	s.reopened()
	s.wantGroups([]string{"1", "2", "alias"})
}

// testTrustChanges: a change of trust applies to all events of the source, and creates a new version of the persons.
func (s *suite) testTrustChanges() {
	at := func(public bool, uid string, generation int64) *store.Trust {
		return &store.Trust{Public: public, UID: uid, Generation: generation}
	}
	s.append(happened("1", 0, customer("a")), happened("2", 1, email("e")))
	s.claim(at(true, "u", 1), happened("3", 2, customer("a"), email("e")))
	apart, together := [][]string{{"1", "3"}, {"2"}}, [][]string{{"1", "2", "3"}}
	s.wantGroups(apart...)
	before := s.state().Health.Snapshot
	s.claim(at(false, "u", 2))
	s.wantGroups(together...)
	after := s.state().Health.Snapshot
	require.Greater(s, after.IdentityVersion, before.IdentityVersion)
	rows, _, err := Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: before.Seq, IdentityVersion: before.IdentityVersion})
	require.NoError(s, err)
	require.Equal(s, sorted(apart), sorted(persons(rows)))
	// A pod with the previous trust, which stops a little later, changes nothing.
	s.claim(at(true, "u", 1), happened("4", 3, customer("a"), anon("x")))
	s.wantGroups([]string{"1", "2", "3", "4"})
	s.reopened()
	s.wantGroups([]string{"1", "2", "3", "4"})
	// Another object of the same name starts with generation 1. A pair that another source also states stays linked.
	s.append(happened("5", 4, customer("a"), anon("x")))
	s.claim(at(true, "w", 1))
	s.wantGroups([]string{"1", "3", "4", "5"}, []string{"2"})
	s.reopened()
	s.wantGroups([]string{"1", "3", "4", "5"}, []string{"2"})
}
