// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) pin(id string, ttl time.Duration) store.Pin {
	s.Helper()
	p, err := s.store.Pin(s.Context(), store.PinRequest{ID: id, TTL: ttl})
	require.NoError(s, err)
	return p
}

func (s *suite) pinGone(id string) {
	s.Helper()
	_, _, err := Collect(s.Context(), s.store, store.ScanRequest{Pin: id})
	require.ErrorIs(s, err, store.ErrSnapshotGone)
}

// pinnedRequests returns various scans.
func pinnedRequests() []store.ScanRequest {
	list := append(packedRequests()[:3], store.ScanRequest{By: "properties.id"}, store.ScanRequest{Columns: []string{store.ColumnIdentities}})
	for shard := range 3 {
		list = append(list, store.ScanRequest{Shard: shard, Shards: 3})
	}
	return list
}

// testPins: the rows of a pin do not change, whatever happens to the events and the persons.
func (s *suite) testPins() {
	s.crowd()
	var want [][]Row
	for _, r := range pinnedRequests() {
		want = append(want, s.scan(r))
	}
	before := s.state().Health.Snapshot
	p := s.pin("run", time.Hour)
	require.Equal(s, before, p.Snapshot)
	require.EqualValues(s, time.Hour.Microseconds(), p.Until-p.CreatedAt)
	check := func() {
		s.Helper()
		for i, r := range pinnedRequests() {
			r.Pin = "run"
			rows, snapshot, err := Collect(s.Context(), s.store, r)
			require.NoError(s, err)
			require.Equal(s, before, snapshot)
			require.Equal(s, want[i], rows, "%+v", r)
		}
		require.Equal(s, []store.Pin{p}, s.state().Pins)
		require.EqualValues(s, 1, s.state().Health.Pins)
		require.Equal(s, p.CreatedAt, s.state().Health.OldestPin)
	}
	check()
	s.append(happened("new", 3, customer("1"), customer("new")), happened("joins", 4, customer("2"), anon("3"), anon("4")))
	check()
	_, err := s.store.Split(s.Context(), store.SplitRequest{Identity: anon("3")})
	require.NoError(s, err)
	check()
	removed, err := s.store.Remove(s.Context(), store.RemoveRequest{Source: "till", Range: &store.TimeRange{From: start + 5*second, To: start + 20*second}})
	require.NoError(s, err)
	require.Positive(s, removed.Events)
	check()
	for _, before := range []int64{9, 15, 40} {
		_, err = s.store.Retain(s.Context(), time.UnixMicro(start+before*second))
		require.NoError(s, err)
		check()
		s.reopened()
		check()
		s.append(happened(fmt.Sprint("after ", before), 100, customer("2"), anon(fmt.Sprint(before))))
		check()
	}
	require.Len(s, s.scan(store.ScanRequest{}), 3, "whoever has no pin sees what retention has left")
	require.NoError(s, s.store.Unpin(s.Context(), "run"))
	require.NoError(s, s.store.Unpin(s.Context(), "run"), "ending it again does nothing")
	s.pinGone("run")
	require.Empty(s, s.state().Pins)
	require.Zero(s, s.state().Health.PinnedBytes, "nothing is held back for nobody")
	s.reopened()
	s.pinGone("run")
	require.Len(s, s.scan(store.ScanRequest{}), 3)
}

// testPinsOfARun: all pods of a run use the same id and read the same snapshot, which they can also name themselves.
func (s *suite) testPinsOfARun() {
	empty := s.pin("before everything", time.Hour)
	s.append(happened("1", 0, customer("a")))
	first := s.pin("run", time.Hour)
	s.append(happened("2", 1, customer("a")))
	require.Equal(s, first, s.pin("run", time.Minute), "it is not shortened")
	longer := s.pin("run", 2*time.Hour)
	require.Equal(s, first.Snapshot, longer.Snapshot)
	require.Equal(s, first.CreatedAt, longer.CreatedAt)
	require.Greater(s, longer.Until, first.Until)
	s.reopened()
	require.Equal(s, longer, s.pin("run", time.Minute))
	other := s.pin("other", time.Hour)
	require.EqualValues(s, 2, other.Seq)
	for _, c := range []struct {
		r    store.ScanRequest
		want int
	}{
		{store.ScanRequest{Pin: empty.ID}, 0},
		{store.ScanRequest{Pin: "run"}, 1},
		{store.ScanRequest{Pin: "run", AsOfSeq: first.Seq, IdentityVersion: first.IdentityVersion}, 1},
		{store.ScanRequest{Pin: "other"}, 2},
	} {
		require.Len(s, s.scan(c.r), c.want, "%+v", c.r)
	}
	for _, r := range []store.ScanRequest{
		{Pin: "run", AsOfSeq: other.Seq}, {Pin: "run", IdentityVersion: first.IdentityVersion + 1}, {Pin: "run", Shard: 1, Shards: 1},
	} {
		_, err := s.store.Scan(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, "%+v", r)
	}
	require.NoError(s, s.store.Unpin(s.Context(), "run"))
	require.Len(s, s.scan(store.ScanRequest{Pin: "other"}), 2)
	s.pinGone("run")
	s.pinGone("never")
}

// testPinsAndErasure: an erasure ends all pins, also of snapshots without the person, because the remaining rows would not be the snapshot.
func (s *suite) testPinsAndErasure() {
	s.append(happened("0", -10, customer("a")), happened("1", 0, customer("a"), anon("x")), happened("2", 1, customer("b")))
	p := s.pin("run", time.Hour)
	_, err := s.store.Retain(s.Context(), time.UnixMicro(start))
	require.NoError(s, err)
	require.Len(s, s.scan(store.ScanRequest{Pin: "run"}), 3)
	erased, err := s.store.Erase(s.Context(), customer("a"))
	require.NoError(s, err)
	require.EqualValues(s, 1, erased.Events, "what retention has removed is not counted again")
	check := func() {
		s.pinGone("run")
		require.Empty(s, s.state().Pins)
		require.Zero(s, s.state().Health.PinnedBytes)
		s.wantPersons([]string{"2"})
	}
	check()
	require.EqualValues(s, 1, s.state().Health.PinsEndedEarly)
	s.reopened()
	check()
	again := s.pin("run", time.Hour)
	require.Greater(s, again.IdentityVersion, p.IdentityVersion)
	require.Len(s, s.scan(store.ScanRequest{Pin: "run"}), 1)
	_, err = s.store.EraseIdentity(s.Context(), customer("b"))
	require.NoError(s, err)
	s.pinGone("run")
}

// testPinsEnd: a pin ends after its TTL, unless it is renewed.
func (s *suite) testPinsEnd() {
	if s.opts.Later == nil {
		s.Skip("the store has no clock of the test")
	}
	s.append(happened("1", -10, customer("a")), happened("2", 1, customer("a")))
	s.pin("short", time.Minute)
	s.pin("long", time.Hour)
	_, err := s.store.Retain(s.Context(), time.UnixMicro(start))
	require.NoError(s, err)
	s.opts.Later(s.T, s.store, 59*time.Second)
	s.pin("short", 2*time.Minute)
	s.opts.Later(s.T, s.store, 119*time.Second)
	require.Len(s, s.scan(store.ScanRequest{Pin: "short"}), 2)
	s.opts.Later(s.T, s.store, time.Second)
	s.pinGone("short")
	require.EqualValues(s, 1, s.state().Health.Pins)
	require.Len(s, s.scan(store.ScanRequest{Pin: "long"}), 2)
	s.reopened()
	s.opts.Later(s.T, s.store, time.Hour)
	s.pinGone("long")
	require.Zero(s, s.state().Health.Pins)
	require.Zero(s, s.state().Health.PinsEndedEarly)
	require.Len(s, s.scan(store.ScanRequest{Pin: s.pin("long", time.Hour).ID}), 1, "the id is free again")
	require.Equal(s, s.state().Pins[0].CreatedAt, s.state().Health.OldestPin)
}

// testPinsAreLimited: the number of pins and their TTL are limited, and errors name the limits.
func (s *suite) testPinsAreLimited() {
	for _, r := range []store.PinRequest{
		{TTL: time.Hour}, {ID: "a"}, {ID: "a", TTL: -time.Hour}, {ID: "a", TTL: store.MaxPinTTL + 1},
		{ID: strings.Repeat("a", event.MaxTextBytes+1), TTL: time.Hour},
	} {
		_, err := s.store.Pin(s.Context(), r)
		require.ErrorIs(s, err, store.ErrInvalid, "%s", r.TTL)
	}
	for i := range store.MaxPins {
		s.pin(fmt.Sprint(i), store.MaxPinTTL)
	}
	_, err := s.store.Pin(s.Context(), store.PinRequest{ID: "one more", TTL: time.Hour})
	require.ErrorIs(s, err, store.ErrUnavailable)
	require.ErrorContains(s, err, fmt.Sprint(store.MaxPins))
	s.pin("0", store.MaxPinTTL)
	require.NoError(s, s.store.Unpin(s.Context(), "7"))
	s.pin("one more", time.Hour)
	require.EqualValues(s, store.MaxPins, s.state().Health.Pins)
}

// pin pins the snapshot of both stores, or renews a pin.
func (w *walk) pin(t *rapid.T) {
	r := store.PinRequest{ID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "pin"), TTL: time.Hour}
	rows, snapshot, err := Collect(w.t.Context(), w.got, store.ScanRequest{})
	require.NoError(t, err)
	_, err = w.want.Pin(w.t.Context(), r)
	require.NoError(t, err)
	got, err := w.got.Pin(w.t.Context(), r)
	require.NoError(t, err)
	if _, there := w.pins[r.ID]; !there {
		require.Equal(t, snapshot, got.Snapshot)
		w.pins[r.ID] = rows
	}
}

func (w *walk) unpin(t *rapid.T) {
	id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "pin")
	require.NoError(t, w.want.Unpin(w.t.Context(), id))
	require.NoError(t, w.got.Unpin(w.t.Context(), id))
	delete(w.pins, id)
}

// endPins requires that all pins have ended.
func (w *walk) endPins(t *rapid.T) {
	for id := range w.pins {
		_, err := w.got.Scan(w.t.Context(), store.ScanRequest{Pin: id})
		require.ErrorIs(t, err, store.ErrSnapshotGone)
	}
	clear(w.pins)
}

// comparePins compares each pin with the rows at the time when it was created, with their persons.
func (w *walk) comparePins(t *rapid.T) {
	for _, id := range slices.Sorted(maps.Keys(w.pins)) {
		got, _, err := Collect(w.t.Context(), w.got, store.ScanRequest{Pin: id})
		require.NoError(t, err)
		require.Equal(t, w.pins[id], got, "pin %s", id)
	}
}
