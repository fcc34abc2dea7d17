// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

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
