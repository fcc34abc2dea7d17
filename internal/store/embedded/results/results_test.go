// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

func open(t testing.TB, fs volume.FS, dir string) *Results {
	t.Helper()
	v, err := volume.Open(fs, dir, 1, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	r, err := Open(v, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return r
}

// The newest results of an owner are kept, by their time of analysis, also after reopening.
func TestBound(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	r := open(t, disk, disk.Root)
	for i := range store.MaxResults + 3 {
		require.NoError(t, r.Put(store.Result{Owner: "o", Run: fmt.Sprint(i), At: int64(i), Body: []byte("1")}))
	}
	require.NoError(t, r.Put(store.Result{Owner: "p", Run: "0", Body: []byte("2")}))
	after := filepath.Join(t.TempDir(), "after")
	require.NoError(t, disk.AfterPowerLoss(after, nil))
	left := filepath.Join(filepath.Dir(r.path("o", "0")), "half.json.next")
	left = filepath.Join(after, "results", filepath.Base(filepath.Dir(left)), filepath.Base(left))
	require.NoError(t, os.WriteFile(left, []byte("{"), 0o600))
	again := open(t, volume.System{}, after)
	require.NoFileExists(t, left)
	for _, r := range []*Results{r, again} {
		list, err := r.List("o", 0)
		require.NoError(t, err)
		require.Equal(t, store.MaxResults, len(list))
		require.EqualValues(t, store.MaxResults+2, list[0].At)
		require.EqualValues(t, 3, list[len(list)-1].At)
		list, err = r.List("o", 2)
		require.NoError(t, err)
		require.Len(t, list, 2)
	}
	require.Equal(t, r.Bytes(), again.Bytes())
}

// A removal that failed, before or after the file was deleted, is repeated.
func TestEraseAfterAFailure(t *testing.T) {
	for _, op := range []string{"read", "remove", "syncdir"} {
		t.Run(op, func(t *testing.T) {
			disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
			r := open(t, disk, disk.Root)
			for i := range 3 {
				require.NoError(t, r.Put(store.Result{Owner: "o", Run: fmt.Sprint(i), Body: fmt.Appendf(nil, `{"who":"somebody-%d"}`, i%2)}))
			}
			failures := 0
			disk.Fail = func(o, _ string) error {
				if o == op && failures < 2 {
					failures++
					return unix.EIO
				}
				return nil
			}
			gone := []event.Identity{{Type: "customerId", Value: "somebody-0"}}
			removed, err := r.Erase(gone)
			require.True(t, errors.Is(err, unix.EIO))
			require.Zero(t, removed)
			_, err = r.Erase(gone)
			require.Error(t, err)
			_, err = r.Erase(gone)
			require.NoError(t, err)
			list, err := r.List("o", 0)
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.Equal(t, "1", list[0].Run)
		})
	}
}

// Damages one of three files: while the results are open, before they are opened, and before an erasure. It is set aside and counted, the others stay.
func TestCorruptResultIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		"empty":     func([]byte) []byte { return nil },
		"one bit": func(b []byte) []byte {
			b = bytes.Clone(b)
			b[len(b)/2] ^= 1
			return b
		},
		"format":      func(b []byte) []byte { return bytes.Replace(b, []byte(`"format":1`), []byte(`"format":3`), 1) },
		"no checksum": func(b []byte) []byte { return b[:bytes.IndexByte(b, '\n')] },
		"of another owner": func(b []byte) []byte {
			line, _ := volume.CheckChecksum(b)
			return volume.AddChecksum(bytes.Replace(line, []byte(`"o"`), []byte(`"p"`), 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := open(t, volume.System{}, dir)
			for i := range 3 {
				require.NoError(t, r.Put(store.Result{Owner: "o", Run: fmt.Sprint(i), At: int64(i), Body: fmt.Appendf(nil, `{"who":"somebody-%d"}`, i)}))
			}
			file := r.path("o", "1")
			whole, err := os.ReadFile(file)
			require.NoError(t, err)
			spoil := func() {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
				require.NoError(t, os.WriteFile(file, damage(whole), 0o600))
			}
			runs := func(r *Results, limit int) (names []string) {
				list, err := r.List("o", limit)
				require.NoError(t, err)
				for _, result := range list {
					names = append(names, result.Run)
				}
				return names
			}
			aside := filepath.Join(dir, "quarantine", filepath.Base(filepath.Dir(file))+"-"+filepath.Base(file))

			spoil()
			require.Equal(t, []string{"2", "0"}, runs(r, 2), "the limit is filled with the next one")
			require.EqualValues(t, 1, r.Corrupt())
			require.NoFileExists(t, file)
			require.FileExists(t, aside)
			require.NoError(t, os.Remove(aside))

			spoil()
			again, err := Open(r.volume, r.log)
			require.NoError(t, err)
			require.Equal(t, []string{"2", "0"}, runs(again, 0))
			require.EqualValues(t, 1, again.Corrupt())
			require.FileExists(t, aside)

			require.NoError(t, again.Put(store.Result{Owner: "o", Run: "1", At: 1, Body: []byte("1")}))
			spoil()
			removed, err := again.Erase([]event.Identity{{Type: "customerId", Value: "somebody-2"}})
			require.NoError(t, err)
			require.EqualValues(t, 2, removed, "a corrupt one could contain the person")
			require.Equal(t, []string{"0"}, runs(again, 0))
			require.NoError(t, again.Put(store.Result{Owner: "o", Run: "1", At: 1, Body: []byte("1")}))
			require.Equal(t, []string{"1", "0"}, runs(again, 0), "it can be computed again")
		})
	}
}

// If a corrupt file cannot be moved, the call fails, and the next one repeats it.
func TestSettingAsideFails(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	r := open(t, disk, disk.Root)
	for i := range 3 {
		require.NoError(t, r.Put(store.Result{Owner: "o", Run: fmt.Sprint(i), At: int64(i), Body: []byte("1")}))
	}
	require.NoError(t, os.WriteFile(r.path("o", "1"), []byte("{"), 0o600))
	disk.Fail = func(op, _ string) error {
		if op == "rename" {
			return unix.EIO
		}
		return nil
	}
	_, err := r.List("o", 0)
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorIs(t, err, unix.EIO)
	_, err = Open(r.volume, r.log)
	require.ErrorIs(t, err, unix.EIO)
	disk.Fail = nil
	list, err := r.List("o", 0)
	require.NoError(t, err)
	require.Len(t, list, 2)
}
