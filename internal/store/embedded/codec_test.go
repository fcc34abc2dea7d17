// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

func drawCommit(t *rapid.T) commit {
	text := rapid.StringMatching(`[a-zß€ ]{0,9}`)
	c := commit{source: text.Draw(t, "source"), counters: store.Counters{Accepted: rapid.Int64Range(0, 9).Draw(t, "accepted")}}
	if rapid.Bool().Draw(t, "cursor") {
		c.cursor = rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "bytes")
	}
	c.answer = store.Appended{Duplicates: rapid.Int64Range(0, 9).Draw(t, "duplicates"), Erased: 3}
	c.newestReceived = rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "received")
	c.events, c.indexes = []event.Event{}, []int32{}
	for i := range rapid.IntRange(0, 4).Draw(t, "events") {
		c.indexes = append(c.indexes, int32(i*2))
		c.events = append(c.events, event.Event{
			ID: text.Draw(t, "id"), Source: c.source, Channel: text.Draw(t, "channel"), Name: text.Draw(t, "name"),
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
		var want []commit
		body := beginRecord(nil)
		for i := range rapid.IntRange(1, 3).Draw(t, "commits") {
			c := drawCommit(t)
			c.seq, c.at = 7+int64(i), 99
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
		got, err := r.commits()
		require.NoError(t, err)
		require.Equal(t, want, got)

		at := rapid.IntRange(0, len(body)-1).Draw(t, "flip")
		body[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, _, err = readRecord(body)
		require.Error(t, err, "a flipped bit at byte %d", at)
	})
}

// FuzzCommits: a body that passed its checksum but is nonsense gives an error, and takes no memory beyond its own size.
func FuzzCommits(f *testing.F) {
	c := commit{source: "s", events: []event.Event{testEvent(1, "a")}, indexes: []int32{0}}
	body, err := appendCommit(nil, &c)
	require.NoError(f, err)
	f.Add(body, uint32(1))
	f.Fuzz(func(t *testing.T, body []byte, count uint32) {
		r := record{kind: kindCommits, seq: 1, count: count, body: body}
		commits, err := r.commits()
		require.True(t, err != nil || len(commits) == int(count))
	})
}

func TestKeyFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) event.Key {
			return event.Key{Hi: rapid.Uint64Range(0, 5).Draw(t, "hi") << 61, Lo: rapid.Uint64().Draw(t, "lo")}
		}), 1, 1500, func(k event.Key) event.Key { return k }).Draw(t, "keys")
		here := keys[:len(keys)/2+1]
		there := keys[len(here):]
		x := newKeyFile(t, here)
		for _, k := range here {
			has, err := x.has(k)
			require.NoError(t, err)
			require.True(t, has)
		}
		for _, k := range there {
			has, err := x.has(k)
			require.NoError(t, err)
			require.False(t, has)
		}
		require.NoError(t, x.close())
	})
}

func newKeyFile(t *rapid.T, keys []event.Key) *keyFile {
	dir, err := os.MkdirTemp("", "keys")
	require.NoError(t, err)
	defer func() { require.NoError(t, os.RemoveAll(dir)) }()
	m := keyMeta{Name: "k", Keys: int64(len(keys))}
	v, err := volume.Open(volume.System{}, dir, 1, slog.Default())
	require.NoError(t, err)
	require.NoError(t, v.Write(v.Path(volume.Keys, m.Name), encodeKeys(slices.Clone(keys))))
	f, err := openKeyFile(v, m)
	require.NoError(t, err)
	require.NoError(t, v.Close())
	return f
}
