// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// testErasePlan: an erasure shows whom it takes, takes exactly them, and leaves a receipt that names nobody.
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

	// Somebody is joined after the plan was shown: what was confirmed is not what would go.
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
