// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/test/released/story"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// TestWriteVolume runs the current store through the story, with its server and client. It writes the volume, and the exchanges between client and
// server. Id and key of the volume and the clock are fixed, so the same code writes the same bytes.
func TestWriteVolume(t *testing.T) {
	if *write == "" {
		t.Skip("-write VERSION writes the fixtures of a release")
	}
	for _, dir := range []string{volumeDir, interruptedDir, expectedDir, protocolDir} {
		require.NoError(t, os.RemoveAll(filepath.Join(*write, dir)))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that jobs read one shard after the other
	w := &writing{dir: t.TempDir(), recorder: &recorder{}}
	seed(t, w.dir)
	w.open(t)
	w.live(t)
	require.NoError(t, os.CopyFS(filepath.Join(*write, volumeDir), os.DirFS(w.dir)))
	w.recorder.save(t, *write)
	w.interrupt(t, filepath.Join(*write, interruptedDir))
	writeExpectation(t, *write)
}

// seed writes an id and a key to an empty volume. Otherwise the store would generate them.
func seed(t *testing.T, dir string) {
	t.Helper()
	key := sha256.Sum256([]byte("fixtures"))
	put(t, []byte("f1f2f3f4f5f6f7f8\n"), dir, "ID")
	put(t, key[:], dir, "tombstone.key")
}

// writing is a store that runs through the story.
type writing struct {
	dir      string
	recorder *recorder
	fs       interruptible

	store  *embedded.Store
	serves *service
}

// open opens or reopens the store.
func (w *writing) open(t *testing.T) {
	t.Helper()
	var err error
	w.store, err = embedded.Open(options(w.dir, &w.fs))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	w.serves = serve(t, w.store, w.recorder.wrap)
}

// live runs through the story. In the end, there are events in the tail of the log, splits in the manifest, and an open segment of a store that was
// killed.
func (w *writing) live(t *testing.T) {
	ctx := t.Context()
	chapters := story.Batches(now)
	appends, scans, admin := w.serves.clients(t)
	add := func(chapter int) {
		for _, b := range chapters[chapter] {
			_, err := appends.Append(ctx, b)
			require.NoError(t, err)
		}
	}
	for chapter := range 6 {
		add(chapter)
		require.NoError(t, w.store.Compact(ctx))
	}
	for _, r := range []store.SplitRequest{{Identity: story.Tablet}, {Identity: story.Kiosk, Shared: true}} {
		_, err := admin.Split(ctx, r)
		require.NoError(t, err)
	}
	request := store.ErasureRequest{Identities: []event.Identity{story.Planned}}
	plan, err := admin.PlanErasure(ctx, request)
	require.NoError(t, err)
	request.Digest = plan.Digest
	_, err = admin.EraseAsPlanned(ctx, request)
	require.NoError(t, err)
	_, err = admin.Erase(ctx, story.Erased)
	require.NoError(t, err)
	_, err = admin.EraseIdentity(ctx, story.ErasedAlone)
	require.NoError(t, err)
	_, err = scans.Pin(ctx, store.PinRequest{ID: story.Pin, TTL: store.MaxPinTTL})
	require.NoError(t, err)
	_, err = admin.Retain(ctx, now.Add(-story.Length+48*time.Hour))
	require.NoError(t, err)
	add(6)
	require.NoError(t, w.store.Compact(ctx))
	w.analyse(t)

	last := chapters[story.Chapters-1]
	_, err = appends.Append(ctx, last[0])
	require.NoError(t, err)
	_, err = appends.Append(ctx, chapters[0][len(chapters[0])-1]) // a redelivery
	require.NoError(t, err)
	require.NoError(t, w.store.Close())
	w.open(t)
	appends, scans, admin = w.serves.clients(t)
	for _, b := range last[1:] {
		_, err := appends.Append(ctx, b)
		require.NoError(t, err)
	}
	_, err = admin.Split(ctx, store.SplitRequest{Identity: story.Phone, From: &event.Identity{Type: "customerId", Value: "c-23"}})
	require.NoError(t, err)
	w.ask(t, appends, scans, admin)
}

// analyse writes the results of the sample map and report, like their jobs.
func (w *writing) analyse(t *testing.T) {
	t.Helper()
	samples, err := rig.ReadSamples("../../config/samples")
	require.NoError(t, err)
	_, scans, _ := w.serves.clients(t)
	for _, kind := range []string{v1alpha1.JourneyMapKind, v1alpha1.MetricReportKind} {
		doc := samples.Analysis(kind, w.serves.url, now.Add(-story.Length))
		run := &analysis.Run{
			Document: doc, Scheduled: now, Job: doc.Name + "-1", Store: scans, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		}
		status, err := run.Compute(t.Context())
		require.NoError(t, err)
		content, err := json.Marshal(status)
		require.NoError(t, err)
		state, err := scans.State(t.Context())
		require.NoError(t, err)
		require.NoError(t, scans.PutResult(t.Context(), store.Result{
			Owner: fmt.Sprintf("%s/%s/%s", kind, doc.Name, doc.UID), Run: fmt.Sprintf("1-%d", now.Unix()), At: now.UnixMicro(), Snapshot: state.Health.Snapshot, Body: content,
		}))
	}
}

// ask sends every kind of request.
func (w *writing) ask(t *testing.T, appends, scans, admin store.Store) {
	t.Helper()
	ctx := t.Context()
	for _, source := range []string{"crm-email", "web"} {
		_, err := appends.Cursors(ctx, source)
		require.NoError(t, err)
	}
	reporter, ok := appends.(store.Reporter)
	require.True(t, ok)
	require.NoError(t, reporter.Report(ctx, store.Report{
		Source: "web", Pod: "web-ingest-1", Generation: 2, Missing: []store.MissingSecret{{For: store.SecretForHashing, Name: "pepper", Key: "pepper", Problem: "not found"}},
	}))
	for _, r := range scanRequests(t) {
		scan, err := scans.Scan(ctx, r)
		require.NoError(t, err)
		drain(t, scan)
	}
	_, err := scans.Pin(ctx, store.PinRequest{ID: "short", TTL: time.Minute})
	require.NoError(t, err)
	_, err = scans.State(ctx)
	require.NoError(t, err)
	require.NoError(t, scans.Unpin(ctx, "short"))
	_, err = scans.Results(ctx, owners[0], 1)
	require.NoError(t, err)
	_, err = admin.Receipts(ctx)
	require.NoError(t, err)
	_, err = admin.PlanErasure(ctx, store.ErasureRequest{Identities: []event.Identity{story.Later}})
	require.NoError(t, err)
	_, err = admin.EraseAsPlanned(ctx, store.ErasureRequest{Identities: []event.Identity{{Type: "email", Value: "nobody@example.com"}}, Digest: "0"})
	require.ErrorIs(t, err, store.ErrInvalid)
}

// scanRequests returns scan requests of all forms.
func scanRequests(t *testing.T) []store.ScanRequest {
	t.Helper()
	from, to := now.Add(-30*24*time.Hour).UnixMicro(), now.UnixMicro()
	return []store.ScanRequest{
		{Columns: everyColumn(t)},
		{From: from, To: to, Sources: []string{"tills", "web"}, Columns: []string{store.ColumnEvent}, PersonsWith: []string{"Order Completed"}, Shard: 1, Shards: 2},
		{By: "sessionId", Columns: []string{store.ColumnEvent, store.ColumnAmount}},
		{Packed: true, Columns: []string{store.ColumnClass}, Counting: &store.Counting{Only: []string{"Order Completed"}, Spans: []event.Span{{From: from, To: to}}, Whole: 1000}},
		{Pin: story.Pin, Columns: []string{store.ColumnEvent}},
	}
}

// interruptible is a filesystem that keeps the state at the time when the manifest with an erasure is written.
type interruptible struct {
	volume.System

	// keep is the folder for the kept state, or empty.
	keep string
}

// Free returns the free bytes of a volume of one gibibyte.
func (*interruptible) Free(string) (int64, error) { return 1 << 30, nil }

// Rename keeps the volume once.
func (f *interruptible) Rename(from, to string) error {
	if err := f.System.Rename(from, to); err != nil || f.keep == "" || filepath.Base(to) != "MANIFEST" {
		return err
	}
	content, err := os.ReadFile(to)
	if err == nil && bytes.Contains(content, []byte(`"erasing":`)) {
		err = os.CopyFS(f.keep, os.DirFS(filepath.Dir(to)))
		f.keep = ""
	}
	return err
}

// interrupt writes the volume of a store that crashed during an erasure.
func (w *writing) interrupt(t *testing.T, dir string) {
	t.Helper()
	w.fs.keep = dir
	request := store.ErasureRequest{Identities: []event.Identity{story.Interrupted}}
	plan, err := w.store.PlanErasure(t.Context(), request)
	require.NoError(t, err)
	request.Digest = plan.Digest
	_, err = w.store.EraseAsPlanned(t.Context(), request)
	require.NoError(t, err)
	require.Empty(t, w.fs.keep, "no manifest had the erasure")
}

// writeExpectation writes the expectations for a copy of the volume.
func writeExpectation(t *testing.T, dir string) {
	t.Helper()
	s := open(t, copied(t, filepath.Join(dir, volumeDir)))
	all, sessions := rows(t, s)
	put(t, all, dir, expectedDir, "rows.ndjson")
	put(t, sessions, dir, expectedDir, "sessions.ndjson")
	put(t, pinned(t, s), dir, expectedDir, "pinned.ndjson")
	put(t, indented(t, expect(t, s)), dir, expectedDir, "state.json")
}
