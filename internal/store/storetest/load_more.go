// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// testLoadNextToAppends: an event that is appended before the commit counts before that of the load. Larger loads have several months and persons who
// are linked late.
func (s *suite) testLoadNextToAppends() {
	const n = 3000
	s.begin(store.LoadRequest{ID: "big"})
	want := map[string]bool{}
	for part := range int64(6) {
		var events []event.Event
		for i := part * n / 6; i < (part+1)*n/6; i++ {
			id := fmt.Sprintf("%05d", i)
			e := happened(id, int(i*3)*int(time.Hour/time.Second), anon(fmt.Sprint(i%97)))
			if i%10 == 9 {
				e.Identities = append(e.Identities, customer(fmt.Sprint(i%97)))
			}
			events, want[id] = append(events, e), true
		}
		s.part("big", part, events...)
		s.append(happened(fmt.Sprintf("%05d", part*100), 7, customer("live")))
	}
	loaded := s.commitLoad("big", 6)
	require.EqualValues(s, []int64{n - 6, 6}, []int64{loaded.Events, loaded.Duplicates})
	check := func() {
		s.Helper()
		groups := persons(s.scan(store.ScanRequest{}))
		require.Len(s, groups, 98)
		seen := 0
		for _, g := range groups {
			seen += len(g)
			if g[0] == "00000" {
				require.Equal(s, []string{"00000", "00100", "00200", "00300", "00400", "00500"}, g, "first receipts count")
			}
		}
		require.Equal(s, n, seen)
		require.EqualValues(s, 98, s.state().Health.Persons)
	}
	check()
	s.reopened()
	check()
}

// testLoadCrowd: a load with too many new identities is refused as a whole.
func (s *suite) testLoadCrowd() {
	if s.opts.Limited == nil {
		s.Skip("this store has no limit of identities")
	}
	limited := s.opts.Limited(s.T, 10)
	defer func() { require.NoError(s, limited.Close()) }()
	s = &suite{T: s.T, store: limited, opts: s.opts}
	var few, many []event.Event
	for i := range 20 {
		many = append(many, happened(fmt.Sprint("m", i), i, customer(fmt.Sprint(i))))
		few = append(few, happened(fmt.Sprint("f", i), i, customer(fmt.Sprint(i%5)), device(fmt.Sprint(i%2))))
	}
	s.begin(store.LoadRequest{ID: "many"})
	s.part("many", 0, many...)
	_, err := s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "many", Parts: 1})
	require.ErrorIs(s, err, store.ErrCrowded)
	require.Empty(s, s.scan(store.ScanRequest{}))
	_, err = s.store.Load(s.Context(), "many")
	require.ErrorIs(s, err, store.ErrLoadGone)
	s.load(store.LoadRequest{ID: "few"}, few[:4]...)
	require.Len(s, s.scan(store.ScanRequest{}), 4)
}

// testLoadInvalid: requests that change nothing.
func (s *suite) testLoadInvalid() {
	s.append(happened("1", 1, customer("a")))
	for want, r := range map[string]store.LoadRequest{
		"the id of a load has 0 bytes": {Source: "shop"},
		"names no source":              {ID: "x"},
		"replaces events of":           {ID: "x", Source: "shop", Replaces: &store.RemoveRequest{Source: "till", Import: "y"}},
		`import "y": source "shop"`:    {ID: "x", Source: "shop", Replaces: &store.RemoveRequest{Source: "shop", Import: "y"}},
		"the name of an import":        {ID: "x", Source: "shop", Import: string(make([]byte, store.MaxImportBytes+1))},
	} {
		_, err := s.store.BeginLoad(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, want)
		require.ErrorContains(s, err, want)
	}
	s.begin(store.LoadRequest{ID: "x", Import: "i"})
	_, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "x", Source: "till"})
	require.ErrorIs(s, err, store.ErrInvalid)
	_, err = s.store.LoadPart(s.Context(), "x", 1, nil)
	require.ErrorContains(s, err, "part 0 is next")
	other := happened("2", 1, customer("a"))
	other.Source = "till"
	_, err = s.store.LoadPart(s.Context(), "x", 0, []event.Event{other})
	require.ErrorIs(s, err, store.ErrInvalid)
	_, err = s.store.LoadPart(s.Context(), "x", 0, []event.Event{{ID: "no source"}})
	require.ErrorIs(s, err, store.ErrInvalid)
	s.part("x", 0, happened("2", 1, customer("a")))
	_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "x", Parts: 2})
	require.ErrorContains(s, err, "2 parts were sent, and 1 have arrived")
	_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "x", Parts: 1, Counters: store.Counters{Accepted: -1}})
	require.ErrorIs(s, err, store.ErrInvalid)
	require.EqualValues(s, 1, s.commitLoad("x", 1).Events)
	_, err = s.store.LoadPart(s.Context(), "x", 1, nil)
	require.ErrorContains(s, err, "takes no more parts")
	loaded := s.load(store.LoadRequest{ID: "empty"})
	require.Zero(s, loaded.Events)
}

// testLoadEnds: dropped loads, loads that wait for too long, and too many of them.
func (s *suite) testLoadEnds() {
	gone := func(id string) {
		s.Helper()
		_, err := s.store.Load(s.Context(), id)
		require.ErrorIs(s, err, store.ErrLoadGone)
		_, err = s.store.LoadPart(s.Context(), id, 0, nil)
		require.ErrorIs(s, err, store.ErrLoadGone)
		_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: id})
		require.ErrorIs(s, err, store.ErrLoadGone)
		require.NoError(s, s.store.EndLoad(s.Context(), id))
	}
	gone("never")
	for i := range store.MaxLoads {
		s.begin(store.LoadRequest{ID: fmt.Sprint(i)})
		s.part(fmt.Sprint(i), 0, happened("1", 1, customer("a")))
	}
	_, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "more", Source: "shop"})
	require.ErrorIs(s, err, store.ErrUnavailable)
	require.NoError(s, s.store.EndLoad(s.Context(), "0"))
	gone("0")
	s.begin(store.LoadRequest{ID: "more"})
	if s.opts.Later != nil {
		s.opts.Later(s.T, s.store, store.LoadIdle+time.Second)
		gone("more")
		s.begin(store.LoadRequest{ID: "more"})
	}
	s.part("more", 0, happened("1", 1, customer("a")))
	if s.opts.Reopen != nil {
		s.reopened()
		gone("more")
		s.begin(store.LoadRequest{ID: "more"})
		s.part("more", 0, happened("1", 1, customer("a")))
	}
	require.EqualValues(s, 1, s.commitLoad("more", 1).Events)
	s.wantPersons([]string{"1"})
}

// loadWalks compares a store into which events are loaded with one to which the same are appended.
func loadWalks(t *testing.T, open func(t *testing.T) store.Store, o Options) {
	walks := o.Walks
	if walks == 0 {
		walks = 50
	}
	draws.Check(t, walks, func(rt *rapid.T) {
		w := &loadWalk{removalWalk{t: t, opts: o, got: open(t), want: open(t)}}
		defer func() {
			require.NoError(rt, w.got.Close())
			require.NoError(rt, w.want.Close())
		}()
		for round := range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			for range rapid.IntRange(0, 4).Draw(rt, "batches") {
				b := w.draw(rt)
				w.both(rt, func(s store.Store) error {
					_, err := s.Append(t.Context(), b)
					return err
				})
			}
			w.load(rt, fmt.Sprint(round))
			if o.Reopen != nil && rapid.IntRange(0, 2).Draw(rt, "reopen") == 0 {
				w.got = o.Reopen(w.t, w.got)
			}
			w.compare(rt)
		}
	})
}

type loadWalk struct{ removalWalk }

func (w *loadWalk) both(t *rapid.T, call func(store.Store) error) {
	require.NoError(t, call(w.got))
	require.NoError(t, call(w.want))
}

// draw draws a batch, which can repeat earlier events with other identities.
func (w *loadWalk) draw(t *rapid.T) store.Batch {
	b := w.drawBatch(t)
	for _, old := range w.sent {
		if old.Source != b.Source {
			continue
		}
		for _, e := range old.Events {
			if rapid.IntRange(0, 9).Draw(t, "again") == 0 && len(e.Identities) > 0 {
				e.Identities = append([]event.Identity{drawIdentity(t)}, e.Identities...)
				b.Events = append(b.Events, e)
			}
		}
	}
	w.sent = append(w.sent, b)
	return b
}

// load loads a batch in parts into one store, and appends it to the other, in both cases with other changes in between.
func (w *loadWalk) load(t *rapid.T, id string) {
	b := w.draw(t)
	var replaces *store.RemoveRequest
	if rapid.IntRange(0, 2).Draw(t, "replaces") == 0 {
		r := drawRemoval(t)
		r.Source = b.Source
		if _, err := w.want.PlanRemoval(w.t.Context(), r); err == nil {
			replaces = &r
		}
	}
	_, err := w.got.BeginLoad(w.t.Context(), store.LoadRequest{ID: id, Source: b.Source, Import: b.Import, Trust: b.Trust, Replaces: replaces})
	require.NoError(t, err)
	parts := int64(0)
	for rest := b.Events; len(rest) > 0; parts++ {
		n := rapid.IntRange(1, len(rest)).Draw(t, "part")
		_, err := w.got.LoadPart(w.t.Context(), id, parts, rest[:n])
		require.NoError(t, err)
		rest = rest[n:]
	}
	live := w.draw(t)
	w.both(t, func(s store.Store) error {
		_, err := s.Append(w.t.Context(), live)
		return err
	})
	if rapid.IntRange(0, 2).Draw(t, "splits") == 0 {
		r := store.SplitRequest{Identity: drawIdentity(t)}
		_, wantErr := w.want.Split(w.t.Context(), r)
		_, err := w.got.Split(w.t.Context(), r)
		require.Equal(t, wantErr == nil, err == nil)
	}
	if rapid.IntRange(0, 3).Draw(t, "retains") == 0 {
		before := time.UnixMicro(start + rapid.Int64Range(-5, 20).Draw(t, "before")*second)
		w.both(t, func(s store.Store) error {
			_, err := s.Retain(w.t.Context(), before)
			return err
		})
	}
	if replaces != nil {
		_, err := w.want.Remove(w.t.Context(), *replaces)
		require.NoError(t, err)
	}
	loaded, err := w.got.CommitLoad(w.t.Context(), store.LoadCommit{ID: id, Parts: parts})
	require.NoError(t, err)
	appended, err := w.want.Append(w.t.Context(), b)
	require.NoError(t, err)
	require.Equal(t, [2]int64{appended.Expired, appended.Duplicates}, [2]int64{loaded.Expired, loaded.Duplicates})
}
