// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// scannedPlaces returns the rows of a scan as texts, in order: person, time, position, and the columns of the request.
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

// Merges persons step by step while their events are in sorted files. Scans with overlays agree with scans without, at the newest version and at the
// one before.
func TestOverlaysDoNotChangeScans(t *testing.T) {
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

// compareOverlays compares scans with and without overlays, and returns the number of overlays.
func compareOverlays(t *testing.T, s *Store, between func(low, high int) int) int {
	columns := []string{store.ColumnEvent, store.ColumnFlags, store.ColumnSeq, store.ColumnIndex}
	version := s.catalog.People().Version()
	requests := []store.ScanRequest{
		{Columns: columns}, {Columns: append([]string{store.ColumnProperties}, columns...)},
		{Columns: columns, IdentityVersion: max(1, version-int64(between(0, 2)))},
		{Columns: columns, Shard: 1, Shards: 3}, {Columns: columns, AsOfSeq: s.catalog.Seq() / 2, Packed: true},
	}
	for _, r := range requests {
		s.catalog.Overlays().Worth(1 << 40)
		want := scannedPlaces(t, s, r)
		s.catalog.Overlays().Worth(int64(between(1, 8)))
		require.Equal(t, want, scannedPlaces(t, s, r), "%+v", r)
		require.Equal(t, want, scannedPlaces(t, s, r), "once more: %+v", r)
	}
	return overlaid(s)
}

// overlaid returns the number of sorted files with an overlay.
func overlaid(s *Store) int {
	n := 0
	for _, p := range s.catalog.Parts() {
		if p.Overlaid() > 0 {
			n++
		}
	}
	return n
}

// An overlay is created, is used for the next version, and is removed together with its file.
func TestOverlaysAreCreatedAndRemoved(t *testing.T) {
	s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
	s.catalog.Overlays().Worth(10)
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
	require.Zero(t, overlaid(s), "nobody has moved")
	add(1000, 1020, func(i int) []event.Identity { return []event.Identity{customer(i), device(i)} })
	require.Len(t, scannedPlaces(t, s, r), 420)
	require.Equal(t, 1, overlaid(s))
	first := s.catalog.Parts()[0]
	require.EqualValues(t, 200, first.Overlaid(), "ten events of each of twenty")
	add(1020, 1021, func(i int) []event.Identity { return []event.Identity{customer(i), device(i)} })
	require.Len(t, scannedPlaces(t, s, r), 421)
	require.EqualValues(t, 200, first.Overlaid(), "ten events more are collected")
	view, err := s.catalog.People().View(0)
	require.NoError(t, err)
	schema, err := r.Schema()
	require.NoError(t, err)
	q, err := rows.NewQuery(schema, r, s.catalog.Seq())
	require.NoError(t, err)
	pieces, err := first.At(q, view)
	require.NoError(t, err)
	require.False(t, pieces.Apart.None())
	require.NoError(t, s.MergeAll(t.Context()))
	require.Zero(t, overlaid(s))
	require.Zero(t, first.Overlaid(), "it went with its file")
	require.Len(t, scannedPlaces(t, s, r), 421)
	require.Zero(t, overlaid(s), "all stand where they belong")
	require.NoError(t, s.Close())
}

// Every second person is merged with another. A flush then writes two files for the one that has their rows or, after the end of the month, one file
// for all. Its rows are in order, and scans return the same as before.
func TestFilesOfReattributedRowsAreRewritten(t *testing.T) {
	for name, over := range map[string]bool{"month in progress": false, "month over": true} {
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
	first := s.catalog.Manifest().Files[0]
	require.NoError(t, s.Compact(t.Context()))
	if !over {
		require.Contains(t, s.catalog.Manifest().Files, first, "nobody has asked, so that nobody knows")
	}
	r := store.ScanRequest{Columns: []string{store.ColumnEvent, store.ColumnProperties, store.ColumnIdentities}}
	want := scannedPlaces(t, s, r)
	require.Len(t, want, people*each+people/2)
	require.NoError(t, s.Compact(t.Context()))
	require.NotContains(t, s.catalog.Manifest().Files, first)
	require.Len(t, s.catalog.Manifest().Files, files)
	view, err := s.catalog.People().View(0)
	require.NoError(t, err)
	all := int64(0)
	q := rows.Whole(run.Wants)
	for _, p := range s.catalog.Parts() {
		fresh := part.New(s.volume, p.Meta, s.catalog.People(), s.catalog.Overlays())
		fresh.Placed = -1 // so that the file is searched
		pieces, err := fresh.At(q, view)
		require.NoError(t, err)
		require.True(t, pieces.Gone.None())
		all += p.Rows
	}
	require.EqualValues(t, len(want), all)
	require.Equal(t, want, scannedPlaces(t, s, r))
	left := s.catalog.Manifest().Files
	require.NoError(t, s.Compact(t.Context()))
	require.Equal(t, left, s.catalog.Manifest().Files, "nothing is left to do")
	require.NoError(t, s.Close())
	s = mustOpen(t, o)
	require.Equal(t, want, scannedPlaces(t, s, r))
	require.NoError(t, s.Close())
}
