// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
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

// testCrowd: a store whose memory is full refuses new identities, those of public sources first. It continues with known ones, and can be read.
func (s *suite) testCrowd() {
	if s.opts.Limited == nil {
		s.Skip("the store has no limit of identities")
	}
	require.NoError(s, s.store.Close())
	s.store = s.opts.Limited(s.T, 10) // 7 for public sources
	public := &store.Trust{Public: true}
	page := func(events ...event.Event) ([]int32, error) { return s.tryAppend("page", public, events...) }
	shop := func(events ...event.Event) ([]int32, error) { return s.tryAppend("shop", nil, events...) }
	taken := func(refused []int32, err error) {
		s.Helper()
		require.NoError(s, err)
		require.Empty(s, refused)
	}
	taken(shop(happened("a", 0, customer("a"), device("a")), happened("b", 1, customer("b"), device("b"))))
	taken(page(happened("x", 2, anon("x"))))
	health := s.state().Health
	require.Equal(s, [3]int64{5, 2, 10}, [3]int64{health.Identities, health.IdentityLinks, health.IdentityLimit})

	s.Log("public sources bring nobody else, neither alone nor to somebody whom the store knows, and nothing of their batch is stored")
	before := s.state()
	refused, err := page(happened("y", 3, anon("y")), happened("x2", 4, anon("x")), happened("link", 5, customer("a"), device("b")),
		happened("a2", 6, customer("a"), device("a")), happened("z", 7, customer("a"), anon("z")), happened("x", 8, anon("new")))
	require.ErrorIs(s, err, store.ErrCrowded)
	require.NotErrorIs(s, err, store.ErrInvalid, "senders come again")
	require.Equal(s, []int32{0, 2, 4}, refused, "the last one is a redelivery of an event that is there")
	require.Equal(s, before.Health.Snapshot, s.state().Health.Snapshot)
	require.EqualValues(s, 3, s.source("page").RefusedNewcomers)
	after := s.state()
	for i := range after.Sources {
		after.Sources[i].RefusedNewcomers = 0
	}
	require.Equal(s, before.Sources, after.Sources)
	taken(page(happened("x2", 4, anon("x")), happened("a2", 6, customer("a"))))

	s.Log("trusted ones bring what there is room for, in one batch, too")
	refused, err = shop(happened("c", 10, customer("c")), happened("d", 11, customer("d"), device("d")), happened("e", 12, customer("c"), device("a")),
		happened("f", 13, customer("f")))
	require.ErrorIs(s, err, store.ErrCrowded)
	require.Equal(s, []int32{1}, refused)
	taken(shop(happened("c", 10, customer("c")), happened("e", 12, customer("c"), device("a")), happened("f", 13, customer("f"))))
	refused, err = shop(happened("g", 14, customer("g")))
	require.ErrorIs(s, err, store.ErrCrowded)
	require.Equal(s, []int32{0}, refused)

	full := func() {
		s.Helper()
		health := s.state().Health
		require.EqualValues(s, 10, health.Identities+health.IdentityLinks)
		_, err = shop(happened("h", 14, customer("h")))
		require.ErrorIs(s, err, store.ErrCrowded)
		_, err = page(happened("y", 3, anon("y")))
		require.ErrorIs(s, err, store.ErrCrowded)
	}
	full()
	taken(shop(happened("f2", 15, customer("f")), happened("a3", 16, customer("a"), device("a"))))
	s.wantGroups([]string{"a", "a2", "a3"}, []string{"b"}, []string{"x", "x2"}, []string{"c", "e"}, []string{"f", "f2"})
	require.EqualValues(s, 9, s.source("shop").NewIdentities)
	require.EqualValues(s, 1, s.source("page").NewIdentities)

	s.Log("who is erased makes room")
	_, err = s.store.Erase(s.Context(), customer("f"))
	require.NoError(s, err)
	taken(shop(happened("g", 14, customer("g"))))
	full()
	taken(s.tryAppend("poll", nil, event.Event{ID: "u", Source: "poll", Name: "Seen", Time: start, ReceivedAt: start, Properties: []byte(`{"id":"u"}`), Flags: event.FlagUnidentified}))
	if s.opts.Reopen != nil {
		s.reopened()
		s.wantGroups([]string{"a", "a2", "a3"}, []string{"b"}, []string{"x", "x2"}, []string{"c", "e"}, []string{"g"}, []string{"u"})
	}
}

// testCrowdShares: a public source that has used its share affects only new identities of this source. Trusted sources have their own memory.
func (s *suite) testCrowdShares() {
	if s.opts.Limited == nil {
		s.Skip("the store has no limit of identities")
	}
	const limit, pages = 1000, 4
	require.NoError(s, s.store.Close())
	s.store = s.opts.Limited(s.T, limit)
	public := &store.Trust{Public: true}
	known := func() int64 { h := s.state().Health; return h.Identities + h.IdentityLinks }
	// visit sends one event of each of several new visitors, and returns how many were accepted.
	visit := func(source string, trust *store.Trust, from, n int) int {
		var events []event.Event
		for i := range n {
			name := fmt.Sprintf("%s-%d", source, from+i)
			events = append(events, happened(name, i, anon(name)))
		}
		refused, err := s.tryAppend(source, trust, events...)
		if err == nil {
			return n
		}
		require.ErrorIs(s, err, store.ErrCrowded)
		for i := len(refused) - 1; i >= 0; i-- {
			events = slices.Delete(events, int(refused[i]), int(refused[i])+1)
		}
		refused, err = s.tryAppend(source, trust, events...)
		require.NoError(s, err)
		require.Empty(s, refused)
		return len(events)
	}
	for i := range pages {
		require.Equal(s, 1, visit(fmt.Sprint("page", i), public, 0, 1))
	}
	require.Equal(s, 100, visit("shop", nil, 0, 100))

	s.Log("the flood of one page ends at its share: a quarter of what trusted sources left of 70 %")
	share := s.source("page0").IdentityShare
	require.EqualValues(s, (limit*70/100-100)/pages, share)
	require.EqualValues(s, share-1, visit("page0", public, 1, 5*limit))
	require.Zero(s, visit("page0", public, 10*limit, 3))
	page := s.source("page0")
	require.Equal(s, [2]int64{share, 5*limit - (share - 1) + 3}, [2]int64{page.NewIdentities, page.RefusedNewcomers})

	s.Log("every other one has the whole of its own")
	for i := 1; i < pages; i++ {
		name := fmt.Sprint("page", i)
		require.EqualValues(s, share-1, visit(name, public, 1, int(share)-1), name)
		require.Zero(s, s.source(name).RefusedNewcomers, name)
	}
	require.EqualValues(s, limit*70/100, known())

	s.Log("one that comes when everything is shared out has room, too, up to 80 %; trusted ones have the rest")
	require.EqualValues(s, limit*10/100, visit("late", public, 0, limit))
	require.EqualValues(s, limit*20/100, visit("shop", nil, 100, limit))
	require.EqualValues(s, limit, known())
	require.Zero(s, visit("late", public, limit, 1))
	require.Positive(s, s.source("shop").RefusedNewcomers)
	require.Zero(s, s.source("shop").IdentityShare)
}

// tryAppend appends, and returns the events that were refused because of their identities.
func (s *suite) tryAppend(source string, trust *store.Trust, events ...event.Event) ([]int32, error) {
	for i := range events {
		events[i].Source = source
	}
	_, err := s.store.Append(s.Context(), store.Batch{Source: source, Events: events, Trust: trust, Counters: store.Counters{Accepted: int64(len(events))}})
	var crowded *store.CrowdedError
	if errors.As(err, &crowded) {
		return crowded.Refused, err
	}
	return nil, err
}
