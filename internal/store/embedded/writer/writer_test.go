// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

var start = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, fs volume.FS, dir string, full chan<- struct{}) *Writer {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	v, err := volume.Open(fs, dir, 1, log)
	require.NoError(t, err)
	c, err := catalog.Open(v, catalog.Options{Identity: identity.NewPolicy(nil), OverlayBytes: 1 << 20, Logger: log})
	require.NoError(t, err)
	w, _, err := Open(v, c, Options{
		Clock: func() time.Time { return start }, SegmentBytes: 1000, MaxUnflushedBytes: 4000, MaxPendingBytes: 1 << 20, Logger: log,
	}, full)
	require.NoError(t, err)
	t.Cleanup(func() {
		w.Stop()
		_ = w.Close()
		require.NoError(t, v.Close())
	})
	return w
}

func send(t *testing.T, w *Writer, n int) (store.Appended, error) {
	t.Helper()
	at := start.UnixMicro() + int64(n)
	return w.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{{
		ID: fmt.Sprint(n), Source: "shop", Channel: "web", Name: "Seen", Time: at, ReceivedAt: at,
		Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint("c", n)}},
	}}})
}

// When a segment is full, the flush is notified. If nothing is flushed, appends are refused.
func TestFullLog(t *testing.T) {
	full := make(chan struct{}, 1)
	w := open(t, volume.System{}, t.TempDir(), full)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = send(t, w, n)
	}
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.Len(t, full, 1)
	c := w.Cut()
	require.EqualValues(t, n-1, c.Seq)
	m := w.catalog.Change()
	m.Seq, m.Sources = c.Seq, c.Sources
	require.NoError(t, w.Install(m, c))
	require.Zero(t, w.catalog.Memtable().Bytes())
	segments, err := w.volume.List(w.volume.Path(volume.Log))
	require.NoError(t, err)
	require.Empty(t, segments)
	a, err := send(t, w, 1)
	require.NoError(t, err)
	require.EqualValues(t, 1, a.Duplicates, "its key is in a file now")
	w.Stop()
	_, err = send(t, w, n)
	require.ErrorIs(t, err, ErrClosed)
}

// If the disk refuses the manifest, the events of the person are not refused.
func TestFailedErasure(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	w := open(t, disk, disk.Root, make(chan struct{}, 1))
	_, err := send(t, w, 1)
	require.NoError(t, err)
	disk.Fail = func(op, _ string) error {
		if op == "rename" {
			return unix.EIO
		}
		return nil
	}
	gone := event.Identity{Type: "customerId", Value: "c2"}
	_, err = w.BeginErasure(catalog.Erasure{}, []event.Identity{gone}, nil)
	require.ErrorIs(t, err, unix.EIO)
	require.Nil(t, w.catalog.Manifest().Erasing)
	disk.Fail = nil
	a, err := send(t, w, 2)
	require.NoError(t, err)
	require.Zero(t, a.Erased)

	_, err = w.BeginErasure(catalog.Erasure{}, []event.Identity{gone}, map[event.Anchor]bool{})
	require.ErrorIs(t, err, store.ErrInvalid, "it is not in the plan")
	e, err := w.BeginErasure(catalog.Erasure{}, []event.Identity{gone}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, e.Done.Identities)
	_, err = w.ProveLog(e.Anchors)
	require.ErrorContains(t, err, "still in the log")
	a, err = send(t, w, 2)
	require.NoError(t, err)
	require.EqualValues(t, 1, a.Erased)
	require.NoError(t, w.EndErasure(&e))
	require.Nil(t, w.catalog.Manifest().Erasing)
	a, err = send(t, w, 2)
	require.NoError(t, err)
	require.EqualValues(t, 1, a.Erased, "the door stays closed")
}

// If the lock does not work, a writer with an old epoch does not change the manifest of the other one.
func TestSupersededWriterDoesNotChangeTheManifest(t *testing.T) {
	dir := t.TempDir()
	w := open(t, volume.System{}, dir, make(chan struct{}, 1))
	_, err := send(t, w, 1)
	require.NoError(t, err)
	before := w.catalog.Manifest()
	changes := map[string]func() error{
		"horizon": func() error { return w.RaiseHorizon(start.UnixMicro()) },
		"erasure": func() error {
			_, err := w.BeginErasure(catalog.Erasure{}, []event.Identity{{Type: "customerId", Value: "c1"}}, nil)
			return err
		},
		"end of an erasure": func() error { return w.EndErasure(&catalog.Erasure{}) },
		"install":           func() error { return w.Install(w.catalog.Change(), Cut{}) },
	}
	_, err = volume.NextEpoch(volume.System{}, dir)
	require.NoError(t, err)
	for name, change := range changes {
		require.ErrorContains(t, change(), "another writer", name)
		require.Same(t, before, w.catalog.Manifest(), name)
	}
}
