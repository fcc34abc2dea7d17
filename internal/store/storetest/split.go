// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) split(id event.Identity, from ...event.Identity) store.Parted {
	s.Helper()
	r := store.SplitRequest{Identity: id}
	if len(from) > 0 {
		r.From = &from[0]
	}
	parted, err := s.store.Split(s.Context(), r)
	require.NoError(s, err)
	return parted
}

func (s *suite) undo(id event.Identity) store.Parted {
	s.Helper()
	parted, err := s.store.Split(s.Context(), store.SplitRequest{Identity: id, Undo: true})
	require.NoError(s, err)
	return parted
}

// testSplit removes a shared tablet from a customer. It stays without a person when old events are redelivered, until somebody new uses it.
func (s *suite) testSplit() {
	events := []event.Event{
		happened("1", 0, anon("x")), happened("2", 1, customer("a"), anon("x"), device("tablet")), happened("3", 2, device("tablet")),
		happened("4", 3, customer("b"), device("tablet")),
	}
	s.append(events...)
	s.wantPersons([]string{"1", "2", "3"}, []string{"4"})
	before := s.state().Health
	parted := s.split(device("tablet"))
	require.EqualValues(s, 2, parted.Persons)
	require.EqualValues(s, 3, parted.Pairs, "with the customer, with their other identity, and with the other customer")
	require.EqualValues(s, 1, parted.Identities)
	require.EqualValues(s, 1, parted.Events)
	require.Equal(s, before.IdentityVersion, parted.VersionBefore)
	check := func() {
		s.wantPersons([]string{"1", "2"}, []string{"3"}, []string{"4"})
		health := s.state().Health
		require.Equal(s, before.Events, health.Events, "no event is lost")
		require.Equal(s, parted.IdentityVersion, health.IdentityVersion)
		require.EqualValues(s, 3, health.Persons)
		require.EqualValues(s, 2, health.RefusedMerges)
	}
	require.Equal(s, before.IdentityVersion+1, parted.IdentityVersion)
	check()
	s.reopened()
	check()
	again := s.split(device("tablet"))
	require.Zero(s, again.Pairs+again.Identities+again.Events, "a second time there is nothing to do")
	require.EqualValues(s, len(events), s.append(events...).Duplicates)
	check()
	s.append(happened("5", 10, customer("a"), device("tablet")), happened("6", 11, device("tablet"), anon("new")),
		happened("7", 12, customer("a"), anon("new")), happened("8", 13, device("tablet")))
	s.wantPersons([]string{"1", "2", "5", "7"}, []string{"3", "6", "8"}, []string{"4"})
	s.append(happened("9", 14, customer("c"), device("tablet")))
	s.wantPersons([]string{"1", "2", "5", "7"}, []string{"3", "6", "8", "9"}, []string{"4"})
	s.reopened()
	back := s.undo(device("tablet"))
	require.EqualValues(s, 3, back.Pairs)
	s.wantPersons([]string{"1", "2", "3", "5", "6", "7", "8"}, []string{"4"}, []string{"9"})
}

// testSplitFrom separates two loyalty cards that a mailbox linked. What they share belongs to the one who had it first.
func (s *suite) testSplitFrom() {
	card := func(v string) event.Identity { return event.Identity{Type: "loyaltyId", Value: v} }
	mail := event.Identity{Type: "email", Value: "family@mail.example"}
	s.append(
		happened("1", 0, card("1"), mail), happened("2", 1, card("2"), mail), happened("3", 2, mail), happened("4", 3, card("2"), anon("y")), happened("5", 4, anon("y")),
	)
	s.wantPersons([]string{"1", "2", "3", "4", "5"})
	parted := s.split(card("2"), card("1"))
	require.EqualValues(s, 1, parted.Pairs)
	require.EqualValues(s, 2, parted.Persons)
	check := func() { s.wantPersons([]string{"1", "3"}, []string{"2", "4", "5"}) }
	check()
	s.reopened()
	check()
	s.append(happened("6", 10, card("1"), anon("y")), happened("7", 11, card("1"), card("2")))
	s.wantPersons([]string{"1", "3", "6", "7"}, []string{"2", "4", "5"})
	s.append(happened("8", 12, customer("b"), card("2")), happened("9", -5, card("2"), mail))
	s.wantPersons([]string{"1", "6", "7"}, []string{"9", "2", "3", "4", "5", "8"})
	s.append(happened("10", 13, customer("b"), card("1")))
	s.wantPersons([]string{"1", "6", "7"}, []string{"9", "2", "3", "4", "5", "8", "10"})
}

// testSplitShared marks a kiosk as shared, so that it never belongs to a person.
func (s *suite) testSplitShared() {
	s.append(happened("1", 0, customer("a"), device("kiosk")), happened("2", 1, device("kiosk")), happened("3", 2, customer("b"), device("kiosk")))
	s.wantPersons([]string{"1", "2"}, []string{"3"})
	parted, err := s.store.Split(s.Context(), store.SplitRequest{Identity: device("kiosk"), Shared: true})
	require.NoError(s, err)
	require.EqualValues(s, 1, parted.Shared)
	require.EqualValues(s, 1, parted.Events)
	check := func() {
		s.wantPersons([]string{"1"}, []string{"2"}, []string{"3"})
		require.EqualValues(s, 1, s.state().Health.Hubs)
		require.Zero(s, s.state().Health.RefusedMerges)
	}
	check()
	s.reopened()
	check()
	s.append(happened("4", 3, customer("new"), device("kiosk")))
	s.wantPersons([]string{"1"}, []string{"2"}, []string{"3"}, []string{"4"})
	require.EqualValues(s, 1, s.undo(device("kiosk")).Shared)
	s.wantPersons([]string{"1", "2"}, []string{"3"}, []string{"4"})
	s.reopened()
	s.wantPersons([]string{"1", "2"}, []string{"3"}, []string{"4"})
}

// testSplitAlias reverts an alias of two customers.
func (s *suite) testSplitAlias() {
	alias := func(id string, at int) event.Event {
		e := happened(id, at, customer("a"), customer("b"))
		e.Kind = event.Alias
		return e
	}
	s.append(happened("1", 0, customer("a"), device("d")), happened("2", 1, customer("b"), device("e")), alias("3", 2),
		happened("4", 3, device("d")), happened("5", 4, device("e")))
	s.wantPersons([]string{"1", "2", "3", "4", "5"})
	require.EqualValues(s, 2, s.split(customer("b"), customer("a")).Persons)
	check := func() { s.wantPersons([]string{"1", "3", "4"}, []string{"2", "5"}) }
	check()
	require.EqualValues(s, 1, s.state().Health.RefusedMerges)
	s.append(alias("6", 5))
	s.wantPersons([]string{"1", "3", "4", "6"}, []string{"2", "5"})
	s.reopened()
	s.wantPersons([]string{"1", "3", "4", "6"}, []string{"2", "5"})
}

// testSplitVersions: a scan of the version before a split returns the persons before the split.
func (s *suite) testSplitVersions() {
	s.append(happened("1", 0, customer("a"), device("d")), happened("2", 1, device("d")))
	old := s.state().Health.Snapshot
	parted := s.split(device("d"))
	rows := func(r store.ScanRequest) [][]string { return persons(s.scan(r)) }
	require.Equal(s, [][]string{{"1", "2"}}, rows(store.ScanRequest{AsOfSeq: old.Seq, IdentityVersion: old.IdentityVersion}))
	require.Equal(s, [][]string{{"1"}, {"2"}}, rows(store.ScanRequest{AsOfSeq: old.Seq}), "without a version it is the newest of that commit")
	_, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{})
	require.NoError(s, err)
	require.Equal(s, store.Snapshot{Seq: old.Seq, IdentityVersion: parted.IdentityVersion}, snapshot)
	s.append(happened("3", 2, device("d")))
	require.Equal(s, [][]string{{"1", "2", "3"}}, rows(store.ScanRequest{IdentityVersion: old.IdentityVersion}))
	require.Equal(s, [][]string{{"1"}, {"2", "3"}}, rows(store.ScanRequest{}))
}

func (s *suite) testSplitUnknown() {
	s.append(happened("1", 0, customer("a"), device("d")))
	other := device("d")
	for _, r := range []store.SplitRequest{
		{Identity: device("e")}, {Identity: event.Identity{Type: "email"}}, {Identity: customer("a"), From: &event.Identity{Type: "email"}},
		{Identity: customer("b"), From: &other}, {Identity: other, From: &event.Identity{Type: "customerId", Value: "b"}}, {Identity: other, From: &other},
		{Identity: device("e"), Undo: true}, {Identity: other, From: &event.Identity{Type: "customerId", Value: "a"}, Shared: true},
	} {
		_, err := s.store.Split(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, "%+v", r)
	}
	s.wantPersons([]string{"1"})
}

// testEraseIdentity erases a customer without their devices. Their other events then belong to the devices.
func (s *suite) testEraseIdentity() {
	first := []event.Event{
		happened("1", 0, device("d")), happened("2", 1, customer("a"), device("d")), happened("3", 2, device("d")),
		happened("4", 3, device("e")), happened("5", 4, customer("a"), device("e")), happened("6", 5, customer("b"), device("d")),
		happened("7", 6, customer("b"), customer("a")),
	}
	s.append(first...)
	s.wantPersons([]string{"1", "2", "3", "4", "5", "7"}, []string{"6"})
	before := s.state().Health
	erased, err := s.store.EraseIdentity(s.Context(), customer("a"))
	require.NoError(s, err)
	require.EqualValues(s, 3, erased.Events, "those whose strongest identity it is")
	require.EqualValues(s, 1, erased.Identities)
	require.Greater(s, erased.IdentityVersion, before.IdentityVersion)
	check := func() {
		s.wantPersons([]string{"1", "3"}, []string{"4"}, []string{"6"})
		require.EqualValues(s, 3, s.state().Health.Persons)
	}
	check()
	s.reopened()
	check()
	a := s.append(first...)
	require.EqualValues(s, len(first), a.Duplicates+a.Erased, "redelivery brings nothing back")
	check()
	require.EqualValues(s, 1, s.append(happened("8", 9, customer("a"), device("d")), happened("9", 9, device("d"))).Erased)
	s.wantPersons([]string{"1", "3", "9"}, []string{"4"}, []string{"6"})
	s.append(happened("10", 10, customer("b"), device("d")), happened("11", 11, customer("c"), device("e")))
	s.wantPersons([]string{"1", "3", "9"}, []string{"4", "11"}, []string{"6", "10"})
	again, err := s.store.EraseIdentity(s.Context(), customer("a"))
	require.NoError(s, err)
	require.Zero(s, again.Events+again.Identities)
}

// testEraseIdentityOfOthers erases a weak identity. It is removed from events with stronger identities, which stay.
func (s *suite) testEraseIdentityOfOthers() {
	mail := event.Identity{Type: "email", Value: "ann@mail.example"}
	s.append(happened("1", 0, customer("a"), mail), happened("2", 1, mail), happened("3", 2, mail, anon("x")), happened("4", 3, anon("x")))
	s.wantPersons([]string{"1", "2", "3", "4"})
	erased, err := s.store.EraseIdentity(s.Context(), mail)
	require.NoError(s, err)
	require.EqualValues(s, 2, erased.Events)
	check := func() {
		s.wantPersons([]string{"1"}, []string{"4"})
		for _, r := range s.scan(store.ScanRequest{Columns: []string{store.ColumnIdentities, store.ColumnProperties}}) {
			require.NotContains(s, r[store.ColumnIdentities], "mail.example")
		}
	}
	check()
	s.reopened()
	check()
	require.Zero(s, s.append(happened("5", 5, customer("a"), mail)).Erased, "an event of the customer with the erased mailbox is their own")
	s.wantPersons([]string{"1", "5"}, []string{"4"})
}
