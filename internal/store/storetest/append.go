// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) testOrder() {
	require.Zero(s, s.state().Health.Seq)
	require.Empty(s, s.scan(store.ScanRequest{}))
	first := s.append(happened("b", 20, customer("1")), happened("d", 30, customer("1")), happened("x", 5, customer("2")))
	second := s.append(happened("a", 10, customer("1")), happened("c", 20, customer("1")), happened("e", 30, customer("1")))
	require.Equal(s, store.Appended{Seq: 1}, first)
	require.Equal(s, store.Appended{Seq: 2}, second)
	check := func() {
		s.wantPersons([]string{"a", "b", "c", "d", "e"}, []string{"x"})
		health := s.state().Health
		require.EqualValues(s, 6, health.Events)
		require.EqualValues(s, 2, health.Persons)
		require.EqualValues(s, 2, health.Seq)
	}
	check()
	s.reopened()
	check()
	require.EqualValues(s, 3, s.append(happened("f", 40, customer("1"))).Seq)
}

func (s *suite) testAllColumns() {
	full := happened("full", 0, customer("1"))
	full.Channel, full.Kind, full.Initiator, full.Name = "store", event.Identify, event.Brand, "Grüße – 订单 \"x\""
	full.Traits, full.Groups = []byte(`{"segment":"ä","n":1.5}`), []byte(`{"company":"acme"}`)
	full.SessionID, full.OrderID, full.Items = "s-1", "o-1", []byte(`[{"sku":"1","price":9.5}]`)
	full.Amount, full.Currency = -1_250_000, "EUR"
	full.Survey = event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000}
	full.Flags = event.FlagTest | event.FlagBot
	full.Properties = []byte(`{"id":"full","deep":{"a":[1,2,{"b":null}]},"quote":"'\"\\"}`)
	bare := event.Event{ID: "bare", Source: "shop", Time: start + 1, ReceivedAt: start, Identities: full.Identities}
	s.append(full, bare)
	check := func() {
		rows := s.scan(store.ScanRequest{})
		require.Len(s, rows, 2)
		require.Equal(s, Row{
			"person": rows[1].Person(), "time": start, "seq": int64(1), "index": rows[0]["index"], "source": "shop", "channel": "store",
			"kind": uint8(event.Identify), "initiator": uint8(event.Brand), "event": full.Name, "receivedAt": start + second,
			"traits": string(full.Traits), "groups": string(full.Groups), "sessionId": "s-1", "orderId": "o-1",
			"items": string(full.Items), "amount": int64(-1_250_000), "currency": "EUR", "surveyKind": "nps",
			"surveyScore": int64(9_000_000), "surveyScale": int64(10_000_000), "properties": string(full.Properties),
			"flags": uint8(event.FlagTest | event.FlagBot),
		}, rows[0])
		require.Equal(s, Row{
			"person": rows[0].Person(), "time": start + 1, "seq": int64(1), "index": rows[1]["index"], "source": "shop", "channel": "",
			"kind": uint8(0), "initiator": uint8(0), "event": "", "receivedAt": start, "traits": "", "groups": "", "sessionId": "",
			"orderId": "", "items": "", "amount": int64(0), "currency": "", "surveyKind": "", "surveyScore": int64(0),
			"surveyScale": int64(0), "properties": "", "flags": uint8(0),
		}, rows[1])
		named := s.scan(store.ScanRequest{Columns: []string{store.ColumnIdentities}})
		require.Equal(s, Row{
			"person": rows[0].Person(), "time": start, "seq": int64(1), "index": rows[0]["index"],
			"identities": `[{"type":"customerId","value":"1"}]`,
		}, named[0])
		require.NotContains(s, rows[0], store.ColumnIdentities, "identities are given by name only")
	}
	check()
	s.reopened()
	check()
}

func (s *suite) testBigBatch() {
	n := s.opts.BigBatch
	if n == 0 {
		n = 20_000
	}
	events := make([]event.Event, n)
	for i := range events {
		events[i] = happened(fmt.Sprintf("%06d", i), i, customer(fmt.Sprint(i%777)))
	}
	s.append(events...)
	check := func() {
		rows := s.scan(store.ScanRequest{})
		require.Len(s, rows, n)
		seen := map[string]bool{}
		for _, r := range rows {
			seen[r.ID()] = true
		}
		require.Len(s, seen, n)
		require.Len(s, persons(rows), min(777, n))
	}
	check()
	s.reopened()
	check()
}

func (s *suite) testDuplicates() {
	e := happened("1", 0, customer("a"))
	again := e
	again.Time, again.ReceivedAt = e.Time+5*second, e.ReceivedAt+3600*second
	require.EqualValues(s, 1, s.append(e, e).Duplicates, "within one batch")
	require.EqualValues(s, 1, s.append(happened("2", 1, customer("a")), again).Duplicates, "in another batch, with another clock")
	s.reopened()
	require.EqualValues(s, 1, s.append(again, happened("3", 2, customer("a"))).Duplicates)
	other := e
	other.Source = "till"
	a, err := s.store.Append(s.Context(), store.Batch{Source: "till", Events: []event.Event{other}})
	require.NoError(s, err)
	require.Zero(s, a.Duplicates, "the same id of another source is another event")
	s.wantPersons([]string{"1", "1", "2", "3"})
	require.EqualValues(s, 3, s.source("shop").Duplicates)
	require.EqualValues(s, 4, s.state().Health.Events)
	require.EqualValues(s, 4, s.state().Health.Seq)
}

func (s *suite) testFirstReceiptWins() {
	e := happened("1", 0, anon("x"))
	s.append(e)
	for i, ids := range [][]event.Identity{
		{anon("x"), anon("y")},
		{anon("x"), customer("stronger")},
		{customer("another")},
	} {
		again := e
		again.Identities, again.Name, again.Time = ids, "Other Name", e.Time+int64(i+1)
		require.EqualValues(s, 1, s.append(again).Duplicates)
		s.reopened()
	}
	s.append(happened("2", 1, customer("stronger")), happened("3", 2, anon("y")))
	s.wantPersons([]string{"1"}, []string{"2"}, []string{"3"})
	for _, r := range s.scan(store.ScanRequest{}) {
		if r.ID() == "1" {
			require.Equal(s, start, r[store.ColumnTime])
			require.Equal(s, "Product Viewed", r[store.ColumnEvent])
		}
	}
}

func (s *suite) testCounters() {
	batch := func(b store.Batch) store.Appended {
		a, err := s.store.Append(s.Context(), b)
		require.NoError(s, err)
		return a
	}
	require.Zero(s, batch(store.Batch{Source: "shop"}), "nothing to commit")
	batch(store.Batch{
		Source: "shop", Events: []event.Event{happened("1", 7, customer("a"))},
		Counters: store.Counters{Accepted: 1, Dropped: 2, WithoutID: 1, Uncorrected: 4, Placeholders: 3, PlaceholderIDs: 8, Unidentified: 2,
			Rejected: map[string]store.Rejection{"bad-json": {Count: 3, Example: "x"}}},
	})
	batch(store.Batch{Source: "shop", Counters: store.Counters{
		Accepted: 10, WithoutID: 5, Placeholders: 4, Unidentified: 7, Rejected: map[string]store.Rejection{"bad-json": {Count: 4, Example: "y"}, "bad-time": {Count: 1}},
	}})
	batch(store.Batch{Source: "till", Counters: store.Counters{Dropped: 1}})
	id := s.state().Health.ID
	require.NotEmpty(s, id)
	s.reopened()
	require.Equal(s, id, s.state().Health.ID, "the id lies with the data")
	src := s.source("shop")
	require.Equal(s, store.Counters{Accepted: 11, Dropped: 2, WithoutID: 6, Uncorrected: 4, Placeholders: 7, PlaceholderIDs: 8, Unidentified: 9, Rejected: map[string]store.Rejection{
		"bad-json": {Count: 7, Example: "y"}, "bad-time": {Count: 1},
	}}, src.Counters)
	require.Equal(s, start+7*second, src.NewestEventTime)
	require.Equal(s, start+7*second, src.OldestEventTime)
	require.Equal(s, start+8*second, src.NewestReceivedAt)
	require.EqualValues(s, 3, s.state().Health.Seq)
	for i := range 50 {
		reason := map[string]store.Rejection{fmt.Sprintf("reason-%02d", i): {Count: 1}}
		batch(store.Batch{Source: "shop", Counters: store.Counters{Rejected: reason}})
	}
	reasons, sum := s.source("shop").Counters.Rejected, int64(0)
	for _, r := range reasons {
		sum += r.Count
	}
	require.LessOrEqual(s, len(reasons), store.MaxReasons)
	require.Contains(s, reasons, "other")
	require.EqualValues(s, 58, sum)
}

func (s *suite) testInvalid() {
	s.append(happened("1", 0, customer("a")))
	before := s.state()
	good := happened("2", 0, customer("a"))
	bad := map[string]func(*event.Event){
		"no id":                func(e *event.Event) { e.ID = "" },
		"another source":       func(e *event.Event) { e.Source = "till" },
		"no identity":          func(e *event.Event) { e.Identities = nil },
		"nobody, but named":    func(e *event.Event) { e.Flags = event.FlagUnidentified },
		"call of nobody":       func(e *event.Event) { e.Identities, e.Flags, e.Kind = nil, event.FlagUnidentified, event.Identify },
		"empty identity":       func(e *event.Event) { e.Identities = []event.Identity{{Type: "email"}} },
		"properties no object": func(e *event.Event) { e.Properties = []byte(`[1]`) },
		"traits no JSON":       func(e *event.Event) { e.Traits = []byte(`{`) },
		"name too long":        func(e *event.Event) { e.Name = string(make([]byte, event.MaxTextBytes+1)) },
		"no UTF-8":             func(e *event.Event) { e.Name = "\xff" },
		"time out of range":    func(e *event.Event) { e.Time = event.MaxTime + 1 },
		"unknown kind":         func(e *event.Event) { e.Kind = 99 },
	}
	for name, spoil := range bad {
		e := happened("3", 0, customer("a"))
		spoil(&e)
		_, err := s.store.Append(s.Context(), store.Batch{
			Source: "shop", Events: []event.Event{good, e}, Moves: []store.Move{{Next: []byte("moved")}}, Counters: store.Counters{Accepted: 2},
		})
		require.ErrorIs(s, err, store.ErrInvalid, name)
	}
	_, err := s.store.Append(s.Context(), store.Batch{Events: []event.Event{good}})
	require.ErrorIs(s, err, store.ErrInvalid, "no source")
	_, err = s.store.Append(s.Context(), store.Batch{Source: "shop", Counters: store.Counters{Accepted: -1}})
	require.ErrorIs(s, err, store.ErrInvalid, "counters that shrink")
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, err = s.store.Append(ctx, store.Batch{Source: "shop", Events: []event.Event{good}})
	require.Error(s, err, "a call that was given up before it began")
	require.Equal(s, before.Sources, s.state().Sources)
	require.Equal(s, before.Health.Snapshot, s.state().Health.Snapshot)
	require.Empty(s, s.cursors("shop"))
	s.wantPersons([]string{"1"})
}

// testKeysOutliveEvents: an event that retention or an erasure has removed is recognised when it is sent again, with any time and identities.
func (s *suite) testKeysOutliveEvents() {
	s.append(
		happened("expired", -10, customer("a")), happened("kept", 0, customer("a")), happened("erased", 1, customer("gone")),
		happened("of a removed device", 2, device("gone")), happened("shared", 3, customer("a"), device("gone")),
	)
	_, err := s.store.Retain(s.Context(), time.UnixMicro(start))
	require.NoError(s, err)
	_, err = s.store.Erase(s.Context(), customer("gone"))
	require.NoError(s, err)
	_, err = s.store.EraseIdentity(s.Context(), device("gone"))
	require.NoError(s, err)
	resend := func(minutes int) {
		var events []event.Event
		for _, id := range []string{"expired", "kept", "erased", "of a removed device", "shared"} {
			e := happened(id, 60*minutes, customer("b"))
			e.Name = "Another Name"
			events = append(events, e, e)
		}
		a := s.append(events...)
		require.Equal(s, store.Appended{Seq: a.Seq, Duplicates: 10}, a)
		s.wantPersons([]string{"kept", "shared"})
	}
	resend(1)
	s.reopened()
	resend(2)
	// New events are flushed to files together with the keys of removed events.
	s.append(happened("new", 9, customer("c")))
	s.reopened()
	a := s.append(happened("new", 10, customer("d")), happened("expired", 11, customer("d")), happened("erased", 12, customer("gone")))
	require.Equal(s, store.Appended{Seq: a.Seq, Duplicates: 2, Erased: 1}, a, "a refusal of an erased person comes first")
	s.wantPersons([]string{"kept", "shared"}, []string{"new"})
}

// testEqualRows: rows that differ only in their key are separate events, in whatever order they and their redeliveries arrive.
func (s *suite) testEqualRows() {
	equal := func(id string) event.Event {
		e := happened(id, 5, customer("a"))
		e.Properties, e.SessionID = []byte(`{"id":"same"}`), "session"
		return e
	}
	const rows = 300
	send := func(from, to, step int) (sent []event.Event) {
		for i := from; i < to; i += step {
			sent = append(sent, equal(fmt.Sprint(i)))
		}
		return sent
	}
	require.Zero(s, s.append(send(0, 200, 2)...).Duplicates)
	require.EqualValues(s, 100, s.append(send(0, 200, 1)...).Duplicates, "the first hundred lie between the new ones")
	a := s.append(append(send(100, rows, 1), send(0, 100, 1)...)...)
	require.EqualValues(s, 200, a.Duplicates)
	check := func() {
		require.Len(s, s.scan(store.ScanRequest{}), rows)
		require.Len(s, s.scan(store.ScanRequest{By: "sessionId"}), rows)
		require.EqualValues(s, rows, s.state().Health.Events)
		require.EqualValues(s, rows, s.countEqual())
		for shard := range 2 {
			n := len(s.scan(store.ScanRequest{Shard: shard, Shards: 2}))
			require.Contains(s, []int{0, rows}, n)
		}
	}
	check()
	s.reopened()
	require.EqualValues(s, rows, s.append(send(0, rows, 1)...).Duplicates)
	check()
}

// countEqual returns the number of rows of a packed scan: those that are returned, and those that are only counted.
func (s *suite) countEqual() int64 {
	rows, stats := s.packed(store.ScanRequest{
		Packed: true, Columns: []string{store.ColumnEvent},
		Counting: &store.Counting{Only: []string{"none"}, Spans: []event.Span{{From: 0, To: event.MaxTime}}, Whole: 50_000},
	})
	n := int64(len(rows))
	for i := range stats.Tallies {
		n += stats.Tallies[i].Rows[0]
	}
	return n
}

// testVisible: an acknowledged event is in every scan that starts afterwards, while other appends and compactions run.
func (s *suite) testVisible() {
	const writers, checks = 3, 25
	var wg sync.WaitGroup
	failed, done := make(chan error, writers), make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			source := fmt.Sprintf("load-%d", w)
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				b := store.Batch{Source: source}
				for i := range 40 {
					// New links move rows to other persons.
					e := happened(fmt.Sprintf("%d-%d", n, i), i, customer(fmt.Sprint(i)), anon(fmt.Sprintf("%d-%d-%d", w, n, i)))
					e.Source = source
					b.Events = append(b.Events, e)
				}
				if _, err := s.store.Append(s.Context(), b); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for i := range checks {
		id := fmt.Sprintf("seen-%02d", i)
		a := s.append(happened(id, i, customer(fmt.Sprint(i))))
		rows, snapshot, err := Collect(s.Context(), s.store, store.ScanRequest{Sources: []string{"shop"}})
		require.NoError(s, err)
		require.GreaterOrEqual(s, snapshot.Seq, a.Seq)
		require.Len(s, rows, i+1, "the event that was just acknowledged is not in the scan")
		require.GreaterOrEqual(s, s.state().Health.Seq, a.Seq)
	}
	close(done)
	wg.Wait()
	close(failed)
	for err := range failed {
		require.NoError(s, err)
	}
}
