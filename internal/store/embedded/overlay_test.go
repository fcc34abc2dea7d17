// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	made := 0
	for seed := range uint64(16) {
		random := rand.New(rand.NewPCG(3, seed))
		between := func(low, high int) int { return low + random.IntN(high-low+1) }
		s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
		number := 0
		add := func(list ...event.Identity) {
			e := testEvent(number, "x")
			e.Identities, e.Name = list, fmt.Sprint("N", number%3)
			e.Time = testStart.UnixMicro() + int64(number%5)
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
			require.NoError(t, err)
			number++
		}
		for who := range 30 {
			for range between(1, 4) {
				add(event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", who)})
			}
		}
		require.NoError(t, s.Compact(t.Context()))
		for range between(1, 5) {
			for range between(0, 6) {
				who, customer := between(0, 29), between(0, 5)
				add(event.Identity{Type: "customerId", Value: fmt.Sprint("c", customer)}, event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", who)})
			}
			if between(0, 3) == 0 {
				require.NoError(t, s.Compact(t.Context()))
			}
			made += compareOverlays(t, s, between)
		}
		require.NoError(t, s.Close())
	}
	require.Positive(t, made)
}

// compareOverlays holds scans with overlays against scans without, and gives the number of overlays.
func compareOverlays(t *testing.T, s *Store, between func(low, high int) int) int {
	columns := []string{store.ColumnEvent, store.ColumnFlags, store.ColumnSeq, store.ColumnIndex}
	version := s.people.Version()
	requests := []store.ScanRequest{
		{Columns: columns}, {Columns: append([]string{store.ColumnProperties}, columns...)},
		{Columns: columns, IdentityVersion: max(1, version-int64(between(0, 2)))},
		{Columns: columns, Shard: 1, Shards: 3}, {Columns: columns, AsOfSeq: s.newestSeq() / 2, Packed: true},
	}
	for _, r := range requests {
		s.minOverlay = 1 << 40
		kept := maps.Clone(s.overlays)
		clear(s.overlays)
		want := scannedPlaces(t, s, r)
		s.minOverlay = int64(between(1, 8))
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

// TestFilesOfMovedRowsAreWrittenAgain joins every second person: sorting makes two files of the one that has their rows, or one of all when the
// month is over, in which all stand where they belong, and scans give the same as before.
func TestFilesOfMovedRowsAreWrittenAgain(t *testing.T) {
	for name, over := range map[string]bool{"month under way": false, "month over": true} {
		t.Run(name, func(t *testing.T) { testWrittenAgain(t, over) })
	}
}

func testWrittenAgain(t *testing.T, over bool) {
	o := smallOptions(t, t.TempDir(), nil)
	files := 3
	if o.Clock = (func() time.Time { return testStart }); over {
		o.Clock, files = time.Now, 1
	}
	s := mustOpen(t, o)
	const people, each = 500, 6
	var events, joins []event.Event
	for i := range people * each {
		e := testEvent(0, "x")
		device := event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", i%people)}
		e.ID, e.Identities = fmt.Sprint(i), []event.Identity{device}
		e.Time += int64(i)
		events = append(events, e)
		if i < people && i%2 == 0 {
			e.ID = "join-" + e.ID
			e.Identities = []event.Identity{{Type: "customerId", Value: fmt.Sprint("c", i)}, device}
			joins = append(joins, e)
		}
	}
	_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
	require.NoError(t, err)
	require.NoError(t, s.Compact(t.Context()))
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: joins})
	require.NoError(t, err)
	first := s.manifest.Files[0]
	require.NoError(t, s.Compact(t.Context()))
	if !over {
		require.Contains(t, s.manifest.Files, first, "nobody has asked, so that nobody knows")
	}
	r := store.ScanRequest{Columns: []string{store.ColumnEvent, store.ColumnProperties, store.ColumnIdentities}}
	want := scannedPlaces(t, s, r)
	require.Len(t, want, people*each+people/2)
	require.NoError(t, s.Compact(t.Context()))
	require.NotContains(t, s.manifest.Files, first)
	require.Len(t, s.manifest.Files, files)
	view, err := s.people.View(0)
	require.NoError(t, err)
	rows := int64(0)
	for _, f := range s.manifest.Files {
		found, _, err := s.searchMoved(f, nil, view)
		require.NoError(t, err)
		require.Empty(t, found)
		rows += f.Rows
	}
	require.EqualValues(t, len(want), rows)
	require.Equal(t, want, scannedPlaces(t, s, r))
	left := s.manifest.Files
	require.NoError(t, s.Compact(t.Context()))
	require.Equal(t, left, s.manifest.Files, "nothing is left to do")
	require.NoError(t, s.Close())
	s = mustOpen(t, o)
	require.Equal(t, want, scannedPlaces(t, s, r))
	require.NoError(t, s.Close())
}

// TestSortingKeepsPaceWithMerging merges files while a segment of the log is full: the log is sorted in between, and nothing is lost.
func TestSortingKeepsPaceWithMerging(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	o.SegmentBytes = 1
	o.MaxTailBytes = 1 << 30
	s := mustOpen(t, o)
	for i := range 3 {
		_, err := appendOne(t, s, i)
		require.NoError(t, err)
		if i < 2 {
			require.NoError(t, s.sortTail(t.Context()))
		}
	}
	require.Len(t, s.manifest.Files, 2)
	require.NoError(t, s.merge(t.Context(), s.manifest.Files))
	require.Len(t, s.manifest.Files, 2, "one of the two, and one of the log")
	require.Zero(t, s.tailBytes())
	require.Len(t, scanAll(t, s), 3)
	require.NoError(t, s.Close())
	s = mustOpen(t, o)
	require.Len(t, scanAll(t, s), 3)
	require.NoError(t, s.Close())
}
