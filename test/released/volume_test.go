// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/test/released/story"
)

// The current store opens the volume of a release and knows everything that it contains, before and after all files were rewritten, and after it is
// opened again.
func TestVolume(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		v := &opened{whole: t, release: dir, dir: copied(t, filepath.Join(dir, volumeDir))}
		v.open(t)
		v.knows(t)
		t.Run("flushed", func(t *testing.T) {
			require.NoError(t, v.store.Compact(t.Context()))
			v.knows(t)
		})
		t.Run("merged", func(t *testing.T) {
			require.NoError(t, v.store.MergeAll(t.Context()))
			v.knows(t)
		})
		t.Run("opened again", func(t *testing.T) {
			require.NoError(t, v.store.Close())
			v.open(t)
			v.knows(t)
		})
		t.Run("delivered again", v.delivered)
		t.Run("erased", v.erased)
	})
}

// opened is a copy of a volume with its store.
type opened struct {
	// whole is the test that closes the store.
	whole        *testing.T
	release, dir string
	store        *embedded.Store
}

func (v *opened) open(t *testing.T) {
	t.Helper()
	s, err := embedded.Open(options(v.dir, nil))
	require.NoError(t, err)
	v.store = s
	v.whole.Cleanup(func() { require.NoError(v.whole, s.Close()) })
}

// knows compares the store with the expectations of the release.
func (v *opened) knows(t *testing.T) {
	t.Helper()
	all, sessions := rows(t, v.store)
	sameLines(t, "rows", read(t, v.release, expectedDir, "rows.ndjson"), all)
	sameLines(t, "rows by session", read(t, v.release, expectedDir, "sessions.ndjson"), sessions)
	sameLines(t, "rows of the pin", read(t, v.release, expectedDir, "pinned.ndjson"), pinned(t, v.store))
	within(t, read(t, v.release, expectedDir, "state.json"), expect(t, v.store))
}

// position returns the position of the single partition of a source.
func (v *opened) position(t *testing.T, source string) []byte {
	cursors, err := v.store.Cursors(t.Context(), source)
	require.NoError(t, err)
	require.Len(t, cursors, 1)
	return cursors[0].Position
}

// delivered sends all events again. The store knows them all, and erased persons stay erased.
func (v *opened) delivered(t *testing.T) {
	before, _ := rows(t, v.store)
	var sum store.Appended
	events := int64(0)
	for _, chapter := range story.Batches(now) {
		for _, b := range chapter {
			if len(b.Moves) > 0 && !bytes.Equal(b.Moves[0].Next, v.position(t, b.Source)) {
				_, err := v.store.Append(t.Context(), b)
				require.ErrorIs(t, err, store.ErrCursorMoved, "a reader that starts from the beginning")
				b.Moves = nil
			}
			a, err := v.store.Append(t.Context(), b)
			require.NoError(t, err)
			sum.Duplicates, sum.Expired, sum.Erased = sum.Duplicates+a.Duplicates, sum.Expired+a.Expired, sum.Erased+a.Erased
			events += int64(len(b.Events))
		}
	}
	require.Equal(t, events, sum.Duplicates+sum.Expired+sum.Erased)
	require.Positive(t, sum.Erased)
	old := story.Batches(now.Add(-story.Length))[0][0]
	old.Moves = nil
	for i := range old.Events {
		old.Events[i].ID += "-old"
	}
	a, err := v.store.Append(t.Context(), old)
	require.NoError(t, err)
	require.Positive(t, a.Expired)
	require.EqualValues(t, len(old.Events), a.Expired+a.Erased, "what was removed as too old is not accepted again")
	after, _ := rows(t, v.store)
	sameLines(t, "rows", before, after)
}

// erased erases a person with a plan, and reopens the store.
func (v *opened) erased(t *testing.T) {
	ctx := t.Context()
	rest, gone := without(t, scanned(t, v.store, store.ScanRequest{Columns: everyColumn(t)}), story.Later)
	request := store.ErasureRequest{Identities: []event.Identity{story.Later}}
	plan, err := v.store.PlanErasure(ctx, request)
	require.NoError(t, err)
	require.EqualValues(t, gone, plan.Events)
	request.Digest = plan.Digest
	receipt, err := v.store.EraseAsPlanned(ctx, request)
	require.NoError(t, err)
	require.Equal(t, plan.Events, receipt.Events)
	require.NoError(t, v.store.Close())
	v.open(t)
	sameLines(t, "rows", lines(t, rest), lines(t, scanned(t, v.store, store.ScanRequest{Columns: everyColumn(t)})))
	receipts, err := v.store.Receipts(ctx)
	require.NoError(t, err)
	require.Equal(t, receipt, receipts[0])
	var was struct{ Receipts []store.Receipt }
	require.NoError(t, json.Unmarshal(read(t, v.release, expectedDir, "state.json"), &was))
	require.Equal(t, was.Receipts, receipts[1:], "the receipts of the release stay")
}

// The store completes an erasure that was interrupted by a crash.
func TestInterruptedErasure(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		s := open(t, copied(t, filepath.Join(dir, interruptedDir)))
		require.NoError(t, s.Compact(t.Context()))
		was := readRows(t, dir)
		rest, gone := without(t, was, story.Interrupted)
		require.Positive(t, gone)
		sameLines(t, "rows", lines(t, rest), lines(t, scanned(t, s, store.ScanRequest{Columns: everyColumn(t)})))
		receipts, err := s.Receipts(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, gone, receipts[0].Events)
		require.Positive(t, receipts[0].FilesChecked)
	})
}

// readRows returns the rows of a release.
func readRows(t *testing.T, dir string) (out []map[string]any) {
	t.Helper()
	for line := range strings.Lines(string(read(t, dir, expectedDir, "rows.ndjson"))) {
		row, ok := plain(t, []byte(line)).(map[string]any)
		require.True(t, ok)
		out = append(out, row)
	}
	return out
}

// Current types can decode the results in the volume of a release.
func TestResults(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		var state expectation
		require.NoError(t, json.Unmarshal(read(t, dir, expectedDir, "state.json"), &state))
		for owner, list := range state.Results {
			require.NotEmpty(t, list, owner)
			for _, r := range list {
				kind, _, _ := strings.Cut(r.Owner, "/")
				var status any = &v1alpha1.JourneyMapStatus{}
				if kind == v1alpha1.MetricReportKind {
					status = &v1alpha1.MetricReportStatus{}
				}
				strict(t, r.Body, status)
			}
		}
	})
}

// The current type has all fields of the manifests of a release.
func TestManifest(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		for _, v := range []string{volumeDir, interruptedDir} {
			text, _, _ := strings.Cut(string(read(t, dir, v, "MANIFEST")), "\n")
			strict(t, []byte(text), &catalog.Manifest{})
		}
	})
}

// The fixtures contain everything that a store can write to its volume.
func TestVolumeFixturesAreComplete(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		files := map[string]int{}
		require.NoError(t, filepath.WalkDir(filepath.Join(dir, volumeDir), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files[strings.TrimPrefix(filepath.Ext(path), ".")]++
			}
			return err
		}))
		require.GreaterOrEqual(t, files["log"], 2, "a segment that was ended, and one that was not")
		require.GreaterOrEqual(t, files["parquet"], 5)
		require.Positive(t, files["keys"])
		require.Equal(t, 1, files["people"])
		require.Equal(t, 2, files["json"], "results")
		text, _, _ := strings.Cut(string(read(t, dir, volumeDir, "MANIFEST")), "\n")
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		for _, field := range []string{"format", "number", "next", "seq", "horizon", "identity", "files", "keys", "sources", "tombstones", "receipts", "splits"} {
			require.NotEmpty(t, m[field], field)
		}
		text, _, _ = strings.Cut(string(read(t, dir, interruptedDir, "MANIFEST")), "\n")
		require.Contains(t, text, `"erasing":`)
		info, err := os.Stat(filepath.Join(dir, volumeDir, "LOCK"))
		require.NoError(t, err)
		require.Zero(t, info.Size())
	})
}
