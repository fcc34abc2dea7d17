// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

func key(n int) event.Key { return event.Key{Hi: uint64(n) << 50, Lo: uint64(n)} }

func has(t *testing.T, x *Index, n int) bool {
	t.Helper()
	found, err := x.Has(key(n))
	require.NoError(t, err)
	return found
}

// Keys move from memory to files, files are merged, and keys beyond the retention are removed.
func TestIndex(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 1, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	x, err := Open(v, nil)
	require.NoError(t, err)
	var metas []Meta
	for seq := range 9 {
		x.Put(key(seq), int64(seq))
		c, err := x.Write(x.UpTo(int64(seq)), int64(seq), 0)
		require.NoError(t, err)
		metas = c.Metas()
		x.Use(int64(seq), c)
		require.NoError(t, c.RemoveUnused())
		require.Empty(t, x.UpTo(int64(seq)))
	}
	require.Less(t, len(metas), 4, "small files are merged")
	names, err := v.List(v.Path(volume.Keys))
	require.NoError(t, err)
	require.Len(t, names, len(metas))
	x.Put(key(9), 9)
	x.Put(key(10), 10)
	x.Remove(key(10))
	again, err := Open(v, metas)
	require.NoError(t, err)
	for n := range 9 {
		require.True(t, has(t, x, n) && has(t, again, n))
	}
	require.True(t, has(t, x, 9) && !has(t, again, 9))
	require.False(t, has(t, x, 10))
	require.NoError(t, again.Close())

	later := (2*time.Hour + grace).Microseconds()
	c, err := x.Write(nil, later+7, time.Hour)
	require.NoError(t, err)
	require.Less(t, len(c.Metas()), len(metas), "files whose keys are beyond the retention go")
	for _, m := range c.Metas() {
		require.GreaterOrEqual(t, m.NewestCommit, int64(7))
	}
	require.NoError(t, c.Abandon())
	require.NoError(t, x.Close())
}

// If any operation fails, the index does not change.
func TestFailedWrite(t *testing.T) {
	for _, op := range []string{"create", "write", "sync", "syncdir", "open"} {
		t.Run(op, func(t *testing.T) {
			disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
			v, err := volume.Open(disk, disk.Root, 1, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			defer func() { require.NoError(t, v.Close()) }()
			x, err := Open(v, nil)
			require.NoError(t, err)
			x.Put(key(1), 1)
			disk.Fail = func(o, _ string) error {
				if o == op {
					return unix.EIO
				}
				return nil
			}
			_, err = x.Write(x.UpTo(1), 5, 0)
			require.True(t, errors.Is(err, unix.EIO))
			require.True(t, has(t, x, 1))
			disk.Fail = nil
			c, err := x.Write(x.UpTo(1), 5, 0)
			require.NoError(t, err)
			x.Use(1, c)
			require.True(t, has(t, x, 1))
			require.NoError(t, x.Close())
		})
	}
}
