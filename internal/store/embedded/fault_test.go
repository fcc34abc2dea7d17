// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

func mustOpen(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func appendOne(t testing.TB, s *Store, id int) (store.Appended, error) {
	t.Helper()
	return s.Append(t.Context(), store.Batch{Source: "shop", Events: events(id)})
}

func idsOf(t testing.TB, s *Store) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for _, r := range scanAll(t, s) {
		seen[r.id]++
	}
	return seen
}

// Each kind of operation on the log fails once. The append is not acknowledged, and the next append continues in a new segment. All acknowledged
// events are stored once, also after a power loss.
func TestFailedWriteOrSync(t *testing.T) {
	for _, op := range []string{"write", "sync", "create", "syncdir"} {
		t.Run(op, func(t *testing.T) {
			disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
			s := mustOpen(t, smallOptions(t, disk.Root, disk))
			if op == "write" || op == "sync" {
				_, err := appendOne(t, s, 1)
				require.NoError(t, err)
			}
			failures := 0
			disk.Fail = func(o, name string) error {
				if o == op && failures == 0 && strings.Contains(name, "/log") {
					failures++
					return unix.EIO
				}
				return nil
			}
			_, err := appendOne(t, s, 2)
			require.ErrorIs(t, err, store.ErrUnavailable)
			require.NotContains(t, idsOf(t, s), "e2")
			a, err := appendOne(t, s, 3)
			require.NoError(t, err)
			b, err := appendOne(t, s, 2)
			require.NoError(t, err)
			require.Zero(t, a.Duplicates+b.Duplicates, "what failed was not stored")
			require.Equal(t, a.Seq+1, b.Seq)
			want := idsOf(t, s)
			require.Equal(t, 1, want["e2"])
			require.Equal(t, 1, want["e3"])

			after := filepath.Join(t.TempDir(), "after")
			require.NoError(t, disk.AfterPowerLoss(after, nil))
			again := mustOpen(t, smallOptions(t, after, nil))
			require.Equal(t, want, idsOf(t, again))

			// Events that were not acknowledged can be on the disk, but do not replace acknowledged ones.
			require.NoError(t, s.Close())
			disk.Fail = nil
			require.Equal(t, want, idsOf(t, mustOpen(t, smallOptions(t, disk.Root, nil))))
		})
	}
}

// The free space falls below the reserve, ends in the middle of a record, and is available again.
func TestFullVolume(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	o := smallOptions(t, disk.Root, disk)
	o.MinFree = 1 << 20
	disk.Room = 100 << 20
	s := mustOpen(t, o)
	_, err := appendOne(t, s, 1)
	require.NoError(t, err)

	disk.Room = o.MinFree - 1
	_, err = appendOne(t, s, 2)
	require.ErrorIs(t, err, store.ErrFull)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, "full", state.Health.ReadOnly)
	require.NoError(t, s.Compact(t.Context()), "the reserve is for sorting")
	require.Len(t, idsOf(t, s), 1, "scans continue")

	disk.Room = 100 << 20
	disk.Fail = func(op, _ string) error {
		if op == "write" {
			return unix.ENOSPC
		}
		return nil
	}
	_, err = appendOne(t, s, 2)
	require.ErrorIs(t, err, store.ErrFull)

	disk.Fail = nil
	_, err = appendOne(t, s, 2)
	require.NoError(t, err, "it recovers by itself")
	require.Equal(t, map[string]int{"e1": 1, "e2": 1}, idsOf(t, s))
	state, err = s.State(t.Context())
	require.NoError(t, err)
	require.Empty(t, state.Health.ReadOnly)
}

// Fills a small volume, if this machine allows to mount one.
func TestRealFullVolume(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Skipf("a small volume cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
	o := smallOptions(t, filepath.Join(dir, "store"), nil)
	o.MinFree = 4 << 20
	s, err := Open(o)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	filler := filepath.Join(dir, "filler")
	require.NoError(t, os.WriteFile(filler, make([]byte, 6<<20), 0o600))
	stored := 0
	for err == nil && stored < 100_000 {
		if _, err = appendOne(t, s, stored); err == nil {
			stored++
		}
	}
	require.ErrorIs(t, err, store.ErrFull)
	require.NoError(t, s.Compact(t.Context()))
	require.Len(t, idsOf(t, s), stored)
	require.NoError(t, os.Remove(filler))
	_, err = appendOne(t, s, stored)
	require.NoError(t, err)
}

func TestBackpressure(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	o.MaxUnflushedBytes = 2000
	s := mustOpen(t, o)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = appendOne(t, s, n)
	}
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "wait for a flush")
	require.NoError(t, s.Compact(t.Context()))
	_, err = appendOne(t, s, n)
	require.NoError(t, err)
}

func TestSecondWriterIsRefused(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	s := mustOpen(t, o)
	_, err := Open(o)
	require.ErrorIs(t, err, volume.ErrLocked)
	require.NoError(t, s.Close())
	mustOpen(t, o)
}

// If the lock does not work, the epoch stops the first writer.
func TestSupersededWriterStops(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	s := mustOpen(t, o)
	_, err := appendOne(t, s, 1)
	require.NoError(t, err)
	_, err = volume.NextEpoch(volume.System{}, o.Dir)
	require.NoError(t, err)
	_, err = appendOne(t, s, 2)
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "another writer")
	require.Error(t, s.Compact(t.Context()), "nor does it replace the manifest")
}

// segmentFiles returns the segments of a closed store.
func segmentFiles(t *testing.T, dir string) []string {
	names, err := filepath.Glob(filepath.Join(dir, "log", "*.log"))
	require.NoError(t, err)
	return names
}

// Changes a bit in each byte of a log that was closed properly. All damage is reported, and the store is read-only until the damage is accepted.
func TestDamagedLog(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	for id := range 3 {
		_, err := appendOne(t, s, id)
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	name := segmentFiles(t, dir)[0]
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	for at := 0; at < len(whole); at += 23 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "log"), 0o700))
			damaged := append([]byte(nil), whole...)
			damaged[at] ^= 0x10
			require.NoError(t, os.WriteFile(filepath.Join(dir, "log", filepath.Base(name)), damaged, 0o600))
			s := mustOpen(t, smallOptions(t, dir, nil))
			state, err := s.State(t.Context())
			require.NoError(t, err)
			if state.Health.ReadOnly == "" {
				require.Len(t, idsOf(t, s), 3, "nothing is said, so nothing may be missing")
				return
			}
			require.Contains(t, state.Health.ReadOnly, filepath.Base(name))
			_, err = appendOne(t, s, 7)
			require.ErrorIs(t, err, store.ErrUnavailable)
			readable := len(idsOf(t, s))
			require.NoError(t, s.Close())

			o := smallOptions(t, dir, nil)
			o.AcceptDamage = true
			s = mustOpen(t, o)
			_, err = appendOne(t, s, 7)
			require.NoError(t, err)
			require.NoError(t, s.Compact(t.Context()))
			require.Len(t, idsOf(t, s), readable+1)
			require.FileExists(t, filepath.Join(dir, "quarantine", filepath.Base(name)))
			require.NoError(t, s.Close())
			s = mustOpen(t, smallOptions(t, dir, nil))
			require.Len(t, idsOf(t, s), readable+1)
		})
	}
}

// Truncates the log at every byte. All complete records are read, and appends continue.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	name := ""
	var sizes []int64
	for id := range 3 {
		_, err := appendOne(t, s, id)
		require.NoError(t, err)
		name = segmentFiles(t, dir)[0]
		info, err := os.Stat(name)
		require.NoError(t, err)
		sizes = append(sizes, info.Size())
	}
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	for length := range len(whole) {
		want := 0
		for _, size := range sizes {
			if int64(length) >= size {
				want++
			}
		}
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "log"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "log", filepath.Base(name)), whole[:length], 0o600))
		commits := 0
		v, err := volume.Open(volume.System{}, dir, 1, slog.Default())
		require.NoError(t, err)
		_, report, err := wal.Open(v, 1<<20, slog.Default(), 0, func(*wal.Commit, int64) error { commits++; return nil })
		require.NoError(t, err)
		require.NoError(t, v.Close())
		require.Empty(t, report.Damage)
		require.Equal(t, want, commits, "cut at byte %d", length)
	}
}

func TestDamagedManifestIsRefused(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	s := mustOpen(t, o)
	_, err := appendOne(t, s, 1)
	require.NoError(t, err)
	require.NoError(t, s.Compact(t.Context()))
	require.NoError(t, s.Close())
	name := filepath.Join(o.Dir, "MANIFEST")
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	b[len(b)/2] ^= 1
	require.NoError(t, os.WriteFile(name, b, 0o600))
	_, err = Open(o)
	require.ErrorContains(t, err, "corrupt")
	require.False(t, errors.Is(err, volume.ErrLocked))
}

// When a flush or an erasure fails, the files that it wrote are removed before the next attempt.
func TestFilesOfFailuresAreRemoved(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	s := mustOpen(t, smallOptions(t, disk.Root, disk))
	files := func() []string {
		names, err := filepath.Glob(filepath.Join(disk.Root, string(volume.Data), "*", "*"))
		require.NoError(t, err)
		return names
	}
	_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: append(person("victim", 0, 100), person("other", 0, 100)...)})
	require.NoError(t, err)
	failing := func(folder volume.Folder, after int) {
		created := 0
		disk.Fail = func(op, name string) error {
			if op == "create" && strings.HasPrefix(name, filepath.Join(disk.Root, string(folder))) {
				if created++; created > after {
					return unix.ENOSPC
				}
			}
			return nil
		}
	}
	for _, folder := range []volume.Folder{volume.Keys, volume.Identity} {
		failing(folder, 0)
		require.ErrorIs(t, s.Compact(t.Context()), unix.ENOSPC)
		require.Empty(t, files())
	}
	disk.Fail = nil
	require.NoError(t, s.Compact(t.Context()))
	before := files()
	require.Len(t, before, 3, "a month each")

	victim := event.Identity{Type: "customerId", Value: "victim"}
	failing(volume.Data, 1)
	_, err = s.Erase(t.Context(), victim)
	require.ErrorIs(t, err, store.ErrFull)
	require.Equal(t, before, files())
	disk.Fail = nil
	_, err = s.Erase(t.Context(), victim)
	require.NoError(t, err)
	require.Len(t, files(), 3)
	require.Empty(t, filesWith(t, disk.Root, "victim"))
}
