// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// unitBatches returns events of persons who share devices, sessions and accounts. Some have no unit.
func unitBatches(r *rand.Rand, n int) []store.Batch {
	values := []string{`"it's"`, `"\u00e9"`, `true`, `1`, `1.5`, `-0.25`, `null`, `""`, `{"x":1}`, `[1]`, `12345678901234567890123`}
	var list []store.Batch
	for id := 0; id < n; {
		b := store.Batch{Source: "shop"}
		for range 1 + r.IntN(40) {
			at := testStart.UnixMicro() + r.Int64N(90*24*3600)*1_000_000
			e := event.Event{
				ID: fmt.Sprint("e", id), Source: "shop", Channel: "web", Name: fmt.Sprint("Seen ", r.IntN(5)), Time: at, ReceivedAt: at + 1,
				Identities: []event.Identity{{Type: "anonymousId", Value: fmt.Sprint("a", r.IntN(200))}},
				Properties: fmt.Appendf(nil, `{"n":%d,"k":%s,"deep":{"k":"d%d"}}`, id, values[r.IntN(len(values))], r.IntN(50)),
			}
			if r.IntN(3) > 0 {
				e.SessionID = fmt.Sprint("s-", r.IntN(300))
			}
			if r.IntN(4) == 0 {
				e.Groups = fmt.Appendf(nil, `{"company":{"id":"c%d"}}`, r.IntN(4))
			}
			if r.IntN(10) == 0 {
				e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: fmt.Sprint("c", r.IntN(50))})
			}
			b.Events = append(b.Events, e)
			id++
		}
		list = append(list, b)
	}
	return list
}

// unitRows returns the rows of a scan by unit as text, and the number of rows without a unit.
func unitRows(t testing.TB, s store.Store, r store.ScanRequest) ([]string, int64) {
	t.Helper()
	rows, stats := rowsOf(t, s, r)
	return rows, stats.WithoutUnit
}

// spillingStore returns a store with files, a log and persons who were linked late. It sorts with so little memory that scans by unit spill to many
// files.
func spillingStore(t testing.TB, fs volume.FS, dir string) (*Store, store.Store) {
	t.Helper()
	o := smallOptions(t, dir, fs)
	o.BatchRows = 300
	s, reference := mustOpen(t, o), memory.New(identity.NewPolicy(nil))
	batches := unitBatches(rand.New(rand.NewPCG(5, 6)), 3000)
	for i, b := range batches {
		for _, to := range []store.Store{s, reference} {
			_, err := to.Append(t.Context(), b)
			require.NoError(t, err)
		}
		if i == len(batches)/3 || i == len(batches)/2 {
			require.NoError(t, s.Compact(t.Context()))
		}
	}
	var err error
	s.sorts, err = extsort.Open(s.volume, 400_000, 1<<30)
	require.NoError(t, err)
	return s, reference
}

// Scans by unit agree with the store in memory: row by row with one shard, and as a whole with several.
func TestUnitsAgreeWithReference(t *testing.T) {
	s, reference := spillingStore(t, nil, t.TempDir())
	names := s.volume.Names()
	for _, by := range []string{"sessionId", "orderId", "properties.k", "properties.deep.k", "properties.k.x", "groups.company.id"} {
		for _, r := range []store.ScanRequest{
			{}, {Columns: []string{store.ColumnEvent}}, {Columns: []string{store.ColumnSessionID, store.ColumnProperties}},
			{From: testStart.UnixMicro(), To: testStart.UnixMicro() + 30*24*3600*1_000_000, AsOfSeq: 50},
			{Packed: true, Columns: []string{store.ColumnEvent, store.ColumnClass}, Counting: &store.Counting{Whole: 1}, PersonsWith: []string{"Seen 1"}},
		} {
			r.By = by
			want, without := unitRows(t, reference, r)
			got, gotWithout := unitRows(t, s, r)
			require.Equal(t, want, got)
			require.Equal(t, without, gotWithout)

			units, all := map[string]int{}, int64(0)
			rows := 0
			for r.Shards, r.Shard = 3, 0; r.Shard < 3; r.Shard++ {
				list, n := unitRows(t, s, r)
				all += n
				rows += len(list)
				for _, row := range list {
					var x struct{ Unit string }
					require.NoError(t, json.Unmarshal([]byte(row), &x))
					if shard, ok := units[x.Unit]; ok {
						require.Equal(t, shard, r.Shard, "all of a unit are in one shard")
					}
					units[x.Unit] = r.Shard
				}
			}
			require.Equal(t, without, all)
			require.Len(t, want, rows)
		}
	}
	require.Greater(t, s.volume.Names(), names+20, "scans spilled")
	requireNoTemporary(t, s)
}

func requireNoTemporary(t testing.TB, s *Store) {
	t.Helper()
	left, err := s.volume.List(s.volume.Path(volume.Temp))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A scan by unit that finds the disk full is unavailable, leaves no files, and does not affect others.
func TestUnitsWithAFullDisk(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	s, _ := spillingStore(t, disk, disk.Root)
	disk.Fail = func(op, name string) error {
		if op == "write" && filepath.Ext(name) == ".sort" {
			return unix.ENOSPC
		}
		return nil
	}
	sc, err := s.Scan(t.Context(), store.ScanRequest{By: "sessionId"})
	require.NoError(t, err)
	for range 2 {
		_, err = sc.Next()
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.ErrorContains(t, err, "no space left")
	}
	_, err = appendOne(t, s, 100_000)
	require.NoError(t, err)
	few := store.ScanRequest{Columns: []string{store.ColumnEvent}, From: testStart.UnixMicro(), To: testStart.UnixMicro() + 5*24*3600*1_000_000}
	require.NotEmpty(t, scannedPlaces(t, s, few), "what fits into memory")
	require.NoError(t, sc.Close())
	requireNoTemporary(t, s)
	require.NoError(t, s.volume.Healthy())

	disk.Fail = nil
	s.sorts, err = extsort.Open(s.volume, 400_000, 1000)
	require.NoError(t, err)
	sc, err = s.Scan(t.Context(), store.ScanRequest{By: "sessionId"})
	require.NoError(t, err)
	_, err = sc.Next()
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "limit of 1000 bytes")
	require.NoError(t, sc.Close())
}

// A scan that sorts or waits for memory ends with its context and with the store.
func TestScansByUnitEndWithTheStore(t *testing.T) {
	dir := t.TempDir()
	s, _ := spillingStore(t, nil, dir)
	var open []store.Scan
	for range 4 {
		sc, err := s.Scan(t.Context(), store.ScanRequest{By: "sessionId"})
		require.NoError(t, err)
		_, err = sc.Next()
		require.NoError(t, err)
		open = append(open, sc)
	}
	ctx, cancel := context.WithCancel(t.Context())
	sc, err := s.Scan(ctx, store.ScanRequest{By: "sessionId"})
	require.NoError(t, err)
	cancel()
	_, err = sc.Next()
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.NoError(t, sc.Close())

	require.NoError(t, s.Close())
	for _, sc := range open {
		_, err := sc.Next()
		require.ErrorIs(t, err, store.ErrUnavailable)
	}
	left, err := os.ReadDir(filepath.Join(dir, string(volume.Temp)))
	require.NoError(t, err)
	require.Empty(t, left)

	// files that a crash left are removed when the store is opened
	require.NoError(t, os.WriteFile(filepath.Join(dir, string(volume.Temp), "000000000001.sort"), []byte("left"), 0o640))
	requireNoTemporary(t, mustOpen(t, smallOptions(t, dir, nil)))
}
