// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Forgets some keys of several files, in one range of keys and in many. The index then has the others, in files that open again, and the volume has no
// other file.
func TestForget(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		require.NoError(rt, err)
		v, err := volume.Open(volume.System{}, dir, 1, slog.Default())
		require.NoError(rt, err)
		defer func() { require.NoError(rt, v.Close()) }()
		require.NoError(rt, v.MkdirAll(v.Path(volume.Temp)))
		x, err := Open(v, nil)
		require.NoError(rt, err)
		gone := NewGone(v, rapid.SampledFrom([]int64{1, 3 * goneKeys, 1 << 40}).Draw(rt, "most"))
		stays, goes := map[event.Key]bool{}, map[event.Key]bool{}
		for i := range rapid.IntRange(0, 3).Draw(rt, "files") {
			n := rapid.IntRange(1, 700).Draw(rt, "keys")
			few := rapid.IntRange(0, 3).Draw(rt, "share")
			for j := range n {
				k := event.KeyOf("s", string(rune('a'+i))+string(rune(j)))
				x.Put(k, 1)
				if few == 0 || few < 3 && j%(few*few*40) == 0 {
					goes[k] = true
					require.NoError(rt, gone.Add(k))
				} else {
					stays[k] = true
				}
			}
			c, err := x.Write(x.UpTo(1), int64(i), 0)
			require.NoError(rt, err)
			x.Use(1, c)
			require.NoError(rt, c.RemoveUnused())
		}
		unknown := event.KeyOf("s", "unknown")
		require.NoError(rt, gone.Add(unknown))
		c, n, err := x.Forget(gone)
		require.NoError(rt, err)
		require.EqualValues(rt, len(goes), n)
		require.NoError(rt, gone.Close())
		x.Use(0, c)
		require.NoError(rt, c.RemoveUnused())
		again, err := Open(v, c.Metas())
		require.NoError(rt, err)
		for _, index := range []*Index{x, again} {
			for k := range stays {
				found, err := index.Has(k)
				require.NoError(rt, err)
				require.True(rt, found)
			}
			for k := range goes {
				found, err := index.Has(k)
				require.NoError(rt, err)
				require.False(rt, found)
			}
			require.NoError(rt, index.Close())
		}
		on, err := filepath.Glob(v.Path(volume.Keys, "*"))
		require.NoError(rt, err)
		require.Len(rt, on, len(c.Metas()))
		left, err := filepath.Glob(v.Path(volume.Temp, "*"))
		require.NoError(rt, err)
		require.Empty(rt, left)
	})
}

// A key file that is corrupt is not copied.
func TestForgetInCorruptFile(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 1, slog.Default())
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	require.NoError(t, v.MkdirAll(v.Path(volume.Temp)))
	x, err := Open(v, nil)
	require.NoError(t, err)
	k := event.KeyOf("s", "1")
	x.Put(k, 1)
	x.Put(event.KeyOf("s", "2"), 1)
	c, err := x.Write(x.UpTo(1), 0, 0)
	require.NoError(t, err)
	x.Use(1, c)
	defer func() { require.NoError(t, x.Close()) }()
	path := v.Path(volume.Keys, c.Metas()[0].Name)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[len(keyMagic)+3] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
	gone := NewGone(v, 1)
	require.NoError(t, gone.Add(k))
	_, _, err = x.Forget(gone)
	require.ErrorIs(t, err, errKeys)
	require.NoError(t, gone.Close())
	on, err := filepath.Glob(v.Path(volume.Keys, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{path}, on)
}
