// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
)

// Scans by person agree with the store in memory, when more rows were re-attributed than a scan sorts in memory. Long texts are not in overlays.
// Packed and sharded scans, which the store in memory returns in plain form, agree with scans that have enough memory.
func TestReattributedRowsThatSpill(t *testing.T) {
	s, reference := spillingStore(t, nil, t.TempDir())
	little, err := extsort.Open(s.volume, 40_000, 1<<30)
	require.NoError(t, err)
	plenty, err := extsort.Open(s.volume, 1<<30, 1)
	require.NoError(t, err)
	before, day := s.volume.Names(), int64(24*3600*1_000_000)
	details := []string{store.ColumnEvent, store.ColumnSessionID, store.ColumnProperties}
	for _, r := range []store.ScanRequest{
		{}, {Columns: details, AsOfSeq: 50}, {Columns: details, From: testStart.UnixMicro(), To: testStart.UnixMicro() + 60*day},
		{Columns: append(details, store.ColumnClass), Packed: true},
		{Columns: append(details, store.ColumnClass), Packed: true, Counting: &store.Counting{Only: []string{"Seen 1"}, Whole: 1 << 20}},
	} {
		s.sorts = plenty
		names := s.volume.Names()
		want, wantStats := rowsOf(t, s, r)
		require.Equal(t, names, s.volume.Names(), "all is in memory")
		if !r.Packed {
			all, _ := unitRows(t, reference, r)
			require.Equal(t, all, want)
		}
		s.sorts = little
		got, stats := rowsOf(t, s, r)
		require.Equal(t, want, got)
		require.ElementsMatch(t, wantStats.Tallies, stats.Tallies)

		var shards []string
		for r.Shards, r.Shard = 3, 0; r.Shard < 3; r.Shard++ {
			list, _ := rowsOf(t, s, r)
			shards = append(shards, list...)
		}
		require.Equal(t, want, shards)
	}
	require.Greater(t, s.volume.Names(), before+15, "scans spilled")
	requireNoTemporary(t, s)
}

// rowsOf returns the rows of a scan as text, and its statistics.
func rowsOf(t testing.TB, s store.Store, r store.ScanRequest) ([]string, store.ScanStats) {
	t.Helper()
	sc, err := s.Scan(t.Context(), r)
	require.NoError(t, err)
	defer func() { require.NoError(t, sc.Close()) }()
	var out []string
	for {
		batch, err := sc.Next()
		if errors.Is(err, io.EOF) {
			return out, sc.Stats()
		}
		require.NoError(t, err)
		text, err := batch.MarshalJSON()
		require.NoError(t, err)
		var rows []json.RawMessage
		require.NoError(t, json.Unmarshal(bytes.TrimSpace(text), &rows))
		for _, row := range rows {
			out = append(out, string(row))
		}
	}
}
