// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

func open(fs volume.FS, dir string) (*volume.Volume, error) {
	return volume.Open(fs, dir, 1<<20, slog.New(slog.DiscardHandler))
}

// If any operation fails, the folder is not locked, and the next attempt to open it succeeds.
func TestFailedOpen(t *testing.T) {
	for _, op := range []string{"mkdir", "syncdir", "lock", "read", "create", "write", "sync", "rename"} {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		disk.Fail = func(o, _ string) error {
			if o == op {
				return syscall.EIO
			}
			return nil
		}
		_, err := open(disk, disk.Root)
		require.ErrorIs(t, err, syscall.EIO, op)
		disk.Fail = nil
		v, err := open(disk, disk.Root)
		require.NoError(t, err, op)
		_, err = open(disk, disk.Root)
		require.ErrorIs(t, err, volume.ErrLocked)
		require.NoError(t, v.Close())
	}
}

// Cuts the power at each operation of a replacement. The file has the old or the new content, and after the last operation the new one.
func TestReplaceIsAtomic(t *testing.T) {
	for at, done := 1, false; !done; at++ {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		v, err := open(disk, disk.Root)
		require.NoError(t, err)
		path := v.Path(volume.Keys, "a")
		require.NoError(t, v.Replace(path, []byte("old")))
		disk.PowerOffAt = disk.Operations + at
		done = v.Replace(path, []byte("new")) == nil
		for name, luck := range map[string]*rand.Rand{"lost": nil, "luck": rand.New(rand.NewPCG(3, uint64(at)))} {
			after := filepath.Join(t.TempDir(), name)
			require.NoError(t, disk.AfterPowerLoss(after, luck))
			b, err := os.ReadFile(filepath.Join(after, "keys", "a"))
			require.NoError(t, err)
			if done {
				require.Equal(t, "new", string(b))
			}
			require.Contains(t, []string{"old", "new"}, string(b))
		}
		require.NoError(t, v.Close())
	}
}

// A second writer, if the lock does not work, makes the first one read-only.
func TestSuperseded(t *testing.T) {
	dir := t.TempDir()
	v, err := open(volume.System{}, dir)
	require.NoError(t, err)
	id, first := v.ID(), v.Epoch()
	require.NoError(t, v.CheckEpoch())
	next, err := volume.NextEpoch(volume.System{}, dir)
	require.NoError(t, err)
	require.Equal(t, first+1, next)
	require.NoError(t, v.Healthy())
	require.Error(t, v.CheckEpoch())
	require.ErrorIs(t, v.Healthy(), store.ErrUnavailable)
	require.Contains(t, v.Fault(), "another writer")
	require.NoError(t, v.Close())
	v, err = open(volume.System{}, dir)
	require.NoError(t, err)
	require.Equal(t, id, v.ID())
	require.Equal(t, next+1, v.Epoch())
	require.NoError(t, v.Close())
}

func TestRoom(t *testing.T) {
	disk := volumetest.New(t.TempDir())
	v, err := open(disk, disk.Root)
	require.NoError(t, err)
	disk.Room = 1 << 20
	require.NoError(t, v.Room())
	disk.Room--
	require.ErrorIs(t, v.Room(), store.ErrFull)
	disk.Fail = func(string, string) error { return syscall.EIO }
	require.ErrorIs(t, v.Room(), store.ErrUnavailable)
	require.ErrorIs(t, volume.WriteError(fmt.Errorf("x: %w", syscall.ENOSPC)), store.ErrFull)
	require.ErrorIs(t, volume.WriteError(errors.New("x")), store.ErrUnavailable)
	require.NoError(t, v.Close())
}

func TestQuarantine(t *testing.T) {
	v, err := open(volume.System{}, t.TempDir())
	require.NoError(t, err)
	require.NoError(t, v.EmptyQuarantine(), "there is none")
	a, b := v.NewName("x"), v.NewName("x")
	require.NotEqual(t, a, b)
	require.NoError(t, v.Write(v.Path(volume.Keys, a), nil))
	require.Error(t, v.Write(v.Path(volume.Keys, a), nil), "it is there")
	require.NoError(t, v.Quarantine(v.Path(volume.Keys, a)))
	require.NoError(t, v.Quarantine(v.Path(volume.Keys, b)), "it is not there")
	names, err := v.List(v.Path(volume.Quarantine))
	require.NoError(t, err)
	require.Equal(t, []string{a}, names)
	require.NoError(t, v.EmptyQuarantine())
	names, err = v.List(v.Path(volume.Quarantine))
	require.NoError(t, err)
	require.Empty(t, names)
	require.NoError(t, v.Close())
}
