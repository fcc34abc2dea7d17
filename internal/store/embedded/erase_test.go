// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// filesWith returns the files in a folder that contain one of the texts.
func filesWith(t *testing.T, dir string, texts ...string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				found = append(found, path)
				break
			}
		}
		return err
	}))
	return found
}

// onDisk reads all Parquet files on the disk, whether a manifest names them or not, with arrow-go. It counts rows that contain the text victim, all
// rows, and the row of another person who shared an identity with the victim, without that identity.
func onDisk(t *testing.T, dir string) (counts [3]int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "data", "*", "*.parquet"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		f, err := os.Open(name)
		require.NoError(t, err)
		table, err := pqarrow.ReadTable(t.Context(), f, nil, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		require.NoError(t, err)
		records := array.NewTableReader(table, 0)
		for records.Next() {
			var lines bytes.Buffer
			require.NoError(t, array.RecordToJSON(records.RecordBatch(), &lines))
			for line := range bytes.Lines(lines.Bytes()) {
				counts[1]++
				if bytes.Contains(line, []byte("victim")) {
					counts[0]++
				}
				if bytes.Contains(line, []byte(`"id":"shared"`)) &&
					bytes.Contains(line, []byte(`"identities":[{"type":"customerId","value":"third"},{"type":"badge","value":"b7"}]`)) {
					counts[2]++
				}
			}
		}
		require.NoError(t, records.Err())
		require.NoError(t, f.Close())
	}
	return counts
}

// person returns events of a person with two identities.
func person(name string, from, to int) []event.Event {
	var list []event.Event
	for i := from; i < to; i++ {
		e := testEvent(i, name)
		e.ID = fmt.Sprint(name, i)
		list = append(list, e)
	}
	return list
}

// Erases a person whose events are in old files, in merged files and in the log, and who has an identity in an event of another person.
func TestEraseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	appendAll := func(events []event.Event) store.Appended {
		a, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(t, err)
		return a
	}
	victim := event.Identity{Type: "customerId", Value: "victim"}
	for round := range 8 {
		appendAll(person("victim", round*4, round*4+4))
		appendAll(person("other", round*4, round*4+4))
		if round < 7 {
			require.NoError(t, s.Compact(t.Context()))
		}
	}
	shared := testEvent(99, "third")
	shared.ID, shared.Identities = "shared", []event.Identity{{Type: "customerId", Value: "third"}, {Type: "badge", Value: "b7"}, {Type: "anonymousId", Value: "anon-victim"}}
	appendAll([]event.Event{shared})
	require.NoError(t, s.PutResult(t.Context(), store.Result{Owner: "o", Run: "1", Body: []byte(`{"persons":["anon-victim"]}`)}))
	require.NoError(t, s.PutResult(t.Context(), store.Result{Owner: "o", Run: "2", Body: []byte(`{"persons":["other"]}`)}))
	require.NotEmpty(t, filesWith(t, dir, "victim"))

	got, err := s.Erase(t.Context(), victim)
	require.NoError(t, err)
	require.EqualValues(t, 32, got.Events)
	require.EqualValues(t, 2, got.Identities)
	require.Positive(t, got.FilesRewritten)
	require.Positive(t, got.FilesChecked)
	require.Empty(t, filesWith(t, dir, "victim"))
	require.Equal(t, [3]int{0, 33, 1}, onDisk(t, dir), "rows of the person, of others, and of the event that lost an identity")
	results, err := s.Results(t.Context(), "o", 0)
	require.NoError(t, err)
	require.Len(t, results, 1)

	again := append(person("victim", 0, 4), person("victim", 100, 104)...)
	a := appendAll(again)
	require.EqualValues(t, 8, a.Erased, "neither redelivery nor anything new brings the person back")
	require.NoError(t, s.Close())
	s = mustOpen(t, smallOptions(t, dir, nil))
	a = appendAll(again)
	require.EqualValues(t, 8, a.Erased)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 33, state.Health.Events)
	rows := 0
	eachProperty(t, s, func(string) { rows++ })
	require.Equal(t, 33, rows)
}

// In sorted files, the erased customer and another one have the same person number: they were one person when the files were written, until a late
// event showed that the mailbox belongs to the other one.
func TestEraseOfAFormerlySharedPerson(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	// during the month of the events, in which its files are not merged yet
	o.Clock = func() time.Time { return time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC) }
	s := mustOpen(t, o)
	one := func(id string, at int64, identities ...event.Identity) {
		e := testEvent(1, "")
		e.ID, e.Time, e.Identities = id, e.Time+at, identities
		e.Normalize()
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e}})
		require.NoError(t, err)
	}
	// The hashes decide which of the two gives the person its number, so there are several pairs.
	const pairs = 8
	mail := func(i int) event.Identity {
		return event.Identity{Type: "email", Value: fmt.Sprint("m", i, "@mail.example")}
	}
	owner := func(kind string, i int) event.Identity {
		return event.Identity{Type: "customerId", Value: fmt.Sprint(kind, "-", i)}
	}
	for _, add := range []func(i int){
		func(i int) { one(fmt.Sprint("a", i), 10, owner("first", i), mail(i)) },
		func(i int) { one(fmt.Sprint("b", i), 11, mail(i)) },
		func(i int) { one(fmt.Sprint("c", i), 5, owner("second", i), mail(i)) },
	} {
		for i := range pairs {
			add(i)
		}
		require.NoError(t, s.Compact(t.Context()))
	}
	for i := range pairs {
		erased, err := s.Erase(t.Context(), owner("first", i))
		require.NoError(t, err)
		require.EqualValues(t, 1, erased.Events, "their own event, not that of the mailbox")
	}
	require.Len(t, scanAll(t, s), 2*pairs)
}

// A scan of files with the erased person returns all rows, or ends with ErrSnapshotGone.
func TestEraseDuringScan(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	o.BatchRows = 10
	s := mustOpen(t, o)
	_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: append(person("victim", 0, 50), person("other", 0, 50)...)})
	require.NoError(t, err)
	require.NoError(t, s.Compact(t.Context()))
	sc, err := s.Scan(t.Context(), store.ScanRequest{})
	require.NoError(t, err)
	_, err = s.Erase(t.Context(), event.Identity{Type: "customerId", Value: "victim"})
	require.NoError(t, err)
	for err == nil {
		_, err = sc.Next()
	}
	require.ErrorIs(t, err, store.ErrSnapshotGone)
	require.NoError(t, sc.Close())
}

// The temporary files of an open scan are removed before the erasure is done, even if the scan is not closed.
func TestEraseDuringSpilledScan(t *testing.T) {
	for _, by := range []string{"", "sessionId"} {
		s, _ := spillingStore(t, nil, t.TempDir())
		sc, err := s.Scan(t.Context(), store.ScanRequest{By: by})
		require.NoError(t, err)
		_, err = sc.Next()
		require.NoError(t, err)
		left, err := s.volume.List(s.volume.Path(volume.Temp))
		require.NoError(t, err)
		require.NotEmpty(t, left, by)
		erased, err := s.Erase(t.Context(), event.Identity{Type: "anonymousId", Value: "a1"})
		require.NoError(t, err)
		require.Positive(t, erased.Events)
		requireNoTemporary(t, s)
		_, err = sc.Next()
		require.ErrorIs(t, err, store.ErrSnapshotGone)
		require.NoError(t, sc.Close())
	}
}

// Flushes and merges continue during a scan, which returns its snapshot to the end. Then the old files are removed.
func TestFilesStayWhileScanned(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	o.BatchRows = 5
	s := mustOpen(t, o)
	add := func(from, to int) {
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: person("somebody", from, to)})
		require.NoError(t, err)
		require.NoError(t, s.Compact(t.Context()))
	}
	for i := range 5 {
		add(i*2, i*2+2)
	}
	sc, err := s.Scan(t.Context(), store.ScanRequest{})
	require.NoError(t, err)
	for i := 5; i < 20; i++ {
		add(i*2, i*2+2)
	}
	rows := int64(0)
	for {
		b, err := sc.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		rows += b.NumRows()
	}
	require.EqualValues(t, 10, rows)
	require.NoError(t, sc.Close())
	on, err := filepath.Glob(filepath.Join(o.Dir, "data", "*", "*"))
	require.NoError(t, err)
	require.Len(t, on, len(s.catalog.Manifest().Files), "only files of the manifest are left")
}

// Expired events are rejected, and the store deletes old months by itself.
func TestRetention(t *testing.T) {
	now := testStart.Add(40 * 24 * time.Hour)
	o := smallOptions(t, t.TempDir(), nil)
	o.Clock = func() time.Time { return now }
	o.Retention = 60 * 24 * time.Hour
	s := mustOpen(t, o)
	a, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: append(person("somebody", 0, 10), person("late", -100, -98)...)})
	require.NoError(t, err)
	require.EqualValues(t, 2, a.Expired)
	require.NoError(t, s.Compact(t.Context()))
	now = now.Add(365 * 24 * time.Hour)
	require.NoError(t, s.compactor.DropExpired(t.Context()))
	require.Empty(t, s.catalog.Manifest().Files)
	on, err := filepath.Glob(filepath.Join(o.Dir, "data", "*", "*"))
	require.NoError(t, err)
	require.Empty(t, on)
}

// A Parquet file has a changed bit. No scan returns wrong rows, and the store reports the damage and becomes read-only.
func TestDamagedSortedFile(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	s := mustOpen(t, o)
	_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: person("somebody", 0, 30)})
	require.NoError(t, err)
	require.NoError(t, s.Compact(t.Context()))
	name := s.catalog.Parts()[0].Path()
	lost := int(s.catalog.Manifest().Files[0].Rows)
	require.NoError(t, s.Close())
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	b[len(b)/3] ^= 4
	require.NoError(t, os.WriteFile(name, b, 0o600))
	s = mustOpen(t, o)
	_, err = s.Scan(t.Context(), store.ScanRequest{})
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "corrupt")
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.Contains(t, state.Health.ReadOnly, filepath.Base(name))
	require.NoError(t, s.Close())

	o.AcceptDamage = true
	s = mustOpen(t, o)
	rows := 0
	eachProperty(t, s, func(string) { rows++ })
	require.Equal(t, 30-lost, rows)
	require.FileExists(t, filepath.Join(o.Dir, "quarantine", filepath.Base(name)))
}
