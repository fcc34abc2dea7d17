// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) testInvalidRequests() {
	s.append(happened("1", 0, customer("a")))
	for name, r := range map[string]store.ScanRequest{
		"column":            {Columns: []string{"nosuch"}},
		"seq of the future": {AsOfSeq: 2},
		"negative seq":      {AsOfSeq: -1},
		"shard":             {Shard: 2, Shards: 2},
		"shard of nothing":  {Shard: 1},
		"negative shards":   {Shards: -1},
		"unit":              {By: "event"},
		"unit of traits":    {By: "traits.a"},
		"unit with a quote": {By: `properties.a"b`},
		"unit too deep":     {By: "properties.a.b.c.d.e.f"},
	} {
		_, err := s.store.Scan(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, name)
	}
	_, err := s.store.Scan(s.Context(), store.ScanRequest{IdentityVersion: 1 << 40})
	require.ErrorIs(s, err, store.ErrSnapshotGone)
	_, err = s.store.Erase(s.Context(), event.Identity{Type: "email"})
	require.ErrorIs(s, err, store.ErrInvalid)
}

func (s *suite) testSnapshots() {
	var want []string
	for i := range 8 {
		id := fmt.Sprint(i)
		want = append(want, id)
		require.EqualValues(s, i+1, s.append(happened(id, i, customer("a"))).Seq)
	}
	for seq := int64(1); seq <= 8; seq++ {
		rows, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: seq})
		require.NoError(s, err)
		require.Equal(s, [][]string{want[:seq]}, persons(rows))
		require.Equal(s, seq, snapshot.Seq)
		require.Positive(s, snapshot.IdentityVersion)
	}
	_, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{})
	require.NoError(s, err)
	require.Equal(s, s.state().Health.Snapshot, snapshot)
}

func (s *suite) testScanDoesNotMove() {
	for i := range 4 {
		events := make([]event.Event, 1500)
		for j := range events {
			events[j] = happened(fmt.Sprintf("%d-%d", i, j), j, customer(fmt.Sprint(j%50)))
		}
		s.append(events...)
	}
	scan, err := s.store.Scan(s.Context(), store.ScanRequest{})
	require.NoError(s, err)
	batch, err := scan.Next()
	require.NoError(s, err)
	rows := rowsOf(batch)
	s.append(happened("late", 0, customer("0"), anon("x")), happened("later", 1, customer("49"), anon("y")))
	for err == nil {
		if batch, err = scan.Next(); err == nil {
			rows = append(rows, rowsOf(batch)...)
		}
	}
	require.ErrorIs(s, err, io.EOF)
	require.NoError(s, scan.Close())
	require.Len(s, rows, 6000)
	require.EqualValues(s, 4, scan.Snapshot().Seq)
	require.True(s, slices.IsSortedFunc(rows, compareRows))
}

func (s *suite) testFilters() {
	s.append(happened("1", 10, customer("a")), happened("2", 20, customer("a")), happened("3", 30, customer("b")))
	till := happened("4", 20, customer("a"))
	till.Source = "till"
	_, err := s.store.Append(s.Context(), store.Batch{Source: "till", Events: []event.Event{till}})
	require.NoError(s, err)
	at := func(sec int64) int64 { return start + sec*second }
	for _, c := range []struct {
		r    store.ScanRequest
		want [][]string
	}{
		{store.ScanRequest{From: at(20)}, [][]string{{"2", "4"}, {"3"}}},
		{store.ScanRequest{To: at(20)}, [][]string{{"1"}}},
		{store.ScanRequest{From: at(10), To: at(20) + 1}, [][]string{{"1", "2", "4"}}},
		{store.ScanRequest{From: at(31)}, nil},
		{store.ScanRequest{Sources: []string{"till"}}, [][]string{{"4"}}},
		{store.ScanRequest{Sources: []string{"till", "shop"}, To: at(30)}, [][]string{{"1", "2", "4"}}},
		{store.ScanRequest{Sources: []string{"nosuch"}}, nil},
		{store.ScanRequest{Sources: []string{"o'brien"}}, nil},
	} {
		require.Equal(s, c.want, persons(s.scan(c.r)), "%+v", c.r)
	}
	rows := s.scan(store.ScanRequest{Columns: []string{store.ColumnFlags, store.ColumnEvent, store.ColumnTime}})
	require.Len(s, rows, 4)
	require.Len(s, rows[0], 6, "the fixed columns and two more")
}

func (s *suite) testPersonsWith() {
	buy := happened("2", 20, customer("a"))
	buy.Name = "Order Completed"
	early := happened("5", 5, customer("c"))
	early.Name = "Order Completed"
	s.append(happened("1", 10, customer("a"), anon("x")), buy, happened("3", 30, customer("b")), happened("4", 30, anon("x")),
		early, happened("6", 40, customer("c")))
	got := persons(s.scan(store.ScanRequest{PersonsWith: []string{"Order Completed", "it's"}}))
	require.Contains(s, got, []string{"1", "2", "4"}, "all events of the person, and those of their other identities")
	require.Contains(s, got, []string{"5", "6"})
}

func (s *suite) testShards() {
	for i := range 5 {
		events := make([]event.Event, 200)
		for j := range events {
			events[j] = happened(fmt.Sprintf("%d-%d", i, j), j, customer(fmt.Sprint(j%60)), anon(fmt.Sprint(j%60)))
			if j%3 == 0 {
				events[j].Identities = events[j].Identities[1:]
			}
		}
		s.append(events...)
	}
	whole := persons(s.scan(store.ScanRequest{}))
	for _, n := range []int{1, 2, 7} {
		var union [][]string
		filled := 0
		for i := range n {
			part := persons(s.scan(store.ScanRequest{Shard: i, Shards: n}))
			union = append(union, part...)
			if len(part) > 0 {
				filled++
			}
		}
		slices.SortFunc(union, slices.Compare[[]string])
		require.Equal(s, whole, union)
		require.Greater(s, filled, n/2, "persons are spread over the shards")
	}
}

// testClosedScans closes many scans early. All their resources are released.
func (s *suite) testClosedScans() {
	events := make([]event.Event, 3000)
	for i := range events {
		events[i] = happened(fmt.Sprint(i), i, customer(fmt.Sprint(i)))
	}
	s.append(events...)
	for i := range 100 {
		scan, err := s.store.Scan(s.Context(), store.ScanRequest{})
		require.NoError(s, err)
		if i%2 == 0 {
			_, err = scan.Next()
			require.NoError(s, err)
		}
		require.NoError(s, scan.Close())
		require.NoError(s, scan.Close(), "closing again does nothing")
	}
	require.Len(s, s.scan(store.ScanRequest{}), 3000)
	scan, err := s.store.Scan(s.Context(), store.ScanRequest{Sources: []string{"none"}})
	require.NoError(s, err)
	for range 2 {
		_, err = scan.Next()
		require.True(s, errors.Is(err, io.EOF), "the end stays the end")
	}
	require.NoError(s, scan.Close())
}

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
