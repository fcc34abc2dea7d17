// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// walk performs the same operations on two stores: the one under test and the reference.
type walk struct {
	t         *testing.T
	opts      Options
	got, want store.Store
	sent      []event.Event
	seq       int64
	// fixed is the oldest seq whose persons the store must know. Erasure and reopening can forget older ones.
	fixed int64
	// pins are the rows that were there when a snapshot was pinned.
	pins map[string][]Row
}

// randomWalks compares the store with the reference after random appends, redeliveries, erasures, retentions and reopenings.
func randomWalks(t *testing.T, open func(t *testing.T) store.Store, o Options) {
	draws.Check(t, o.walks(), func(rt *rapid.T) {
		w := &walk{t: t, opts: o, got: open(t), want: memory.New(identity.NewPolicy(nil)), pins: map[string][]Row{}}
		defer func() { require.NoError(rt, w.got.Close()) }()
		actions := map[string]func(*rapid.T){
			"append": w.append, "append more": w.append, "redeliver": w.redeliver, "scan": w.scan,
			"erase": w.erase, "erase identity": w.eraseIdentity, "split": w.split, "retain": w.retain, "remove": w.remove,
			"pin": w.pin, "unpin": w.unpin, "": w.check,
		}
		if o.Reopen != nil {
			actions["reopen"] = w.reopen
		}
		rt.Repeat(actions)
	})
}

func drawIdentity(t *rapid.T) event.Identity {
	typ := rapid.SampledFrom([]string{"customerId", "email", "deviceId", "till", "anonymousId"}).Draw(t, "type")
	return event.Identity{Type: typ, Value: strconv.Itoa(rapid.IntRange(0, 6).Draw(t, "value"))}
}

func (w *walk) append(t *rapid.T) {
	var events []event.Event
	for range rapid.IntRange(1, 8).Draw(t, "events") {
		e := happened(fmt.Sprintf("%03d", len(w.sent)+len(events)), rapid.IntRange(0, 50).Draw(t, "time"), drawIdentity(t))
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			e.Identities = append(e.Identities, drawIdentity(t))
		}
		e.Kind = rapid.SampledFrom([]event.Kind{event.Track, event.Track, event.Identify, event.Alias}).Draw(t, "kind")
		e.Source, e.MappingGeneration = rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "source"), rapid.Int64Range(1, 3).Draw(t, "generation")
		if len(events) > 0 {
			e.Source = events[0].Source
		}
		if rapid.IntRange(0, 5).Draw(t, "nobody") == 0 {
			e.Kind, e.Identities, e.Flags = event.Track, nil, event.FlagUnidentified
		}
		events = append(events, e)
	}
	w.sent = append(w.sent, events...)
	w.send(t, events)
}

// redeliver sends events again in another order and later, with one more identity, which can be stronger.
func (w *walk) redeliver(t *rapid.T) {
	if len(w.sent) == 0 {
		t.Skip("nothing was sent")
	}
	first := rapid.SampledFrom(w.sent).Draw(t, "event")
	var events []event.Event
	for _, e := range w.sent {
		if e.Source == first.Source && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
			e.Time += rapid.Int64Range(0, 3).Draw(t, "later")
			e.ReceivedAt += second
			if e.Flags&event.FlagUnidentified == 0 {
				more := rapid.SampledFrom([]event.Identity{anon("9"), customer("9")}).Draw(t, "with one more")
				e.Identities = append(slices.Clone(e.Identities), more)
			}
			events = append(events, e)
		}
	}
	slices.Reverse(events)
	w.send(t, append(events, first))
}

func (w *walk) send(t *rapid.T, events []event.Event) {
	b := store.Batch{Source: events[0].Source, Events: events, Counters: store.Counters{Accepted: int64(len(events))}}
	b.Import = rapid.SampledFrom([]string{"", "", "x", "y"}).Draw(t, "import")
	if rapid.IntRange(0, 3).Draw(t, "says how far it is trusted") == 0 {
		b.Trust = &store.Trust{Public: rapid.Bool().Draw(t, "public")}
	}
	got, err := w.got.Append(w.t.Context(), b)
	require.NoError(t, err)
	want, err := w.want.Append(w.t.Context(), b)
	require.NoError(t, err)
	require.Equal(t, want, got)
	w.seq = got.Seq
}

func (w *walk) erase(t *rapid.T) {
	id := drawIdentity(t)
	got, err := w.got.Erase(w.t.Context(), id)
	require.NoError(t, err)
	want, err := w.want.Erase(w.t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, want.Events, got.Events)
	w.fixed = w.seq
	w.endPins(t)
}

func (w *walk) eraseIdentity(t *rapid.T) {
	id := drawIdentity(t)
	got, err := w.got.EraseIdentity(w.t.Context(), id)
	require.NoError(t, err)
	want, err := w.want.EraseIdentity(w.t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, want.Events, got.Events)
	require.Equal(t, want.Identities, got.Identities)
	w.fixed = w.seq
	w.endPins(t)
}

// split splits an identity, or undoes a split.
func (w *walk) split(t *rapid.T) {
	r := store.SplitRequest{Identity: drawIdentity(t), Undo: rapid.IntRange(0, 3).Draw(t, "undo") == 0}
	if rapid.Bool().Draw(t, "from") {
		if other := drawIdentity(t); other != r.Identity {
			r.From = &other
		}
	} else {
		r.Shared = rapid.Bool().Draw(t, "shared")
	}
	want, wantErr := w.want.Split(w.t.Context(), r)
	got, err := w.got.Split(w.t.Context(), r)
	require.Equal(t, errors.Is(wantErr, store.ErrInvalid), errors.Is(err, store.ErrInvalid), "%v, %v", wantErr, err)
	// The versions differ, because the reference was never reopened.
	want.VersionBefore, want.IdentityVersion, got.VersionBefore, got.IdentityVersion = 0, 0, 0, 0
	require.Equal(t, want, got)
}

func (w *walk) retain(t *rapid.T) {
	before := time.UnixMicro(start + rapid.Int64Range(-5, 20).Draw(t, "before")*second)
	got, err := w.got.Retain(w.t.Context(), before)
	require.NoError(t, err)
	want, err := w.want.Retain(w.t.Context(), before)
	require.NoError(t, err)
	require.Equal(t, want.Events, got.Events)
}

// remove removes events, which the next redelivery can bring back.
func (w *walk) remove(t *rapid.T) {
	r := drawRemoval(t)
	want, wantErr := w.want.Remove(w.t.Context(), r)
	got, err := w.got.Remove(w.t.Context(), r)
	require.Equal(t, errors.Is(wantErr, store.ErrInvalid), errors.Is(err, store.ErrInvalid), "%v, %v", wantErr, err)
	if err != nil {
		require.ErrorIs(t, err, store.ErrInvalid)
		return
	}
	require.Equal(t, want.Events, got.Events)
	require.Equal(t, want.Seq, got.Seq)
	require.Equal(t, want.Identities, got.Identities)
	if w.seq = got.Seq; got.Events > 0 {
		w.fixed = got.Seq
	}
}

func (w *walk) reopen(*rapid.T) {
	w.got = w.opts.Reopen(w.t, w.got)
	w.fixed = w.seq
}

// scan compares the results of a random request.
func (w *walk) scan(t *rapid.T) {
	r := store.ScanRequest{
		From: start + rapid.Int64Range(0, 30).Draw(t, "from")*second, To: start + rapid.Int64Range(30, 60).Draw(t, "to")*second,
		AsOfSeq: rapid.Int64Range(0, w.seq).Draw(t, "seq"),
	}
	if rapid.Bool().Draw(t, "one source") {
		r.Sources = []string{"till"}
	}
	w.compare(t, r)
	w.comparePins(t)
}

// check compares all rows.
func (w *walk) check(t *rapid.T) {
	w.compare(t, store.ScanRequest{})
	got, err := w.got.State(w.t.Context())
	require.NoError(t, err)
	want, err := w.want.State(w.t.Context())
	require.NoError(t, err)
	count := func(s store.State) [7]int64 {
		return [7]int64{s.Health.Seq, s.Health.Events, s.Health.Persons, s.Health.Hubs, s.Health.RefusedMerges, s.Health.RefusedPublic, s.Health.Pins}
	}
	require.Equal(t, count(want), count(got), "seq, events, persons, hubs, refused merges, refused public links, pins")
	require.Len(t, got.Sources, len(want.Sources))
	for i := range want.Sources {
		require.Equal(t, want.Sources[i].Counters, got.Sources[i].Counters)
		require.Equal(t, want.Sources[i].Public, got.Sources[i].Public)
		require.Equal(t, want.Sources[i].NewestEventTime, got.Sources[i].NewestEventTime)
		require.Equal(t, want.Sources[i].OldestEventTime, got.Sources[i].OldestEventTime)
	}
}

func (w *walk) compare(t *rapid.T, r store.ScanRequest) {
	want, _, err := Collect(w.t.Context(), w.want, r)
	if errors.Is(err, store.ErrSnapshotGone) {
		return
	}
	require.NoError(t, err)
	got, _, err := Collect(w.t.Context(), w.got, r)
	if errors.Is(err, store.ErrSnapshotGone) && r.AsOfSeq > 0 && r.AsOfSeq < w.fixed {
		return
	}
	require.NoError(t, err)
	require.Equal(t, persons(want), persons(got), "%+v", r)
}

// loadWalks compares a store into which events are loaded with one to which the same are appended.
func loadWalks(t *testing.T, open func(t *testing.T) store.Store, o Options) {
	draws.Check(t, o.walks(), func(rt *rapid.T) {
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
	_, err := w.got.BeginLoad(w.t.Context(), store.LoadRequest{ID: id, Secret: LoadSecret, Source: b.Source, Import: b.Import, Trust: b.Trust, Replaces: replaces})
	require.NoError(t, err)
	parts := int64(0)
	for rest := b.Events; len(rest) > 0; parts++ {
		n := rapid.IntRange(1, len(rest)).Draw(t, "part")
		_, err := w.got.LoadPart(w.t.Context(), mine(id), parts, rest[:n])
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
	loaded, err := w.got.CommitLoad(w.t.Context(), store.LoadCommit{ID: id, Secret: LoadSecret, Parts: parts})
	require.NoError(t, err)
	appended, err := w.want.Append(w.t.Context(), b)
	require.NoError(t, err)
	require.Equal(t, [2]int64{appended.Expired, appended.Duplicates}, [2]int64{loaded.Expired, loaded.Duplicates})
}
