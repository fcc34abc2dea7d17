// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// open opens a compactor that flushes any amount of log.
func open(t *testing.T, dir string) (c *Compactor, closeAll func()) {
	log := slog.New(slog.DiscardHandler)
	v, err := volume.Open(volume.System{}, dir, 1, log)
	require.NoError(t, err)
	cat, err := catalog.Open(v, catalog.Options{Identity: identity.NewPolicy(nil), Logger: log})
	require.NoError(t, err)
	w, _, err := writer.Open(v, cat, writer.Options{
		Clock: time.Now, SegmentBytes: 1, MaxUnflushedBytes: 1 << 30, MaxPendingBytes: 1 << 30, Logger: log,
	}, make(chan struct{}, 1))
	require.NoError(t, err)
	r, err := results.Open(v, log)
	require.NoError(t, err)
	files := rewrite.New(v, rewrite.Options{GroupRows: 1024, Memory: 64 << 20})
	c = New(v, cat, w, files, r, load.New(v, files, w, time.Now), Options{Clock: time.Now, SegmentBytes: 1, Every: -1, Logger: log})
	return c, func() {
		w.Stop()
		require.NoError(t, w.Close())
		require.NoError(t, v.Close())
	}
}

func rowsOf(c *Compactor) int64 {
	return part.Rows(c.catalog.Manifest().Files) + c.catalog.Memtable().Rows()
}

// While files are merged, a full segment of the log is flushed, and no event is lost.
func TestFlushDuringMerge(t *testing.T) {
	dir := t.TempDir()
	c, closeAll := open(t, dir)
	for i := range 3 {
		e := event.Event{
			ID: fmt.Sprint(i), Source: "shop", Channel: "web", Name: "Seen", Time: 1, ReceivedAt: 1,
			Identities: []event.Identity{{Type: "customerId", Value: "c"}},
		}
		_, err := c.writer.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
		require.NoError(t, err)
		if i < 2 {
			require.NoError(t, c.flush(t.Context()))
		}
	}
	require.Len(t, c.catalog.Parts(), 2)
	require.NoError(t, c.merge(t.Context(), c.catalog.Parts()))
	require.Len(t, c.catalog.Parts(), 2, "one of the two, and one of the log")
	require.Zero(t, c.catalog.Memtable().Bytes())
	require.EqualValues(t, 3, rowsOf(c))
	closeAll()
	c, closeAll = open(t, dir)
	require.EqualValues(t, 3, rowsOf(c))
	closeAll()
}
