// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

// One disk operation fails in each rewrite, including reads. The error is that of the disk, and no file is left.
func TestFaultsWhileRewriting(t *testing.T) {
	w := newWorld(t, 8)
	require.NoError(t, w.volume.Close())
	disk := volumetest.New(t.TempDir())
	var err error
	w.volume, err = volume.Open(disk, disk.Root, 0, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, w.volume.MkdirAll(w.volume.Path(volume.Temp)))
	for range 4 {
		w.flush(roomy, 100, 1)
	}
	files := func() []string {
		data, err := filepath.Glob(w.volume.Path(volume.Data, "*", "*"))
		require.NoError(t, err)
		temporary, err := filepath.Glob(w.volume.Path(volume.Temp, "*"))
		require.NoError(t, err)
		return append(data, temporary...)
	}
	before := files()
	broken := errors.New("broken")
	var done, at atomic.Int64
	disk.Fail = func(op, _ string) error {
		if op != "remove" && done.Add(1) == at.Load() {
			return broken
		}
		return nil
	}
	between := func(context.Context) error {
		if done.Load() >= at.Load() {
			t.Errorf("operation %d failed, and a file is completed all the same", at.Load())
		}
		return nil
	}
	tasks := []Task{{Parts: w.parts, Choice: Stayed}, {Parts: w.parts, Choice: Moved}}
	for at.Store(1); ; at.Add(1 + at.Load()/8) {
		done.Store(0)
		for i, p := range w.parts { // their footers are read once more
			w.parts[i] = part.New(w.volume, p.Meta, w.people, part.NewOverlays(0))
		}
		_, err := New(w.volume, Options{GroupRows: 64, Memory: 1, Behind: at.Load()%2 > 0}).At(w.view()).RewriteAll(t.Context(), tasks, between)
		if done.Load() < at.Load() {
			require.NoError(t, err)
			break
		}
		require.ErrorIs(t, err, broken)
		require.Equal(t, before, files())
	}
	require.Greater(t, at.Load(), int64(1000))
}

// A search for a person in a file with any wrong byte gives an error and no panic.
func TestSearchInADamagedFile(t *testing.T) {
	w := newWorld(t, 9)
	w.flush(roomy, 40, 1)
	whole, err := os.ReadFile(w.parts[0].Path())
	require.NoError(t, err)
	anchors := []event.Anchor{event.Identity{Type: "customerId", Value: "c7"}.Anchor()}
	files := New(w.volume, roomy)
	for at := 0; at < len(whole); at += 5 {
		damaged := slices.Clone(whole)
		damaged[at] ^= 0x80
		require.NoError(t, os.WriteFile(w.parts[0].Path(), damaged, 0o600))
		parts := []*part.Part{part.New(w.volume, w.parts[0].Meta, w.people, part.NewOverlays(0))}
		_, _, err := files.Find(t.Context(), parts, anchors)
		require.ErrorIs(t, err, store.ErrUnavailable)
		_, err = files.Holders(t.Context(), parts, anchors)
		require.ErrorIs(t, err, store.ErrUnavailable)
		_, err = files.Count(t.Context(), parts, anchors)
		require.ErrorIs(t, err, store.ErrUnavailable)
	}
}
