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

// testEraseShared: who shares a device with an erased person stays as they are, and so does the till that is a hub.
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
