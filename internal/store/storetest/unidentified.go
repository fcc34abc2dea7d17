// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// nobody makes an event without identities.
func nobody(id string, at int) event.Event {
	e := happened(id, at)
	e.Flags = event.FlagUnidentified
	return e
}

// testUnidentified: events of nobody are given one by one, spread over the shards, known by their ids, and no persons. An erasure leaves
// them, and makes none.
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
