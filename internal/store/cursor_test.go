// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Compares the cursors with a map of positions, for moves with right and wrong expectations.
func TestCursorsAgreeWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, at := map[string]string{}, int64(0)
		var got store.Cursors
		position := rapid.SampledFrom([]string{"", "a", "b", "c"})
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at++
			var moves []store.Move
			partitions := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"", "0", "1", "2"}), 1, 3, rapid.ID[string]).Draw(t, "partitions")
			right, done, still := true, true, false
			for _, p := range partitions {
				m := store.Move{Partition: p}
				if stored, ok := want[p]; ok && rapid.Bool().Draw(t, "expected") {
					m.Expected = []byte(stored)
				} else if rapid.Bool().Draw(t, "other") {
					m.Expected = []byte(position.Draw(t, "position"))
				}
				if rapid.IntRange(0, 5).Draw(t, "stays") > 0 {
					m.Next = []byte(position.Draw(t, "next"))
				}
				text := func(b []byte) string { return fmt.Sprint(b == nil, string(b)) }
				stored := text(nil)
				if s, ok := want[p]; ok {
					stored = text([]byte(s))
				}
				right = right && text(m.Expected) == stored
				done = done && text(m.Next) == stored
				still = still || text(m.Next) == text(m.Expected)
				moves = append(moves, m)
			}
			known, err := got.Check(moves)
			require.Equal(t, done && !still, known)
			if !known && !right {
				require.ErrorIs(t, err, store.ErrCursorMoved)
				continue
			}
			require.NoError(t, err)
			if known {
				continue
			}
			before := slices.Clone(got)
			next := got.After(moves, at)
			require.Equal(t, before, got, "the cursors of before do not change")
			got = next
			for _, m := range moves {
				if delete(want, m.Partition); m.Next != nil {
					want[m.Partition] = string(m.Next)
				}
			}
			positions := map[string]string{}
			for _, c := range got {
				positions[c.Partition] = string(c.Position)
			}
			require.Equal(t, want, positions)
			require.True(t, slices.IsSortedFunc(got, func(a, b store.Cursor) int {
				return slices.Compare([]string{a.Partition}, []string{b.Partition})
			}), "%v", slices.Collect(maps.Keys(positions)))
		}
	})
}

func TestWatermark(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) int64 { return now.Add(-d).UnixMicro() }
	at := func(p string, newest, moved int64) store.Cursor {
		return store.Cursor{Partition: p, Newest: newest, MovedAt: moved}
	}
	idle := ago(store.PartitionIdleAfter)
	for name, c := range map[string]struct {
		cursors store.Cursors
		want    int64
	}{
		"none":                              {nil, 0},
		"the slowest one":                   {store.Cursors{at("0", 50, ago(time.Second)), at("1", 70, ago(time.Minute))}, 50},
		"an idle one does not count":        {store.Cursors{at("0", 50, idle), at("1", 70, idle+1)}, 70},
		"all idle: the newest event":        {store.Cursors{at("0", 50, idle), at("1", 70, idle-1)}, 70},
		"one without events does not count": {store.Cursors{at("0", 0, ago(time.Second)), at("1", 70, ago(time.Second))}, 70},
		"no events at all":                  {store.Cursors{at("0", 0, ago(time.Second))}, 0},
		"events before 1970":                {store.Cursors{at("0", -50, ago(time.Second)), at("1", -70, idle)}, -50},
		"all idle, before 1970":             {store.Cursors{at("0", -50, idle), at("1", -70, idle)}, -50},
	} {
		require.Equal(t, c.want, c.cursors.Watermark(now), name)
	}
}

func TestNewestEventOfAPartition(t *testing.T) {
	var c store.Cursors
	for _, step := range []struct{ newest, want int64 }{{0, 0}, {-70, -70}, {0, -70}, {-90, -70}, {-50, -50}, {40, 40}, {-60, 40}} {
		c = c.After([]store.Move{{Next: []byte("x"), Newest: step.newest}}, 1)
		require.Equal(t, step.want, c[0].Newest, "after %d", step.newest)
	}
}

func TestPartitionsOfASourceAreLimited(t *testing.T) {
	var all []store.Move
	for i := range store.MaxPartitions {
		all = append(all, store.Move{Partition: fmt.Sprint(i), Next: []byte("1")})
	}
	_, err := store.Cursors{}.Check(all)
	require.NoError(t, err)
	full := store.Cursors{}.After(all, 1)
	_, err = full.Check([]store.Move{{Partition: "one more", Next: []byte("1")}})
	require.ErrorIs(t, err, store.ErrInvalid)
	_, err = full.Check([]store.Move{{Partition: "7", Expected: []byte("1"), Next: []byte("2")}})
	require.NoError(t, err)
}
