// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) testErase() {
	first := []event.Event{
		happened("1", 0, anon("x")), happened("2", 1, customer("a"), anon("x")), happened("3", 2, customer("b"), anon("y")),
		happened("4", 3, anon("y")),
	}
	s.append(first...)
	before := s.state().Health
	erased, err := s.store.Erase(s.Context(), anon("x"))
	require.NoError(s, err)
	require.EqualValues(s, 2, erased.Events)
	require.EqualValues(s, 2, erased.Identities)
	require.Greater(s, erased.IdentityVersion, before.IdentityVersion)
	check := func() {
		s.wantPersons([]string{"3", "4"})
		health := s.state().Health
		require.EqualValues(s, 2, health.Events)
		require.EqualValues(s, 1, health.Persons)
		require.GreaterOrEqual(s, health.Seq, before.Seq)
	}
	check()
	s.reopened()
	check()
	a := s.append(first...)
	require.EqualValues(s, 4, a.Duplicates+a.Erased, "redelivery brings nobody back")
	check()
	require.EqualValues(s, 2, s.append(happened("5", 9, customer("a")), happened("6", 9, anon("x"))).Erased)
	check()
	s.reopened()
	require.EqualValues(s, 1, s.append(happened("7", 9, customer("a"), anon("new"))).Erased)
	check()
	require.GreaterOrEqual(s, s.source("shop").Erased, int64(3))
	again, err := s.store.Erase(s.Context(), customer("a"))
	require.NoError(s, err)
	require.Zero(s, again.Events)
}

// testEraseShared: persons who share a device with an erased person do not change, and neither does a till that is a hub.
func (s *suite) testEraseShared() {
	s.append(happened("1", 0, customer("a"), device("tablet")), happened("2", 1, customer("b"), device("tablet")))
	for i, c := range []string{"a", "b", "c", "d"} {
		s.append(happened("till-"+c, 10+i, customer(c), device("till")))
	}
	s.append(happened("t", 20, device("till")))
	_, err := s.store.Erase(s.Context(), customer("a"))
	require.NoError(s, err)
	check := func() {
		s.wantPersons([]string{"2", "till-b"}, []string{"t"}, []string{"till-c"}, []string{"till-d"})
		require.EqualValues(s, 1, s.state().Health.Hubs, "a hub with a link less is still one")
	}
	check()
	s.reopened()
	check()
	a := s.append(happened("3", 30, customer("b"), device("tablet")), happened("4", 31, device("tablet")))
	require.EqualValues(s, 1, a.Erased, "an event of another one with an erased identity is their own event")
	s.wantPersons([]string{"2", "till-b", "3"}, []string{"t"}, []string{"till-c"}, []string{"till-d"})
}

func (s *suite) testRetain() {
	old := []event.Event{happened("1", -40*86400, customer("a"), anon("x")), happened("2", -10, customer("a"))}
	s.append(append(old, happened("3", 0, anon("x")), happened("4", 10, customer("b")))...)
	kept, err := s.store.Retain(s.Context(), time.UnixMicro(start))
	require.NoError(s, err)
	require.EqualValues(s, 2, kept.Events)
	check := func() {
		s.wantPersons([]string{"3"}, []string{"4"})
		require.EqualValues(s, 2, s.state().Health.Events)
	}
	check()
	s.reopened()
	check()
	a := s.append(append(old, happened("5", -1, customer("a")), happened("6", 0, customer("a")))...)
	require.EqualValues(s, 3, a.Duplicates+a.Expired)
	require.Positive(s, a.Expired)
	require.Equal(s, a.Expired, s.source("shop").Expired)
	s.wantPersons([]string{"3", "6"}, []string{"4"})
	kept, err = s.store.Retain(s.Context(), time.UnixMicro(start-second))
	require.NoError(s, err)
	require.Zero(s, kept.Events, "an earlier instant removes nothing more")
	require.EqualValues(s, 1, s.append(happened("7", -1, customer("a"))).Expired, "nor does it let old events in again")
	require.Len(s, s.scan(store.ScanRequest{}), 3)
}

// testErasePlan: an erasure shows whom it removes, removes exactly them, and leaves a receipt without personal data.
func (s *suite) testErasePlan() {
	s.append(happened("1", 0, customer("a"), anon("x")), happened("2", 1, customer("b")), happened("3", 2, anon("x")))
	s.claim(&store.Trust{Public: true}, happened("4", 3, customer("a"), device("d")), happened("5", 4, device("d")))
	ask := func(ids ...event.Identity) store.ErasureRequest { return store.ErasureRequest{Identities: ids} }
	plan, err := s.store.PlanErasure(s.Context(), ask(anon("x"), customer("nobody")))
	require.NoError(s, err)
	require.Equal(s, []store.PlannedIdentity{
		{Identity: customer("a")}, {Identity: device("d"), PublicOnly: true}, {Identity: anon("x"), Asked: true},
	}, plan.Identities)
	require.Len(s, plan.Links, 2)
	require.Equal(s, map[string]int64{"shop": 2, "page": 2}, plan.BySource)
	require.EqualValues(s, 4, plan.Events)
	for _, l := range plan.Links {
		require.Equal(s, l.Public, l.Sources[0] == "page")
	}
	s.wantGroups([]string{"1", "3", "4", "5"}, []string{"2"})

	// A person is merged after the plan was shown, so the confirmed plan is outdated.
	s.append(happened("6", 5, customer("a"), anon("y")))
	r := ask(anon("x"), customer("nobody"))
	r.Digest = plan.Digest
	_, refusal := s.store.EraseAsPlanned(s.Context(), r)
	require.ErrorIs(s, refusal, store.ErrInvalid)
	s.wantGroups([]string{"1", "3", "4", "5", "6"}, []string{"2"})
	plan, err = s.store.PlanErasure(s.Context(), r)
	require.NoError(s, err)
	require.NotContains(s, refusal.Error(), plan.Digest, "who wants to confirm has to look")
	r.Digest = plan.Digest
	receipt, err := s.store.EraseAsPlanned(s.Context(), r)
	require.NoError(s, err)
	require.EqualValues(s, 5, receipt.Events)
	require.EqualValues(s, 4, receipt.Identities)
	check := func() {
		s.wantGroups([]string{"2"})
		again, err := s.store.EraseAsPlanned(s.Context(), r)
		require.NoError(s, err, "whoever did not see the answer asks again")
		require.Equal(s, receipt, again)
		other := ask(customer("b"))
		other.Digest = r.Digest
		_, err = s.store.EraseAsPlanned(s.Context(), other)
		require.ErrorIs(s, err, store.ErrInvalid, "a digest alone erases nobody else")
		list, err := s.store.Receipts(s.Context())
		require.NoError(s, err)
		require.Equal(s, []store.Receipt{receipt}, list)
		require.NotContains(s, list[0].Asked, "x")
	}
	check()
	s.reopened()
	check()

	for _, nobody := range []store.ErasureRequest{ask(customer("a")), ask(customer("never"))} {
		plan, err := s.store.PlanErasure(s.Context(), nobody)
		require.NoError(s, err)
		require.Empty(s, plan.Identities)
		nobody.Digest = plan.Digest
		_, err = s.store.EraseAsPlanned(s.Context(), nobody)
		require.ErrorIs(s, err, store.ErrInvalid)
	}
	require.EqualValues(s, 1, s.append(happened("8", 6, customer("nobody"))).Erased, "the form under another pepper is refused from now on, too")
	require.EqualValues(s, 0, s.append(happened("7", 6, customer("never"))).Erased, "asking for somebody unknown refuses nobody")
}
