// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// unitEvents returns events of several persons in the same sessions and accounts, some without.
func unitEvents() []event.Event {
	with := func(e event.Event, session, properties, groups string) event.Event {
		e.SessionID = session
		e.Properties = fmt.Appendf(nil, `{"id":%q%s}`, e.ID, properties)
		if groups != "" {
			e.Groups = []byte(groups)
		}
		return e
	}
	return []event.Event{
		with(happened("1", 40, customer("a")), "s2", `,"k":1`, `{"company":{"id":"acme"}}`),
		with(happened("2", 10, customer("b")), "s1", `,"k":"1"`, `{"company":{"id":"acme"}}`),
		with(happened("3", 30, customer("a")), "s1", `,"k":"it's"`, `{"company":{"id":""}}`),
		with(happened("4", 20, customer("c")), "", `,"k":null`, ""),
		with(happened("5", 20, customer("c")), "s2", `,"k":{"a":true}`, `{"company.id":"flat"}`),
		with(happened("6", 20, customer("b")), "s2", ``, `{"company":{"id":"other"}}`),
	}
}

func (s *suite) testUnits() {
	all := unitEvents()
	s.append(all[:4]...)
	s.append(all[4:]...)
	check := func() {
		s.Helper()
		for by, want := range map[string]struct {
			units   map[string][]string
			without int64
		}{
			"sessionId":            {map[string][]string{"s1": {"2", "3"}, "s2": {"5", "6", "1"}}, 1},
			"orderId":              {map[string][]string{}, 6},
			"properties.k":         {map[string][]string{"1": {"2", "1"}, "it's": {"3"}}, 3},
			"properties.k.a":       {map[string][]string{"true": {"5"}}, 5},
			"groups.company.id":    {map[string][]string{"acme": {"2", "1"}, "flat": {"5"}, "other": {"6"}}, 2},
			"properties.it's not ": {map[string][]string{}, 6},
		} {
			units, without := s.units(store.ScanRequest{By: by, PersonsWith: []string{"nothing"}})
			require.Equal(s, want.units, units, by)
			require.Equal(s, want.without, without, by)
		}
		units, without := map[string][]string{}, int64(0)
		for i := range 3 {
			part, n := s.units(store.ScanRequest{By: "sessionId", Shard: i, Shards: 3, Columns: []string{store.ColumnProperties}})
			for unit, ids := range part {
				require.NotContains(s, units, unit)
				units[unit] = ids
			}
			without += n
		}
		require.Equal(s, map[string][]string{"s1": {"2", "3"}, "s2": {"5", "6", "1"}}, units)
		require.EqualValues(s, 1, without)
	}
	check()
	units, without := s.units(store.ScanRequest{By: "sessionId", From: start + 15*second, To: start + 35*second, AsOfSeq: 1})
	require.Equal(s, map[string][]string{"s1": {"3"}}, units)
	require.EqualValues(s, 1, without)
	s.reopened()
	check()
}

// units returns the events of each unit in order, and the number of those without a unit.
func (s *suite) units(r store.ScanRequest) (map[string][]string, int64) {
	s.Helper()
	scan, err := s.store.Scan(s.Context(), r)
	require.NoError(s, err)
	rows, err := readRows(scan, r)
	require.NoError(s, err)
	without := scan.Stats().WithoutUnit
	require.NoError(s, scan.Close())
	out, numbers := map[string][]string{}, map[uint64]string{}
	for _, row := range rows {
		unit := row[store.ColumnUnit].(string)
		if before, ok := numbers[row.Person()]; ok {
			require.Equal(s, before, unit, "one number, one unit")
		}
		numbers[row.Person()] = unit
		out[unit] = append(out[unit], row.ID())
	}
	require.Len(s, numbers, len(out))
	return out, without
}
