// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func drawCommit(t *rapid.T) Commit {
	text := rapid.StringMatching(`[a-zß€ ]{0,9}`)
	c := Commit{Source: text.Draw(t, "source"), Counters: store.Counters{Accepted: rapid.Int64Range(0, 9).Draw(t, "accepted")}}
	position := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "bytes")
	})
	for range rapid.IntRange(0, 2).Draw(t, "moves") {
		c.Moves = append(c.Moves, store.Move{
			Partition: text.Draw(t, "partition"), Expected: position.Draw(t, "expected"), Next: position.Draw(t, "next"), Newest: rapid.Int64().Draw(t, "newest"),
		})
	}
	c.Answer = store.Appended{Duplicates: rapid.Int64Range(0, 9).Draw(t, "duplicates"), Erased: 3}
	c.NewestReceived = rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "received")
	c.Events, c.Indexes = []event.Event{}, []int32{}
	for i := range rapid.IntRange(0, 4).Draw(t, "events") {
		c.Indexes = append(c.Indexes, int32(i*2))
		c.Events = append(c.Events, event.Event{
			ID: text.Draw(t, "id"), Source: c.Source, Channel: text.Draw(t, "channel"), Name: text.Draw(t, "name"),
			Kind: event.Alias, Initiator: event.Brand, TimeSource: event.TimeFromReceipt, Flags: event.FlagFuture,
			Time: rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "time"), ReceivedAt: rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "at"),
			Amount: rapid.Int64().Draw(t, "amount"), Currency: "EUR", Survey: event.Survey{Kind: "nps", Score: rapid.Int64().Draw(t, "score"), Scale: 1},
			MappingGeneration: rapid.Int64().Draw(t, "generation"), SessionID: text.Draw(t, "session"), OrderID: text.Draw(t, "order"),
			Identities: []event.Identity{{Type: "email", Value: text.Draw(t, "value")}}, Properties: []byte(`{"a":1}`),
		})
	}
	return c
}

func TestCommitRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []Commit
		body := beginRecord(nil)
		for i := range rapid.IntRange(1, 3).Draw(t, "commits") {
			c := drawCommit(t)
			c.Seq, c.At = 7+int64(i), 99
			want = append(want, c)
			var err error
			body, err = appendCommit(body, &c)
			require.NoError(t, err)
		}
		body = finishRecord(body, record{kind: kindCommits, epoch: 3, seq: 7, at: 99, count: uint32(len(want))})
		r, n, err := readRecord(append(body, "rest"...))
		require.NoError(t, err)
		require.Equal(t, len(body), n)
		require.EqualValues(t, 3, r.epoch)
		got, err := commitsOf(&r)
		require.NoError(t, err)
		require.Equal(t, want, got)

		at := rapid.IntRange(0, len(body)-1).Draw(t, "flip")
		body[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, _, err = readRecord(body)
		require.Error(t, err, "a flipped bit at byte %d", at)
	})
}

// FuzzCommits: an invalid body with a valid checksum gives an error, and uses no more memory than its own size.
func FuzzCommits(f *testing.F) {
	c := Commit{Source: "s", Events: []event.Event{benchEvent(1)}, Indexes: []int32{0}}
	body, err := appendCommit(nil, &c)
	require.NoError(f, err)
	f.Add(body, uint32(1))
	f.Fuzz(func(t *testing.T, body []byte, count uint32) {
		r := record{kind: kindCommits, seq: 1, count: count, body: body}
		commits, err := commitsOf(&r)
		require.True(t, err != nil || len(commits) == int(count))
	})
}

func commitsOf(r *record) ([]Commit, error) {
	list := make([]Commit, 0, min(int(r.count), len(r.body)))
	err := r.each(func(c *Commit) error {
		list = append(list, *c)
		return nil
	})
	return list, err
}
