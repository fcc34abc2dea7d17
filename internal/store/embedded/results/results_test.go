// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package results

import (
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
	r, err := Open(v)
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

func TestDamagedResultIsRefused(t *testing.T) {
	dir := t.TempDir()
	r := open(t, volume.System{}, dir)
	require.NoError(t, r.Put(store.Result{Owner: "o", Run: "r", Body: []byte("1")}))
	require.NoError(t, os.WriteFile(r.path("o", "r"), []byte("{"), 0o600))
	_, err := r.List("o", 0)
	require.ErrorIs(t, err, store.ErrUnavailable)
	_, err = Open(r.volume)
	require.ErrorContains(t, err, r.path("o", "r"))
}
