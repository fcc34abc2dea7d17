// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *suite) cursors(source string) map[string]string {
	list, err := s.store.Cursors(s.Context(), source)
	require.NoError(s, err)
	out := map[string]string{}
	for _, c := range list {
		out[c.Partition] = string(c.Position)
	}
	return out
}

func move(partition, expected, next string) store.Move {
	m := store.Move{Partition: partition}
	if expected != "" {
		m.Expected = []byte(expected)
	}
	if next != "" {
		m.Next = []byte(next)
	}
	return m
}

func (s *suite) pull(source string, events []event.Event, moves ...store.Move) (store.Appended, error) {
	for i := range events {
		events[i].Source = source
	}
	return s.store.Append(s.Context(), store.Batch{
		Source: source, Events: events, Moves: moves, Counters: store.Counters{Accepted: int64(len(events))},
	})
}

// testCursors reads three partitions of one source, and one of another source.
func (s *suite) testCursors() {
	require.Empty(s, s.cursors("orders"))
	first := move("0", "", "\x00a")
	first.Newest = start + 5*second
	_, err := s.pull("orders", []event.Event{happened("1", 5, customer("a"))}, first, move("1", "", "x"))
	require.NoError(s, err)
	require.Equal(s, map[string]string{"0": "\x00a", "1": "x"}, s.cursors("orders"))
	_, err = s.pull("tills", nil, store.Move{Next: []byte{}, Newest: start + second})
	require.NoError(s, err)
	require.Equal(s, map[string]string{"": ""}, s.cursors("tills"), "an empty position is one")

	next := move("1", "x", "y")
	next.Newest = start + 9*second
	_, err = s.pull("orders", nil, next)
	require.NoError(s, err)
	_, err = s.store.Append(s.Context(), store.Batch{Source: "orders", Counters: store.Counters{Dropped: 1}})
	require.NoError(s, err)
	want := map[string]string{"0": "\x00a", "1": "y"}
	require.Equal(s, want, s.cursors("orders"), "an append without moves leaves the cursors")
	require.Equal(s, start+5*second, s.source("orders").Watermark, "the slowest partition holds the watermark")
	require.Zero(s, s.source("orders").Counters.Accepted-1)
	s.reopened()
	require.Equal(s, want, s.cursors("orders"))
	require.Equal(s, map[string]string{"": ""}, s.cursors("tills"))

	_, err = s.pull("orders", nil, move("0", "\x00a", ""))
	require.NoError(s, err, "a partition that is gone loses its cursor")
	require.Equal(s, map[string]string{"1": "y"}, s.cursors("orders"))
	require.Equal(s, start+9*second, s.source("orders").Watermark)
}

// testTwoReaders: two readers of one source continue from the same cursor, an append with a lost response is repeated, and an append follows a
// rewind.
func (s *suite) testTwoReaders() {
	_, err := s.pull("orders", []event.Event{happened("1", 1, customer("a"))}, move("0", "", "1"))
	require.NoError(s, err)
	_, err = s.pull("orders", []event.Event{happened("2", 2, customer("a")), happened("3", 3, customer("a"))}, move("0", "1", "3"))
	require.NoError(s, err)
	before := s.state()

	// The other reader has read less of this partition, and one partition more.
	_, err = s.pull("orders", []event.Event{happened("2", 2, customer("a")), happened("9", 2, customer("a"))}, move("0", "1", "2"), move("1", "", "9"))
	require.ErrorIs(s, err, store.ErrCursorMoved)
	require.Contains(s, err.Error(), `"0"`, "the partition is named")
	_, err = s.pull("orders", nil, move("0", "", "1"))
	require.ErrorIs(s, err, store.ErrCursorMoved, "a reader that knows of no cursor")
	_, err = s.pull("orders", nil, move("0", "3", "4"), move("1", "8", "9"))
	require.ErrorIs(s, err, store.ErrCursorMoved, "a reader that knows of a cursor that is not there")
	require.Equal(s, before.Sources, s.state().Sources, "nothing of them was stored or counted")
	require.Equal(s, before.Health.Snapshot, s.state().Health.Snapshot)

	// The response was lost, so the append is repeated.
	again, err := s.pull("orders", []event.Event{happened("2", 2, customer("a")), happened("3", 3, customer("a"))}, move("0", "1", "3"))
	require.NoError(s, err)
	require.Equal(s, store.Appended{Duplicates: 2}, again)
	require.Equal(s, before.Sources, s.state().Sources, "an append that was stored before adds nothing to the counters")

	// An intended rewind, from the current cursor to an earlier one.
	_, err = s.pull("orders", nil, move("0", "3", "1"))
	require.NoError(s, err)
	answer, err := s.pull("orders", []event.Event{happened("2", 2, customer("a"))}, move("0", "1", "2"))
	require.NoError(s, err)
	require.EqualValues(s, 1, answer.Duplicates)
	s.wantPersons([]string{"1", "2", "3"})
	for _, bad := range [][]store.Move{{move("0", "2", "3"), move("0", "3", "4")}, {{Partition: "0", Next: make([]byte, store.MaxPositionBytes+1)}}, {{Newest: event.MaxTime + 1}}} {
		_, err = s.pull("orders", nil, bad...)
		require.ErrorIs(s, err, store.ErrInvalid)
	}
}

// testReadersAtOnce: several readers of one partition append at the same time, so that a store can write them as one group. One of them moves the
// cursor.
func (s *suite) testReadersAtOnce() {
	const readers = 8
	position := ""
	for round := range 20 {
		errs := make([]error, readers)
		var wg sync.WaitGroup
		for i := range readers {
			wg.Go(func() {
				e := happened(fmt.Sprintf("%d-%d", round, i), round, customer("a"))
				_, errs[i] = s.pull("orders", []event.Event{e}, move("0", position, fmt.Sprintf("%d by %d", round, i)))
			})
		}
		wg.Wait()
		var won []string
		for i, err := range errs {
			if err == nil {
				won = append(won, fmt.Sprintf("%d by %d", round, i))
				continue
			}
			require.ErrorIs(s, err, store.ErrCursorMoved)
		}
		require.Len(s, won, 1)
		require.Equal(s, map[string]string{"0": won[0]}, s.cursors("orders"))
		position = won[0]
	}
	require.EqualValues(s, 20, s.state().Health.Events)
}
