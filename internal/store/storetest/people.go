// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) testRetroactive() {
	s.append(happened("1", 0, anon("x")), happened("2", 1, device("d")))
	s.wantPersons([]string{"1"}, []string{"2"})
	before := s.state().Health.IdentityVersion
	s.append(happened("3", 2, customer("a"), anon("x"), device("d")))
	check := func() {
		s.wantPersons([]string{"1", "2", "3"})
		require.Greater(s, s.state().Health.IdentityVersion, before)
		require.EqualValues(s, 1, s.state().Health.Persons)
	}
	check()
	s.reopened()
	check()
	s.append(happened("4", 3, anon("x"), anon("y")), happened("5", 4, anon("y")))
	s.wantPersons([]string{"1", "2", "3", "4", "5"})
}

// testLateLinks: a shared device belongs to the customer with the earliest event, in any order of arrival.
func (s *suite) testLateLinks() {
	s.append(happened("1", 100, customer("a"), device("d")), happened("2", 110, device("d")))
	s.wantPersons([]string{"1", "2"})
	s.append(happened("3", 50, customer("b"), device("d")))
	check := func() { s.wantPersons([]string{"1"}, []string{"3", "2"}) }
	check()
	require.EqualValues(s, 1, s.state().Health.RefusedMerges)
	s.reopened()
	check()
}

func (s *suite) testExclusive() {
	s.append(
		happened("1", 0, customer("a"), device("d")), happened("2", 1, customer("b"), device("d")),
		happened("3", 2, device("d")), happened("4", 3, customer("a"), customer("b")),
	)
	s.wantPersons([]string{"1", "3", "4"}, []string{"2"})
	require.EqualValues(s, 2, s.state().Health.RefusedMerges)
	alias := happened("5", 4, customer("b"), customer("a"))
	alias.Kind = event.Alias
	s.append(alias)
	s.wantPersons([]string{"1", "2", "3", "4", "5"})
	require.Zero(s, s.state().Health.RefusedMerges)
	require.EqualValues(s, 1, s.state().Health.Persons)
}

func (s *suite) testHubs() {
	var want [][]string
	for i := range 3 {
		s.append(happened(fmt.Sprint(i), i, customer(fmt.Sprint(i)), device("till")))
	}
	s.append(happened("t", 9, device("till")))
	s.wantPersons([]string{"0", "t"}, []string{"1"}, []string{"2"})
	require.Zero(s, s.state().Health.Hubs)
	s.append(happened("3", 10, customer("3"), device("till")))
	for _, id := range []string{"0", "1", "2", "3", "t"} {
		want = append(want, []string{id})
	}
	s.wantPersons(want...)
	require.EqualValues(s, 1, s.state().Health.Hubs)
	s.reopened()
	s.wantPersons(want...)
	require.EqualValues(s, 1, s.state().Health.Hubs)
	require.EqualValues(s, 4, s.state().Health.Persons, "a hub is no person")
}

func (s *suite) testIdentityVersions() {
	s.append(happened("1", 0, anon("x")), happened("2", 1, customer("a")))
	old := s.state().Health.Snapshot
	s.append(happened("3", 2, customer("a"), anon("x")))
	now := s.state().Health.Snapshot
	require.Greater(s, now.IdentityVersion, old.IdentityVersion)
	rows := func(r store.ScanRequest) [][]string { return persons(s.scan(r)) }
	require.Equal(s, [][]string{{"1"}, {"2"}}, rows(store.ScanRequest{AsOfSeq: old.Seq}))
	require.Equal(s, [][]string{{"1", "2"}}, rows(store.ScanRequest{AsOfSeq: old.Seq, IdentityVersion: now.IdentityVersion}))
	require.Equal(s, [][]string{{"1"}, {"2", "3"}}, rows(store.ScanRequest{IdentityVersion: old.IdentityVersion}))
	require.Equal(s, [][]string{{"1", "2", "3"}}, rows(store.ScanRequest{}))
	_, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: old.Seq})
	require.NoError(s, err)
	require.Equal(s, old, snapshot)
	s.append(happened("4", 3, customer("a")))
	require.Equal(s, now.IdentityVersion, s.state().Health.IdentityVersion, "nothing new about persons")
}

func (s *suite) testFuture() {
	s.append(happened("1", 0, customer("a")))
	future := happened("2", 3600, customer("a"))
	future.ReceivedAt, future.Flags = start, event.FlagFuture
	s.append(future)
	rows := s.scan(store.ScanRequest{})
	require.Len(s, rows, 2)
	require.Equal(s, uint8(event.FlagFuture), rows[1][store.ColumnFlags])
	require.Equal(s, start, s.source("shop").NewestEventTime, "events of the future move no watermark")
}

// nobody returns an event without identities.
func nobody(id string, at int) event.Event {
	e := happened(id, at)
	e.Flags = event.FlagUnidentified
	return e
}

// testUnidentified: unidentified events are returned one by one, distributed over the shards, and identified by their ids. They are not persons. An
// erasure does not change them, and creates none.
func (s *suite) testUnidentified() {
	const n = 60
	events := []event.Event{happened("a1", 1, customer("a")), happened("a2", 200, customer("a"), anon("x")), happened("b1", 3, customer("b"))}
	for i := range n {
		events = append(events, nobody(fmt.Sprintf("n%02d", i), i))
	}
	s.append(events[:20]...)
	s.append(events[20:]...)
	check := func(named map[string]bool, persons int64) {
		s.Helper()
		seen, alone := map[string]bool{}, map[uint64]bool{}
		for _, r := range s.scan(store.ScanRequest{Columns: []string{store.ColumnProperties, store.ColumnIdentities, store.ColumnFlags}}) {
			seen[r.ID()] = true
			if named[r.ID()] {
				continue
			}
			require.False(s, alone[r.Person()], "each stands alone")
			alone[r.Person()] = true
			require.Equal(s, "[]", r[store.ColumnIdentities])
			require.Equal(s, uint8(event.FlagUnidentified), r[store.ColumnFlags])
		}
		require.Len(s, seen, n+len(named))
		require.Len(s, alone, n)
		require.EqualValues(s, persons, s.state().Health.Persons, "nobody is no person")
		require.EqualValues(s, n+len(named), s.state().Health.Events)
		for shard := range 3 {
			part := s.scan(store.ScanRequest{Shard: shard, Shards: 3})
			require.Greater(s, len(part), n/10, "they spread")
			for _, r := range part {
				delete(seen, r.ID())
			}
		}
		require.Empty(s, seen, "the shards make the whole")
	}
	all := map[string]bool{"a1": true, "a2": true, "b1": true}
	check(all, 2)
	s.reopened()
	check(all, 2)
	version := s.state().Health.IdentityVersion
	again := append([]event.Event{nobody("n00", 7)}, happened("n01", 1, customer("a")))
	require.EqualValues(s, 2, s.append(again...).Duplicates, "known by the id, whoever it is of now")
	require.Equal(s, version, s.state().Health.IdentityVersion)

	erased, err := s.store.Erase(s.Context(), anon("x"))
	require.NoError(s, err)
	require.EqualValues(s, 2, erased.Events)
	require.EqualValues(s, 1, s.append(happened("a3", 5, customer("a"))).Erased, "an event whose identity was erased is not kept as nobody's")
	_, err = s.store.EraseIdentity(s.Context(), anon("y"))
	require.NoError(s, err)
	require.EqualValues(s, 1, s.append(happened("y1", 5, anon("y"))).Erased)
	check(map[string]bool{"b1": true}, 1)
	s.reopened()
	check(map[string]bool{"b1": true}, 1)
}
