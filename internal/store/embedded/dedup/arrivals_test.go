// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"log/slog"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/test/draws"
)

func keyOf(n int) event.Key {
	e := event.Event{ID: strconv.Itoa(n), Source: "s"}
	return e.Key()
}

// The events of a load that are new are those that a map would find, whatever is stored in files, in the log, and removed.
func TestSettle(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 1, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.NoError(t, v.MkdirAll(v.Path(volume.Temp)))
	draws.Check(t, 200, func(rt *rapid.T) {
		x, err := Open(v, nil)
		require.NoError(rt, err)
		stored, removed := map[event.Key]bool{}, map[event.Key]bool{}
		keys := func(name string) (list []event.Key) {
			for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 60), rapid.ID[int]).Draw(rt, name) {
				list = append(list, keyOf(n))
			}
			return list
		}
		for i := range rapid.IntRange(0, 3).Draw(rt, "files") {
			c, err := x.Write(keys("file"), int64(i), 0)
			require.NoError(rt, err)
			x.Use(0, c)
			require.NoError(rt, c.RemoveUnused())
		}
		for n := range 61 {
			has, err := x.Has(keyOf(n))
			require.NoError(rt, err)
			stored[keyOf(n)] = has
		}
		gone := NewGone(v, 100)
		for _, k := range keys("gone") {
			require.NoError(rt, gone.Add(k))
			removed[k] = true
		}
		tail := keys("tail")
		for _, k := range tail {
			stored[k] = true
		}
		a := NewArrivals(v)
		horizon := rapid.Int64Range(0, 10).Draw(rt, "horizon")
		taken := map[event.Key]bool{}
		want, duplicates, expired := map[int32]bool{}, int64(0), int64(0)
		events := rapid.IntRange(0, 100).Draw(rt, "events")
		for row := range int32(events) {
			k, at := keyOf(rapid.IntRange(0, 60).Draw(rt, "key")), rapid.Int64Range(0, 12).Draw(rt, "time")
			require.NoError(rt, a.Add(k, row, at))
			switch {
			case taken[k] || stored[k] && !removed[k]:
				duplicates++
			case at < horizon:
				expired++
			default:
				want[row], taken[k] = true, true
			}
		}
		reserved, err := a.Reserve()
		require.NoError(rt, err)
		settled, err := x.Settle(a, tail, gone, horizon, 5, int64(events))
		require.NoError(rt, err)
		require.Equal(rt, [2]int64{duplicates, expired}, [2]int64{settled.Duplicates, settled.Expired})
		for row := range int32(events) {
			require.Equal(rt, want[row], !settled.Dropped.Has(row), "row %d", row)
		}
		for n := range 61 {
			has, err := reserved.Has(keyOf(n))
			require.NoError(rt, err)
			require.True(rt, has || !taken[keyOf(n)])
		}
		c := x.Bring(nil, settled)
		x.Use(0, c)
		for k := range taken {
			has, err := x.Has(k)
			require.NoError(rt, err)
			require.True(rt, has)
		}
		require.NoError(rt, settled.Close(v))
		require.NoError(rt, reserved.Close())
		require.NoError(rt, a.Close())
		require.NoError(rt, gone.Close())
		require.NoError(rt, x.Close())
		left, err := v.List(v.Path(volume.Temp))
		require.NoError(rt, err)
		require.Empty(rt, left)
	})
}
