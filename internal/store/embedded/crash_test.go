// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

var testStart = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func smallOptions(t testing.TB, dir string, fs volume.FS) Options {
	return Options{
		Dir: dir, CompactEvery: -1, MinFree: 1, MemoryLimit: 128 << 20, Threads: 1, FS: fs,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError + 4})),
	}
}

func testEvent(id int, who string) event.Event {
	at := testStart.Add(time.Duration(id) * 12 * time.Hour).UnixMicro()
	return event.Event{
		ID: fmt.Sprint("e", id), Source: "shop", Channel: "web", Name: "Seen", Time: at, ReceivedAt: at + 1,
		Identities: []event.Identity{{Type: "customerId", Value: who}, {Type: "anonymousId", Value: "anon-" + who}},
		Properties: fmt.Appendf(nil, `{"n":%d}`, id),
	}
}

// history performs a fixed sequence of operations until one fails, and records what was acknowledged.
type history struct {
	acknowledged map[string]bool
	// tried events may or may not be stored.
	tried    map[string]bool
	erased   bool
	retained bool
	// An erasure or retention that was started can be partly done.
	erasing, retaining bool
	cursor             []byte
	result             bool
	// planned is the number of events in the plan of the erasure.
	planned int64
}

const retainedEvents = 6

func (h *history) run(t *testing.T, s *Store) error {
	h.acknowledged, h.tried = map[string]bool{}, map[string]bool{}
	add := func(from, to int) error {
		for i := from; i < to; i += 2 {
			batch := store.Batch{Source: "shop", Moves: []store.Move{{Expected: h.cursor, Next: fmt.Append(nil, i)}}, Counters: store.Counters{Accepted: 2}}
			for j := i; j < i+2; j++ {
				batch.Events = append(batch.Events, testEvent(j, fmt.Sprint("customer-", j%4)))
				h.tried[fmt.Sprint("e", j)] = true
			}
			if _, err := s.Append(t.Context(), batch); err != nil {
				return err
			}
			for _, e := range batch.Events {
				h.acknowledged[e.ID] = true
			}
			h.cursor = fmt.Append(nil, i)
		}
		return nil
	}
	steps := []func() error{
		func() error { return add(0, 8) },
		func() error { return s.Compact(t.Context()) },
		func() error { return add(8, 14) },
		func() error {
			return s.PutResult(t.Context(), store.Result{Owner: "o", Run: "r", Body: []byte(`{"who":"customer-1"}`)})
		},
		func() error { h.result = true; return s.Compact(t.Context()) },
		func() error { return add(14, 18) },
		func() error {
			h.erasing = true
			r := store.ErasureRequest{Identities: []event.Identity{{Type: "customerId", Value: "customer-1"}}}
			plan, err := s.PlanErasure(t.Context(), r)
			if err != nil {
				return err
			}
			r.Digest, h.planned = plan.Digest, plan.Events
			got, err := s.EraseAsPlanned(t.Context(), r)
			h.erased = err == nil
			if err == nil && got.FilesChecked == 0 {
				return errors.New("nothing was checked")
			}
			return err
		},
		func() error { return add(18, 22) },
		func() error {
			h.retaining = true
			_, err := s.Retain(t.Context(), testStart.Add(retainedEvents*12*time.Hour))
			h.retained = err == nil
			return err
		},
		func() error { return add(22, 26) },
		func() error { return s.Close() },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// check compares the store after a crash with what was acknowledged.
func (h *history) check(t *testing.T, s *Store) {
	t.Helper()
	seen := map[string]int{}
	people := map[string]uint64{}
	for _, r := range scanAll(t, s) {
		seen[r.id]++
		if p, ok := people[r.who]; ok {
			require.Equal(t, p, r.person, "the person of %s", r.who)
		}
		people[r.who] = r.person
	}
	for id, n := range seen {
		require.Equal(t, 1, n, "event %s is there %d times", id, n)
		require.True(t, h.tried[id], "event %s was never sent", id)
	}
	for i := range 26 {
		id := fmt.Sprint("e", i)
		mayBeGone := h.erasing && i%4 == 1 || h.retaining && i < retainedEvents
		mustBeGone := h.erased && i%4 == 1 || h.retained && i < retainedEvents
		switch {
		case mustBeGone:
			require.Zero(t, seen[id], "event %s came back", id)
		case h.acknowledged[id] && !mayBeGone:
			require.Equal(t, 1, seen[id], "acknowledged event %s is lost", id)
		}
	}
	cursors, err := s.Cursors(t.Context(), "shop")
	require.NoError(t, err)
	if h.cursor != nil {
		var stored, promised int
		_, _ = fmt.Sscan(string(cursors.Position("")), &stored)
		_, _ = fmt.Sscan(string(h.cursor), &promised)
		require.GreaterOrEqual(t, stored, promised, "the cursor went back")
	}
	results, err := s.Results(t.Context(), "o", 0)
	require.NoError(t, err)
	if h.result && !h.erasing {
		require.Len(t, results, 1)
	}
	if h.erased {
		require.Empty(t, results, "the result names the erased person")
	}
}

// redeliver sends all events again. No event is stored twice, and afterwards all that may be stored are.
func (h history) redeliver(t *testing.T, s *Store) {
	t.Helper()
	h.tried, h.acknowledged = maps.Clone(h.tried), maps.Clone(h.acknowledged)
	before := map[string]bool{}
	for _, r := range scanAll(t, s) {
		before[r.id] = true
	}
	for i := range 26 {
		e := testEvent(i, fmt.Sprint("customer-", i%4))
		e.ReceivedAt += 77
		answer, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
		require.NoError(t, err)
		if before[e.ID] {
			require.EqualValues(t, 1, answer.Duplicates+answer.Erased, "event %s", e.ID)
		}
		h.tried[e.ID], h.acknowledged[e.ID] = true, true
	}
	h.check(t, s)
	require.NoError(t, s.Compact(t.Context()))
	h.check(t, s)
	h.checkReceipt(t, s)
}

// checkReceipt requires a receipt with the numbers of an interrupted erasure, or all events that it would remove.
func (h *history) checkReceipt(t *testing.T, s *Store) {
	t.Helper()
	list, err := s.Receipts(t.Context())
	require.NoError(t, err)
	begun := len(s.catalog.Manifest().Tombstones) > 0
	require.True(t, begun || !h.erased)
	if !begun {
		require.Empty(t, list)
		return
	}
	require.Len(t, list, 1)
	require.Equal(t, h.planned, list[0].Events)
	require.EqualValues(t, 2, list[0].Identities)
	require.Positive(t, list[0].FilesChecked)
	require.Nil(t, s.catalog.Manifest().Erasing)
}

type scannedRow struct {
	id, who string
	person  uint64
}

func scanAll(t testing.TB, s *Store) []scannedRow {
	t.Helper()
	var rows []scannedRow
	eachRow(t, s, func(person uint64, text string) {
		var n int
		_, err := fmt.Sscanf(text, `{"n":%d}`, &n)
		require.NoError(t, err)
		rows = append(rows, scannedRow{id: fmt.Sprint("e", n), who: fmt.Sprint("customer-", n%4), person: person})
	})
	return rows
}

func eachProperty(t testing.TB, s *Store, f func(text string)) {
	t.Helper()
	eachRow(t, s, func(_ uint64, text string) { f(text) })
}

// eachRow calls f with the person and the properties of each row of a scan.
func eachRow(t testing.TB, s *Store, f func(person uint64, properties string)) {
	t.Helper()
	sc, err := s.Scan(t.Context(), store.ScanRequest{Columns: []string{store.ColumnProperties}})
	require.NoError(t, err)
	defer func() { require.NoError(t, sc.Close()) }()
	for {
		b, err := sc.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		for i := range int(b.NumRows()) {
			f(b.Column(0).(*array.Uint64).Value(i), strings.Clone(b.Column(4).(*array.String).Value(i)))
		}
	}
}

// A history of appends, flushes, an erasure, a retention and a close.
func TestPowerLoss(t *testing.T) {
	testPowerLoss(t, 100, func() *history { return &history{acknowledged: map[string]bool{}, tried: map[string]bool{}} })
}

func (h *history) recovered(t *testing.T, s *Store, _ string) {
	t.Helper()
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.Empty(t, state.Health.ReadOnly)
	h.check(t, s)
	h.redeliver(t, s)
}

func events(ids ...int) []event.Event {
	list := make([]event.Event, len(ids))
	for i, id := range ids {
		list[i] = testEvent(id, fmt.Sprint("customer-", id%4))
	}
	return list
}
