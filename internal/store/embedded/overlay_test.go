// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// scannedPlaces gives the rows of a scan as texts, in order: person, time, place, and the columns of a request.
func scannedPlaces(t require.TestingT, s *Store, r store.ScanRequest) []string {
	sc, err := s.Scan(context.Background(), r)
	require.NoError(t, err)
	defer func() { require.NoError(t, sc.Close()) }()
	var rows []string
	for {
		b, err := sc.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		for i := range int(b.NumRows()) {
			text := ""
			for _, c := range b.Columns() {
				text += "|" + c.ValueStr(i)
			}
			rows = append(rows, text)
		}
	}
}

// TestOverlaysChangeNothing joins people step by step while their events are in sorted files, and holds what scans give with overlays
// against what they give without, at the newest version and at one before.
func TestOverlaysChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s := mustOpen(t, smallOptions(t, dir, nil))
		defer func() { require.NoError(rt, s.Close()) }()
		number := 0
		add := func(list ...event.Identity) {
			e := testEvent(number, "x")
			e.Identities, e.Name = list, fmt.Sprint("N", number%3)
			e.Time = testStart.UnixMicro() + int64(number%5)
			_, err := s.Append(rt.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
			require.NoError(rt, err)
			number++
		}
		for who := range 30 {
			for range rapid.IntRange(1, 4).Draw(rt, "events") {
				add(event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", who)})
			}
		}
		require.NoError(rt, s.Compact(rt.Context()))
		made := 0
		for range rapid.IntRange(1, 5).Draw(rt, "rounds") {
			for range rapid.IntRange(0, 6).Draw(rt, "joins") {
				who, customer := rapid.IntRange(0, 29).Draw(rt, "who"), rapid.IntRange(0, 5).Draw(rt, "customer")
				add(event.Identity{Type: "customerId", Value: fmt.Sprint("c", customer)}, event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", who)})
			}
			if rapid.IntRange(0, 3).Draw(rt, "sort") == 0 {
				require.NoError(rt, s.Compact(rt.Context()))
			}
			made += compareOverlays(rt, s)
		}
		rt.Logf("%d overlays", made)
	})
}

// compareOverlays gives the number of overlays.
func compareOverlays(t *rapid.T, s *Store) int {
	columns := []string{store.ColumnEvent, store.ColumnFlags, store.ColumnSeq, store.ColumnIndex}
	version := s.people.Version()
	requests := []store.ScanRequest{
		{Columns: columns}, {Columns: append([]string{store.ColumnProperties}, columns...)},
		{Columns: columns, IdentityVersion: max(1, version-int64(rapid.IntRange(0, 2).Draw(t, "before")))},
		{Columns: columns, Shard: 1, Shards: 3}, {Columns: columns, AsOfSeq: s.newestSeq() / 2, Packed: true},
	}
	for _, r := range requests {
		s.minOverlay = 1 << 40
		kept := maps.Clone(s.overlays)
		clear(s.overlays)
		want := scannedPlaces(t, s, r)
		s.minOverlay = int64(rapid.IntRange(1, 8).Draw(t, "least"))
		maps.Copy(s.overlays, kept)
		require.Equal(t, want, scannedPlaces(t, s, r), "%+v", r)
		require.Equal(t, want, scannedPlaces(t, s, r), "once more: %+v", r)
	}
	return len(s.overlays)
}

// TestOverlaysAreMadeAndDropped sees one come, stay for the next version, and go with its file.
func TestOverlaysAreMadeAndDropped(t *testing.T) {
	s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
	s.minOverlay = 10
	add := func(from, to int, list func(i int) []event.Identity) {
		var events []event.Event
		for i := from; i < to; i++ {
			e := testEvent(0, "x")
			e.ID, e.Identities = fmt.Sprint(from, "-", i), list(i)
			events = append(events, e)
		}
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(t, err)
	}
	device := func(i int) event.Identity { return event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", i%40)} }
	customer := func(i int) event.Identity { return event.Identity{Type: "customerId", Value: fmt.Sprint("c", i%40)} }
	add(0, 400, func(i int) []event.Identity { return []event.Identity{device(i)} })
	require.NoError(t, s.Compact(t.Context()))
	r := store.ScanRequest{Columns: []string{store.ColumnEvent}}
	require.Len(t, scannedPlaces(t, s, r), 400)
	require.Empty(t, s.overlays, "nobody has moved")
	add(1000, 1020, func(i int) []event.Identity { return []event.Identity{customer(i), device(i)} })
	require.Len(t, scannedPlaces(t, s, r), 420)
	require.Len(t, s.overlays, 1)
	name := s.manifest.Files[0].Name
	require.EqualValues(t, 200, s.overlays[name].run.Rows, "ten events of each of twenty")
	made := s.overlays[name]
	add(1020, 1021, func(i int) []event.Identity { return []event.Identity{customer(i), device(i)} })
	require.Len(t, scannedPlaces(t, s, r), 421)
	require.Same(t, made, s.overlays[name], "ten events more are collected")
	require.NotNil(t, made.at.apart)
	require.NoError(t, s.MergeAll(t.Context()))
	require.Empty(t, s.overlays)
	require.Len(t, scannedPlaces(t, s, r), 421)
	require.Empty(t, s.overlays, "all stand where they belong")
	require.NoError(t, s.Close())
}
