// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// LoadSecret is the secret of the suite's loads.
const LoadSecret = "the secret of all loads of the suite"

// mine names a load of the suite.
func mine(id string) store.LoadRef { return store.LoadRef{ID: id, Secret: LoadSecret} }

// begin begins a load of the source "shop".
func (s *suite) begin(r store.LoadRequest) {
	s.Helper()
	r.Source, r.Secret = "shop", LoadSecret
	_, err := s.store.BeginLoad(s.Context(), r)
	require.NoError(s, err)
}

func (s *suite) part(id string, part int64, events ...event.Event) store.LoadState {
	s.Helper()
	state, err := s.store.LoadPart(s.Context(), mine(id), part, events)
	require.NoError(s, err)
	return state
}

func (s *suite) commitLoad(id string, parts int64) store.Loaded {
	s.Helper()
	loaded, err := s.store.CommitLoad(s.Context(), store.LoadCommit{ID: id, Secret: LoadSecret, Parts: parts})
	require.NoError(s, err)
	return loaded
}

// load loads events in one part.
func (s *suite) load(r store.LoadRequest, events ...event.Event) store.Loaded {
	s.Helper()
	s.begin(r)
	s.part(r.ID, 0, events...)
	return s.commitLoad(r.ID, 1)
}

// testLoad loads in several parts, of which some are sent twice.
func (s *suite) testLoad() {
	s.append(happened("live", 50, customer("a")))
	s.begin(store.LoadRequest{ID: "one", Import: "history"})
	state := s.part("one", 0, happened("2", 20, customer("a"), device("d")), happened("1", 10, device("d")))
	require.Equal(s, store.LoadReceiving, state.Step)
	require.EqualValues(s, []int64{1, 2}, []int64{state.Next, state.Events})
	again, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "one", Secret: LoadSecret, Source: "shop", Import: "history"})
	require.NoError(s, err)
	require.EqualValues(s, 1, again.Next, "beginning again continues")
	require.EqualValues(s, 1, s.part("one", 0, happened("2", 20, customer("a"), device("d"))).Next, "a part that is sent twice counts once")
	s.part("one", 1, happened("3", 30, customer("b")))
	s.wantPersons([]string{"live"})
	require.EqualValues(s, 1, s.state().Health.Seq)

	loaded := s.commitLoad("one", 2)
	require.Equal(s, store.Loaded{Seq: 2, Events: 3}, loaded)
	check := func() {
		s.Helper()
		s.wantPersons([]string{"1", "2", "live"}, []string{"3"})
		require.EqualValues(s, 4, s.state().Health.Events)
		shop := s.source("shop")
		require.Equal(s, []store.ImportState{{ID: "history", Events: 3, FirstAt: shop.Imports[0].FirstAt, LastAt: shop.Imports[0].LastAt}}, shop.Imports)
		require.Equal(s, []int64{start + 10*second, start + 50*second}, []int64{shop.OldestEventTime, shop.NewestEventTime})
		require.Equal(s, loaded, s.commitLoad("one", 2), "the result is still known")
		state, err := s.store.Load(s.Context(), "one")
		require.NoError(s, err)
		require.Equal(s, store.LoadCommitted, state.Step)
	}
	check()
	s.reopened()
	check()
	require.EqualValues(s, 4, s.append(happened("1", 10, customer("a")), happened("2", 20, customer("a")), happened("3", 30, customer("a")), happened("live", 50, customer("a"))).Duplicates)
	removed := s.remove(store.RemoveRequest{Source: "shop", Import: "history"})
	require.EqualValues(s, 3, removed.Events)
	require.EqualValues(s, 3, removed.Keys)
	s.wantPersons([]string{"live"})
	s.reopened()
	s.wantPersons([]string{"live"})
}

// testLoadIsOneCommit: scans of commits before the load find none of it, and a pin from before does not change.
func (s *suite) testLoadIsOneCommit() {
	s.append(happened("a1", 1, anon("x")), happened("b1", 2, customer("b")))
	pinned, err := s.store.Pin(s.Context(), store.PinRequest{ID: "before", TTL: time.Hour})
	require.NoError(s, err)
	s.begin(store.LoadRequest{ID: "one"})
	for i := range int64(5) {
		s.part("one", i, happened(fmt.Sprint("a", i+2), int(i)+2, customer("a"), anon("x")), happened(fmt.Sprint("c", i), int(i), device("c")))
	}
	s.append(happened("b2", 3, customer("b")))
	loaded := s.commitLoad("one", 5)
	require.EqualValues(s, 3, loaded.Seq)
	s.append(happened("b3", 4, customer("b")))
	check := func() {
		s.Helper()
		require.Equal(s, [][]string{{"a1"}, {"b1", "b2"}}, persons(s.scan(store.ScanRequest{AsOfSeq: 2})))
		require.Equal(s, [][]string{{"a1"}, {"b1"}}, persons(s.scan(store.ScanRequest{Pin: "before"})))
		after := [][]string{{"a1", "a2", "a3", "a4", "a5", "a6"}, {"b1", "b2"}, {"c0", "c1", "c2", "c3", "c4"}}
		require.Equal(s, after, persons(s.scan(store.ScanRequest{AsOfSeq: loaded.Seq})))
		for _, r := range s.scan(store.ScanRequest{}) {
			if r.ID()[0] == 'c' {
				require.Equal(s, loaded.Seq, r[store.ColumnSeq])
			}
		}
	}
	check()
	require.EqualValues(s, 1, pinned.Seq)
	require.Len(s, s.scan(store.ScanRequest{}), 14)
}

// testLoadCounts: counters, duplicates and lateness.
func (s *suite) testLoadCounts() {
	s.append(happened("1", 100, customer("a")))
	before := s.source("shop")
	late := happened("2", 20, customer("a"))
	late.ReceivedAt = late.Time + 1000*time.Hour.Microseconds()
	lost := happened("3", 30, customer("a"))
	again := happened("3", 35, customer("z"))
	s.begin(store.LoadRequest{ID: "one", Import: "x"})
	s.part("one", 0, happened("1", 5, customer("z")), late, lost)
	s.part("one", 1, again, happened("4", 40, customer("b")))
	loaded, err := s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "one", Secret: LoadSecret, Parts: 2, Counters: store.Counters{Accepted: 5}})
	require.NoError(s, err)
	require.EqualValues(s, []int64{3, 2}, []int64{loaded.Events, loaded.Duplicates})
	s.wantPersons([]string{"2", "3", "1"}, []string{"4"})
	require.EqualValues(s, 2, s.state().Health.Persons, "z is not known: the events that name it were duplicates")
	shop := s.source("shop")
	require.Equal(s, before.NewestReceivedAt, shop.NewestReceivedAt)
	require.EqualValues(s, []int64{5, 2}, []int64{shop.Counters.Accepted, shop.Duplicates})
	require.EqualValues(s, []int64{3, 2}, []int64{shop.Imports[0].Events, shop.Imports[0].Duplicates})
	for _, r := range s.scan(store.ScanRequest{}) {
		require.LessOrEqual(s, r[store.ColumnReceivedAt].(int64)-r[store.ColumnTime].(int64), second, "no event is late")
	}
}

// testLoadReplaces removes the events of an earlier mapping in the same step.
func (s *suite) testLoadReplaces() {
	s.imported("wrong", happened("1", 1, customer("x"), device("d")), happened("2", 2, customer("x")))
	s.append(happened("3", 3, device("d")), happened("4", 4, customer("y")))
	before := s.state().Health.Snapshot
	request := store.LoadRequest{ID: "mended", Import: "right", Replaces: &store.RemoveRequest{Source: "shop", Import: "wrong"}}
	s.begin(request)
	s.begin(request)
	s.part("mended", 0, happened("1", 1, customer("y"), device("d")), happened("4", 4, customer("z")))
	s.wantPersons([]string{"1", "2", "3"}, []string{"4"})
	loaded := s.commitLoad("mended", 1)
	require.EqualValues(s, []int64{1, 1, 2}, []int64{loaded.Events, loaded.Duplicates, loaded.Removed})
	check := func() {
		s.Helper()
		s.wantPersons([]string{"1", "3", "4"})
		shop := s.source("shop")
		require.EqualValues(s, []int64{2, 0, 1}, []int64{shop.Removed, shop.Imports[1].Events, shop.Imports[0].Events})
		_, _, err := Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: before.Seq})
		require.ErrorIs(s, err, store.ErrSnapshotGone)
		_, _, err = Collect(s.Context(), s.store, store.ScanRequest{AsOfSeq: loaded.Seq - 1})
		require.ErrorIs(s, err, store.ErrSnapshotGone, "no scan finds neither")
		require.Len(s, s.scan(store.ScanRequest{AsOfSeq: loaded.Seq}), 3)
		s.begin(request)
		_, err = s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "mended", Secret: LoadSecret, Source: "shop", Import: "right"})
		require.ErrorIs(s, err, store.ErrInvalid)
	}
	check()
	s.reopened()
	check()
	require.EqualValues(s, 1, s.append(happened("1", 1, customer("y")), happened("2", 2, customer("y"))).Duplicates)
	s.reopened()
	s.wantPersons([]string{"1", "2", "3", "4"})
}

// testLoadAndErasure: erased persons do not return with a load, and an erasure ends a load with events of the person.
func (s *suite) testLoadAndErasure() {
	s.append(happened("1", 1, customer("a"), device("d")), happened("2", 2, customer("b")))
	_, err := s.store.Erase(s.Context(), customer("a"))
	require.NoError(s, err)
	loaded := s.load(store.LoadRequest{ID: "one"}, happened("3", 3, customer("a")), happened("4", 4, customer("b"), device("d")), happened("5", 5, device("d")))
	require.EqualValues(s, []int64{1, 2}, []int64{loaded.Events, loaded.Erased})
	s.wantPersons([]string{"2", "4"})

	s.begin(store.LoadRequest{ID: "others"})
	s.part("others", 0, happened("6", 6, customer("c")))
	s.begin(store.LoadRequest{ID: "two"})
	s.part("two", 0, happened("7", 7, customer("c")), happened("8", 8, customer("b"), anon("n")))
	_, err = s.store.Erase(s.Context(), customer("b"))
	require.NoError(s, err)
	_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "two", Secret: LoadSecret, Parts: 1})
	require.ErrorIs(s, err, store.ErrLoadGone)
	require.EqualValues(s, 1, s.commitLoad("others", 1).Events)
	s.wantPersons([]string{"6"})
	loaded = s.load(store.LoadRequest{ID: "two"}, happened("7", 7, customer("c")), happened("8", 8, customer("b"), anon("n")))
	require.EqualValues(s, []int64{1, 1}, []int64{loaded.Events, loaded.Erased})
	s.wantPersons([]string{"6", "7"})
	_, err = s.store.Erase(s.Context(), customer("c"))
	require.NoError(s, err)
	require.Empty(s, s.scan(store.ScanRequest{}), "loaded events are erased like others")
}

// testLoadRules: splits, retention and public sources.
func (s *suite) testLoadRules() {
	s.append(happened("1", 10, customer("a"), device("d")), happened("2", 20, device("e"), anon("x")))
	s.split(device("d"), customer("a"))
	_, err := s.store.Retain(s.Context(), time.UnixMicro(start+5*second))
	require.NoError(s, err)
	s.begin(store.LoadRequest{ID: "one", Trust: &store.Trust{Public: true}})
	s.part("one", 0, happened("3", 4, customer("a")), happened("4", 11, customer("a"), device("d")), happened("5", 12, device("d")), happened("6", 6, customer("b")))
	_, err = s.store.Retain(s.Context(), time.UnixMicro(start+8*second))
	require.NoError(s, err)
	loaded := s.commitLoad("one", 1)
	require.EqualValues(s, []int64{2, 2}, []int64{loaded.Events, loaded.Expired}, "one before and one after it was received")
	require.True(s, s.source("shop").Public)
	check := func() {
		s.Helper()
		s.wantPersons([]string{"1", "4"}, []string{"2"}, []string{"5"})
	}
	check()
	s.reopened()
	check()
	_, err = s.store.Retain(s.Context(), time.UnixMicro(start+12*second))
	require.NoError(s, err)
	s.wantPersons([]string{"2"}, []string{"5"})
}

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
	_, err := s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "many", Secret: LoadSecret, Parts: 1})
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
		r.Secret = LoadSecret
		_, err := s.store.BeginLoad(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, want)
		require.ErrorContains(s, err, want)
	}
	_, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "x", Source: "shop", Secret: "short"})
	require.ErrorContains(s, err, "a secret of 5 bytes")
	s.begin(store.LoadRequest{ID: "x", Import: "i"})
	_, err = s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "x", Secret: LoadSecret, Source: "till"})
	require.ErrorIs(s, err, store.ErrInvalid)
	year := &store.RemoveRequest{Source: "shop", Range: &store.TimeRange{From: start, To: start + second}}
	_, err = s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "x", Secret: LoadSecret, Source: "shop", Import: "i", Replaces: year})
	require.ErrorIs(s, err, store.ErrInvalid, "the load would commit without the removal")
	_, err = s.store.LoadPart(s.Context(), mine("x"), 1, nil)
	require.ErrorContains(s, err, "part 0 is next")
	other := happened("2", 1, customer("a"))
	other.Source = "till"
	_, err = s.store.LoadPart(s.Context(), mine("x"), 0, []event.Event{other})
	require.ErrorIs(s, err, store.ErrInvalid)
	_, err = s.store.LoadPart(s.Context(), mine("x"), 0, []event.Event{{ID: "no source"}})
	require.ErrorIs(s, err, store.ErrInvalid)
	s.part("x", 0, happened("2", 1, customer("a")))
	_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "x", Secret: LoadSecret, Parts: 2})
	require.ErrorContains(s, err, "2 parts were sent, and 1 have arrived")
	_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "x", Secret: LoadSecret, Parts: 1, Counters: store.Counters{Accepted: -1}})
	require.ErrorIs(s, err, store.ErrInvalid)
	require.EqualValues(s, 1, s.commitLoad("x", 1).Events)
	_, err = s.store.LoadPart(s.Context(), mine("x"), 1, nil)
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
		_, err = s.store.LoadPart(s.Context(), mine(id), 0, nil)
		require.ErrorIs(s, err, store.ErrLoadGone)
		_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: id, Secret: LoadSecret})
		require.ErrorIs(s, err, store.ErrLoadGone)
		require.NoError(s, s.store.EndLoad(s.Context(), mine(id)))
	}
	gone("never")
	for i := range store.MaxLoads {
		s.begin(store.LoadRequest{ID: fmt.Sprint(i)})
		s.part(fmt.Sprint(i), 0, happened("1", 1, customer("a")))
	}
	_, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "more", Secret: LoadSecret, Source: "shop"})
	require.ErrorIs(s, err, store.ErrUnavailable)
	require.NoError(s, s.store.EndLoad(s.Context(), mine("0")))
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

// testLoadSecret: only who has begun a load can change it, and everybody can see it.
func (s *suite) testLoadSecret() {
	if s.opts.Admin {
		s.Skip("an administrator needs no secret")
	}
	s.begin(store.LoadRequest{ID: "one"})
	s.part("one", 0, happened("1", 1, customer("a")))
	for _, secret := range []string{"", LoadSecret + "?", LoadSecret[1:]} {
		other := store.LoadRef{ID: "one", Secret: secret}
		_, err := s.store.LoadPart(s.Context(), other, 1, []event.Event{happened("2", 2, customer("a"))})
		require.ErrorIs(s, err, store.ErrUnauthorized)
		_, err = s.store.LoadPart(s.Context(), other, 0, nil)
		require.ErrorIs(s, err, store.ErrUnauthorized, "a part that the store has")
		_, err = s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "one", Secret: secret, Parts: 1})
		require.ErrorIs(s, err, store.ErrUnauthorized)
		require.ErrorIs(s, s.store.EndLoad(s.Context(), other), store.ErrUnauthorized)
	}
	_, err := s.store.BeginLoad(s.Context(), store.LoadRequest{ID: "one", Source: "shop", Secret: LoadSecret + "?"})
	require.ErrorIs(s, err, store.ErrUnauthorized)
	state, err := s.store.Load(s.Context(), "one")
	require.NoError(s, err)
	require.Equal(s, store.LoadState{ID: "one", Source: "shop", Step: store.LoadReceiving, Next: 1, Events: 1, Bytes: state.Bytes}, state)
	loaded := s.commitLoad("one", 1)
	again, err := s.store.CommitLoad(s.Context(), store.LoadCommit{ID: "one", Parts: 1})
	require.NoError(s, err, "what is committed no longer changes")
	require.Equal(s, loaded, again)
	s.wantPersons([]string{"1"})
}
