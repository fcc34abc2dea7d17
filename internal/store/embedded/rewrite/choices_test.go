// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

var roomy = Options{GroupRows: 64, Memory: 64 << 20, Behind: true}

// same reports the first row that differs.
func same(t *testing.T, want, found []string) {
	t.Helper()
	for i := range min(len(want), len(found)) {
		require.Equal(t, want[i], found[i], "row %d", i)
	}
	require.Len(t, found, len(want))
}

// check requires that each month has one part with its rows in order, with current persons, and that its entry in the manifest is correct.
func (w *world) check() {
	n := 0
	for month, parts := range w.months() {
		require.Len(w.t, parts, 1)
		p, want := parts[0], w.want(month)
		same(w.t, want, rowsOf(w.t, p))
		require.NoError(w.t, p.Verify())
		n += len(want)
		w.checkBounds(p)
	}
	require.Equal(w.t, len(w.rows), n)
}

func (w *world) checkBounds(p *part.Part) {
	view := w.view()
	want := part.Meta{MinPerson: ^uint64(0), MinTime: 1 << 62, MinSeq: 1 << 62}
	counts := map[uint64]int64{}
	for _, r := range w.rows {
		if monthOf(r.event.Time).from != monthOf(p.MinTime).from {
			continue
		}
		person := view.PersonOf(event.Anchor(r.anchor))
		counts[person]++
		want.MaxRun = max(want.MaxRun, counts[person])
		want.MinPerson, want.MaxPerson = min(want.MinPerson, person), max(want.MaxPerson, person)
		want.MinTime, want.MaxTime = min(want.MinTime, r.event.Time), max(want.MaxTime, r.event.Time)
		want.MinSeq, want.MaxSeq = min(want.MinSeq, r.seq), max(want.MaxSeq, r.seq)
	}
	got := part.Meta{
		MaxRun: p.MaxRun, MinPerson: p.MinPerson, MaxPerson: p.MaxPerson, MinTime: p.MinTime, MaxTime: p.MaxTime, MinSeq: p.MinSeq, MaxSeq: p.MaxSeq,
	}
	require.Equal(w.t, want, got)
}

// Flushes more months than are written at a time, and more runs than are merged at a time.
func TestFlushSortsByMonth(t *testing.T) {
	w := newWorld(t, 1)
	w.flush(roomy, 3000, flushMonths+3)
	require.Len(t, w.parts, flushMonths+3)
	w.check()
}

// Merges parts with more and more rows that now belong to other persons: with enough memory, and with memory for two row groups and few sorted rows,
// so that there are temporary files. The rows are the same.
func TestMergeWithLittleMemory(t *testing.T) {
	// Memory for row groups, three quarters of which are for parts, and the number of parts that are open at a time: at least two, and a temporary file
	// whose footer is read.
	for most, groups := range map[int]int64{2 + 1: 0, 3 + 1: 3, 7: 100} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			w := newWorld(t, 2)
			for range 7 {
				w.flush(roomy, 300, 1)
			}
			require.Len(t, w.parts, 7)
			memory := int64(0)
			for _, p := range w.parts {
				m, err := p.Memory()
				require.NoError(t, err)
				memory = max(memory, m)
			}
			w.fs.most.Store(0)
			w.rewrite(Options{GroupRows: 64, Memory: groups * memory * 4 / 3, Behind: groups > 0}, All)
			require.EqualValues(t, most, w.fs.most.Load())
			require.LessOrEqual(t, w.fs.temporary.Load(), int64(most), "others are gone: they were merged again")
			require.Equal(t, groups < 100, w.fs.temporary.Load() > 0)
			w.check()
		})
	}
}

// The rows that stay and the rows that move are together all rows of a part.
func TestStayedAndMovedRowsAreAllRows(t *testing.T) {
	w := newWorld(t, 3)
	w.flush(roomy, 300, 1)
	first := w.parts[0]
	before := rowsOf(t, first)
	w.flush(roomy, 300, 1)
	w.parts, w.rows = w.parts[:1], w.rows[:300]
	w.rewrite(roomy, Stayed, Moved)
	require.Len(t, w.parts, 2)
	stayed, moved := rowsOf(t, w.parts[0]), rowsOf(t, w.parts[1])
	require.NotEmpty(t, moved)
	for _, r := range stayed {
		require.Contains(t, before, r)
	}
	for _, r := range moved {
		require.NotContains(t, before, r)
	}
	w.rewrite(Options{GroupRows: 64, Memory: 1}, All)
	w.check()
}

// Rows before a time are dropped, also if they move.
func TestSince(t *testing.T) {
	w := newWorld(t, 4)
	for range 3 {
		w.flush(roomy, 200, 1)
	}
	at := time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC).UnixMicro()
	w.rewrite(roomy, Since(at))
	w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return r.event.Time < at })
	w.check()
	w.rewrite(roomy, Since(at+1<<50))
	require.Empty(t, w.parts, "no rows, no file")
}

// Erases two anchors, and removes an identity from events of others.
func TestWithout(t *testing.T) {
	w := newWorld(t, 5)
	for range 3 {
		w.flush(roomy, 200, 1)
	}
	gone := []event.Identity{{Type: "customerId", Value: "c7"}, {Type: "anonymousId", Value: "a9"}}
	anchors := []event.Anchor{gone[0].Anchor(), gone[1].Anchor()}
	files := New(w.volume, roomy)
	values, holders, err := files.Find(t.Context(), w.parts, anchors)
	require.NoError(t, err)
	require.ElementsMatch(t, gone, values)
	proven, err := files.Holders(t.Context(), w.parts, anchors)
	require.NoError(t, err)
	require.Equal(t, holders, proven)
	want := int64(0)
	for _, r := range w.rows {
		if r.anchor == uint64(anchors[0]) || r.anchor == uint64(anchors[1]) {
			want++
		}
	}
	require.Positive(t, want)
	n, err := files.Count(t.Context(), w.parts, anchors)
	require.NoError(t, err)
	require.Equal(t, want, n)

	// after they are removed from the identity table, no person has their number
	for _, a := range anchors {
		w.people.Remove(a)
	}
	w.rewrite(Options{GroupRows: 64, Memory: 1}, Without(anchors, values))
	w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return slices.Contains(anchors, event.Anchor(r.anchor)) })
	for i := range w.rows {
		e := &w.rows[i].event
		e.Identities = slices.DeleteFunc(slices.Clone(e.Identities), func(id event.Identity) bool { return slices.Contains(gone, id) })
	}
	for _, p := range w.parts {
		same(t, w.want(p.Month), rowsOf(t, p))
	}
	_, holders, err = files.Find(t.Context(), w.parts, anchors)
	require.NoError(t, err)
	require.Empty(t, holders)
	proven, err = files.Holders(t.Context(), w.parts, anchors)
	require.NoError(t, err)
	require.Empty(t, proven)
}

// A rewrite stops with its context, or with an error between two files, and leaves no files.
func TestRewritingStops(t *testing.T) {
	w := newWorld(t, 6)
	for range 3 {
		w.flush(roomy, 200, 1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	session := New(w.volume, roomy).At(w.view())
	_, err := session.Rewrite(ctx, w.parts, All, nil)
	require.ErrorIs(t, err, context.Canceled)
	broken := errors.New("broken")
	_, err = session.Rewrite(t.Context(), w.parts, All, func(context.Context) error { return broken })
	require.ErrorIs(t, err, broken)
	names, err := w.volume.List(w.volume.Path("data", "month=2026-01"))
	require.NoError(t, err)
	require.Len(t, names, 3)
}
