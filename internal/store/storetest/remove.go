// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// imported sends events of the source "shop" in an import.
func (s *suite) imported(name string, events ...event.Event) store.Appended {
	s.Helper()
	a, err := s.store.Append(s.Context(), store.Batch{Source: "shop", Events: events, Import: name, Counters: store.Counters{Accepted: int64(len(events))}})
	require.NoError(s, err)
	return a
}

func (s *suite) remove(r store.RemoveRequest) store.Removed {
	s.Helper()
	plan, err := s.store.PlanRemoval(s.Context(), r)
	require.NoError(s, err)
	r.Through = plan.Through
	removed, err := s.store.Remove(s.Context(), r)
	require.NoError(s, err)
	require.Equal(s, plan.Events, removed.Events)
	return removed
}

// testRemoveImport removes a wrong import with the links that it created, and appends the right one.
func (s *suite) testRemoveImport() {
	s.append(happened("1", 10, customer("a"), device("d")), happened("2", 11, customer("b"), device("e")))
	s.imported("wrong", happened("3", 5, customer("b"), device("d")), happened("4", 6, customer("c"), device("e")))
	s.append(happened("5", 12, device("d")))
	s.imported("wrong", happened("6", 7, customer("c")), happened("1", 10, customer("a")))
	s.wantPersons([]string{"1"}, []string{"3", "2", "5"}, []string{"4", "6"})
	before := s.state().Health
	require.Equal(s, start+5*second, s.source("shop").OldestEventTime)

	plan, err := s.store.PlanRemoval(s.Context(), store.RemoveRequest{Source: "shop", Import: "wrong"})
	require.NoError(s, err)
	plan.Files = 0 // only some stores have files
	require.Equal(s, store.RemovalPlan{Through: 4, Events: 3, Oldest: start + 5*second, Newest: start + 7*second, Persons: 2}, plan)
	require.Equal(s, before.Snapshot, s.state().Health.Snapshot, "a plan changes nothing")

	removed := s.remove(store.RemoveRequest{Source: "shop", Import: "wrong"})
	require.Equal(s, int64(5), removed.Seq)
	require.EqualValues(s, 3, removed.Keys)
	require.EqualValues(s, 3, removed.Identities, "c, and the links of b with d and of c with e")
	check := func() {
		s.Helper()
		s.wantPersons([]string{"1", "5"}, []string{"2"})
		health := s.state().Health
		require.EqualValues(s, []int64{5, 3, 2}, []int64{health.Seq, health.Events, health.Persons})
		require.EqualValues(s, []int64{4, 2}, []int64{health.Identities, health.IdentityLinks})
		shop := s.source("shop")
		require.EqualValues(s, []int64{3, 1, 4}, []int64{shop.Removed, shop.Duplicates, shop.Counters.Accepted}, "what was counted stays counted")
		require.Equal(s, []int64{start + 10*second, start + 12*second}, []int64{shop.OldestEventTime, shop.NewestEventTime})
		require.Equal(s, "wrong", shop.Imports[0].ID)
		require.Zero(s, shop.Imports[0].Events)
	}
	check()
	s.reopened()
	check()
	require.Equal(s, store.Removed{Seq: 5, IdentityVersion: s.state().Health.IdentityVersion}, s.remove(store.RemoveRequest{Source: "shop", Import: "wrong"}))

	again := s.imported("right", happened("3", 5, customer("a"), device("d")), happened("2", 11, customer("b")), happened("6", 7, customer("c")))
	require.Equal(s, store.Appended{Seq: 6, Duplicates: 1}, again, "removed events are accepted again, others are known")
	s.wantPersons([]string{"2"}, []string{"3", "1", "5"}, []string{"6"})
	s.reopened()
	require.EqualValues(s, 2, s.append(happened("3", 5, customer("a")), happened("5", 12, device("d"))).Duplicates)
}

// testRemoveRange removes by time, and only from one source.
func (s *suite) testRemoveRange() {
	other := happened("o", 3, customer("a"))
	other.Source = "till"
	s.append(happened("1", 1, customer("a")), happened("2", 2, customer("a")), happened("3", 3, customer("a")), happened("4", 4, customer("a")))
	s.append(other)
	r := store.RemoveRequest{Source: "shop", Range: &store.TimeRange{From: start + 2*second, To: start + 4*second}}
	plan, err := s.store.PlanRemoval(s.Context(), r)
	require.NoError(s, err)
	s.append(happened("5", 3, customer("b")))
	r.Through = plan.Through
	removed, err := s.store.Remove(s.Context(), r)
	require.NoError(s, err)
	require.EqualValues(s, 2, removed.Events, "not the event that came after the plan")
	s.wantPersons([]string{"1", "o", "4"}, []string{"5"})
	s.reopened()
	s.wantPersons([]string{"1", "o", "4"}, []string{"5"})
	r.Through = 0
	require.EqualValues(s, 1, s.remove(r).Events)
	s.wantPersons([]string{"1", "o", "4"})
}

// testRemoveGeneration removes the events of earlier mappings of this TouchpointSource, but not of an earlier one with the same name.
func (s *suite) testRemoveGeneration() {
	mapped := func(uid string, generation int64, id string, at int) {
		e := happened(id, at, customer("a"))
		e.MappingGeneration = generation
		_, err := s.store.Append(s.Context(), store.Batch{Source: "shop", Events: []event.Event{e}, Trust: &store.Trust{UID: uid, Generation: generation}})
		require.NoError(s, err)
	}
	for i, uid := range []string{"old", "new"} {
		for g := range 3 {
			mapped(uid, int64(g+1), fmt.Sprint(uid, g+1), 10*i+g)
		}
	}
	s.reopened()
	require.EqualValues(s, 2, s.remove(store.RemoveRequest{Source: "shop", Generation: &store.Generations{Generation: 3, Before: true}}).Events)
	s.wantPersons([]string{"old1", "old2", "old3", "new3"})
	require.EqualValues(s, 1, s.remove(store.RemoveRequest{Source: "shop", Generation: &store.Generations{UID: "old", Generation: 2}}).Events)
	s.wantPersons([]string{"old1", "old3", "new3"})
	mapped("new", 4, "new1", 10)
	s.wantPersons([]string{"old1", "old3", "new1", "new3"})
}

// testRemoveSnapshots: commits before a removal can no longer be read. A scan that has started continues.
func (s *suite) testRemoveSnapshots() {
	for i := range 50 {
		s.imported("x", happened(fmt.Sprintf("%02d", i), i, customer(fmt.Sprint(i%7))))
	}
	s.append(happened("live", 90, customer("0")))
	before := s.state().Health.Snapshot
	running, err := s.store.Scan(s.Context(), store.ScanRequest{})
	require.NoError(s, err)
	removed := s.remove(store.RemoveRequest{Source: "shop", Import: "x"})
	rows, err := readRows(running, store.ScanRequest{})
	require.NoError(s, err)
	require.Len(s, rows, 51)
	require.NoError(s, running.Close())
	check := func() {
		s.Helper()
		_, _, err = Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: before.Seq})
		require.ErrorIs(s, err, store.ErrSnapshotGone)
		_, _, err = Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: before.Seq, IdentityVersion: removed.IdentityVersion})
		require.ErrorIs(s, err, store.ErrSnapshotGone)
		require.Len(s, s.scan(store.ScanRequest{AsOfSeq: removed.Seq}), 1)
	}
	check()
	s.reopened()
	check()
	s.append(happened("next", 91, customer("0")))
	require.Len(s, s.scan(store.ScanRequest{AsOfSeq: removed.Seq}), 1)
	require.Len(s, s.scan(store.ScanRequest{}), 2)
}

// testRemoveInvalid: requests with too few or too many conditions, or with unknown names.
func (s *suite) testRemoveInvalid() {
	s.imported("x", happened("1", 1, customer("a")))
	times := &store.TimeRange{From: 0, To: 1}
	for want, r := range map[string]store.RemoveRequest{
		"names no source":                                {Import: "x"},
		"this one has 0":                                 {Source: "shop"},
		"this one has 2":                                 {Source: "shop", Import: "x", Range: times},
		"from 1 is not before to 1":                      {Source: "shop", Range: &store.TimeRange{From: 1, To: 1}},
		"generations start at 1":                         {Source: "shop", Generation: &store.Generations{}},
		"seq 9 does not exist":                           {Source: "shop", Import: "x", Through: 9},
		`import "y": source "shop" has none`:             {Source: "shop", Import: "y"},
		`the latest are "x"`:                             {Source: "shop", Import: "z"},
		`source "tills": the store has received nothing`: {Source: "tills", Range: times},
		`uid "u"`: {Source: "shop", Generation: &store.Generations{UID: "u", Generation: 1}},
	} {
		_, err := s.store.PlanRemoval(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, want)
		require.ErrorContains(s, err, want)
		_, err = s.store.Remove(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, want)
	}
	_, err := s.store.Append(s.Context(), store.Batch{Source: "shop", Events: []event.Event{happened("2", 1)}, Import: string(make([]byte, store.MaxImportBytes+1))})
	require.ErrorIs(s, err, store.ErrInvalid)
	s.wantPersons([]string{"1"})
}

// removalWalks compares stores from which events were removed with stores that never got these events.
func removalWalks(t *testing.T, open func(t *testing.T) store.Store, o Options) {
	draws.Check(t, o.walks(), func(rt *rapid.T) {
		w := &removalWalk{t: t, opts: o, got: open(t), want: open(t)}
		defer func() {
			require.NoError(rt, w.got.Close())
			require.NoError(rt, w.want.Close())
		}()
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			for range rapid.IntRange(1, 8).Draw(rt, "batches") {
				w.append(rt)
			}
			if o.Reopen != nil && rapid.IntRange(0, 3).Draw(rt, "reopen") == 0 {
				w.got = o.Reopen(w.t, w.got)
			}
			w.remove(rt)
		}
	})
}

type removalWalk struct {
	t         *testing.T
	opts      Options
	got, want store.Store
	n         int
	// sent to the store under test, and never again to either store
	sent []store.Batch
	kept int
}

// append draws a batch. The store under test gets it at once, and the other store when it is known whether it is removed.
func (w *removalWalk) append(t *rapid.T) {
	b := w.drawBatch(t)
	_, err := w.got.Append(w.t.Context(), b)
	require.NoError(t, err)
	w.sent = append(w.sent, b)
}

// drawBatch draws a batch of new events.
func (w *removalWalk) drawBatch(t *rapid.T) store.Batch {
	b := store.Batch{
		Source: rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "source"),
		Import: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "import"),
	}
	if rapid.IntRange(0, 3).Draw(t, "trust") == 0 {
		b.Trust = &store.Trust{Public: rapid.Bool().Draw(t, "public")}
	}
	for range rapid.IntRange(1, 6).Draw(t, "events") {
		e := happened(fmt.Sprintf("%03d", w.n), rapid.IntRange(0, 50).Draw(t, "time"))
		w.n++
		for range rapid.IntRange(0, 3).Draw(t, "identities") {
			e.Identities = append(e.Identities, drawIdentity(t))
		}
		e.Source, e.MappingGeneration = b.Source, rapid.Int64Range(1, 3).Draw(t, "generation")
		e.Kind = rapid.SampledFrom([]event.Kind{event.Track, event.Track, event.Identify, event.Alias, event.System}).Draw(t, "kind")
		e.Flags = rapid.SampledFrom([]event.Flags{0, 0, 0, event.FlagFuture, event.FlagOwn}).Draw(t, "flags")
		if len(e.Identities) == 0 {
			e.Kind, e.Flags = event.Track, event.FlagUnidentified
		}
		b.Events = append(b.Events, e)
	}
	return b
}

// remove removes events from the store under test, and compares it with the store that never got them. Then both get them.
func (w *removalWalk) remove(t *rapid.T) {
	r := drawRemoval(t)
	removed := func(b *store.Batch, e *event.Event) bool {
		switch g := r.Generation; {
		case r.Range != nil:
			return e.Time >= r.Range.From && e.Time < r.Range.To
		case g != nil:
			return e.MappingGeneration == g.Generation && !g.Before || e.MappingGeneration < g.Generation && g.Before
		}
		return b.Import == r.Import
	}
	_, err := w.got.Remove(w.t.Context(), r)
	if err != nil {
		require.ErrorIs(t, err, store.ErrInvalid, "the source has sent nothing, or not in this import")
	}
	var gone []store.Batch
	for i, b := range w.sent {
		rest := store.Batch{Source: b.Source, Import: b.Import}
		events := b.Events
		b.Events = nil
		for _, e := range events {
			if b.Source == r.Source && removed(&b, &e) {
				rest.Events = append(rest.Events, e)
			} else {
				b.Events = append(b.Events, e)
			}
		}
		if len(rest.Events) > 0 {
			gone = append(gone, rest)
		}
		if i < w.kept {
			continue
		}
		_, err := w.want.Append(w.t.Context(), b)
		require.NoError(t, err)
	}
	if w.kept == 0 {
		w.compare(t)
	}
	for _, b := range gone {
		got, err := w.got.Append(w.t.Context(), b)
		require.NoError(t, err)
		require.Zero(t, got.Duplicates)
		_, err = w.want.Append(w.t.Context(), b)
		require.NoError(t, err)
	}
	w.kept = len(w.sent)
	w.compare(t)
}

func drawRemoval(t *rapid.T) store.RemoveRequest {
	r := store.RemoveRequest{Source: rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "of")}
	switch rapid.IntRange(0, 2).Draw(t, "by") {
	case 0:
		r.Range = &store.TimeRange{From: start + rapid.Int64Range(0, 25).Draw(t, "from")*second, To: start + rapid.Int64Range(26, 60).Draw(t, "to")*second}
	case 1:
		r.Import = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "undone")
	default:
		r.Generation = &store.Generations{Generation: rapid.Int64Range(1, 3).Draw(t, "mapping"), Before: rapid.Bool().Draw(t, "before")}
	}
	return r
}

func (w *removalWalk) compare(t *rapid.T) {
	want, _, err := Collect(w.t.Context(), w.want, store.ScanRequest{})
	require.NoError(t, err)
	got, _, err := Collect(w.t.Context(), w.got, store.ScanRequest{})
	require.NoError(t, err)
	require.Equal(t, eventsByPerson(want), eventsByPerson(got))
	wantState, err := w.want.State(w.t.Context())
	require.NoError(t, err)
	gotState, err := w.got.State(w.t.Context())
	require.NoError(t, err)
	count := func(h store.Health) [7]int64 {
		return [7]int64{h.Events, h.Persons, h.Hubs, h.RefusedMerges, h.RefusedPublic, h.Identities, h.IdentityLinks}
	}
	require.Equal(t, count(wantState.Health), count(gotState.Health), "events, persons, hubs, refused merges, refused public links, identities, links")
	times := func(s store.State) map[string][2]int64 {
		out := map[string][2]int64{}
		for _, src := range s.Sources {
			if src.OldestEventTime != 0 || src.NewestEventTime != 0 {
				out[src.Name] = [2]int64{src.OldestEventTime, src.NewestEventTime}
			}
		}
		return out
	}
	require.Equal(t, times(wantState), times(gotState))
}

// eventsByPerson returns the events of each person. The numbers of persons are anchors, which do not depend on commits.
func eventsByPerson(rows []Row) map[uint64][]string {
	out := map[uint64][]string{}
	for _, r := range rows {
		out[r.Person()] = append(out[r.Person()], r.ID())
	}
	for _, ids := range out {
		// the order of simultaneous events depends on commits, which differ
		slices.Sort(ids)
	}
	return out
}
