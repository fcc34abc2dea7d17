// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

func imported(t *testing.T, s *Store, name string, events ...event.Event) store.Appended {
	t.Helper()
	a, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events, Import: name})
	require.NoError(t, err)
	return a
}

// Removes an import with events in old files, in merged files and in the log, next to other events of the same persons. Another reader finds none of
// them on the volume.
func TestRemoveLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	for round := range 8 {
		imported(t, s, "wrong", person("victim", round*4, round*4+4)...)
		imported(t, s, "", person("other", round*4, round*4+4)...)
		if round < 7 {
			require.NoError(t, s.Compact(t.Context()))
		}
	}
	require.Equal(t, 32, len(s.catalog.Sources()[0].Origins.Import("wrong").Runs)*4+4)
	r := store.RemoveRequest{Source: "shop", Import: "wrong"}
	plan, err := s.PlanRemoval(t.Context(), r)
	require.NoError(t, err)
	require.EqualValues(t, []int64{32, 1}, []int64{plan.Events, plan.Persons})
	got, err := s.Remove(t.Context(), r)
	require.NoError(t, err)
	require.EqualValues(t, []int64{32, 32, 3}, []int64{got.Events, got.Keys, got.Identities})
	require.Equal(t, plan.Files, got.FilesRewritten)
	require.GreaterOrEqual(t, got.FilesChecked, int64(1))
	require.Equal(t, [3]int{0, 32, 0}, onDisk(t, dir), "rows of the import, and of others")
	requireNoTemporary(t, s)
	on, err := filepath.Glob(filepath.Join(dir, "*", "*.keys"))
	require.NoError(t, err)
	require.Len(t, on, len(s.catalog.Manifest().Keys), "only files of the manifest are left")
	require.NoError(t, s.Close())
	s = mustOpen(t, smallOptions(t, dir, nil))
	require.Zero(t, imported(t, s, "right", person("victim", 0, 32)...).Duplicates)
	require.EqualValues(t, 32, imported(t, s, "", person("other", 0, 32)...).Duplicates)
	require.Len(t, scanAll(t, s), 64)
}

// Of several key files, only the one with keys of the import changes.
func TestKeysOfSeveralFiles(t *testing.T) {
	s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
	for i, n := range []int{3000, 700, 90} {
		list := person("a", 0, n)
		for j := range list {
			list[j].ID, list[j].Source = fmt.Sprint(i, "-", j), "shop"
		}
		imported(t, s, fmt.Sprint(i), list...)
		require.NoError(t, s.Compact(t.Context()))
	}
	before := s.catalog.Manifest().Keys
	require.Len(t, before, 3)
	got, err := s.Remove(t.Context(), store.RemoveRequest{Source: "shop", Import: "1"})
	require.NoError(t, err)
	require.EqualValues(t, 700, got.Keys)
	require.ElementsMatch(t, []dedup.Meta{before[0], before[2]}, s.catalog.Manifest().Keys)
	require.Len(t, scanAll(t, s), 3090)
}

// removeHistory performs a fixed sequence until an operation fails, and records the states that were seen.
type removeHistory struct{ splitHistory }

var (
	removeAnn   = event.Identity{Type: "customerId", Value: "ann"}
	removeBen   = event.Identity{Type: "customerId", Value: "ben"}
	removeVisit = event.Identity{Type: "anonymousId", Value: "x"}
)

func (h *removeHistory) steps(t *testing.T, s *Store) []func() error {
	add := func(name string, events ...event.Event) func() error {
		return func() error {
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events, Import: name})
			return err
		}
	}
	remove := func(r store.RemoveRequest) func() error {
		return func() error {
			r.Source = "shop"
			_, err := s.Remove(t.Context(), r)
			return err
		}
	}
	compact := func() error { return s.Compact(t.Context()) }
	return []func() error{
		add("", splitEvent(1, removeAnn, splitTablet), splitEvent(2, splitTablet)),
		compact,
		add("wrong", splitEvent(3, removeBen, splitPhone), splitEvent(4, splitVictim)),
		add("", splitEvent(5, splitPhone)),
		compact,
		add("wrong", splitEvent(6, removeAnn, removeVisit)),
		remove(store.RemoveRequest{Import: "wrong"}),
		add("right", splitEvent(3, removeAnn, splitPhone), splitEvent(4, splitVictim)),
		remove(store.RemoveRequest{Range: &store.TimeRange{From: splitEvent(1).Time, To: splitEvent(3).Time}}),
		compact,
		add("", splitEvent(1, removeAnn, splitTablet)),
		func() error { return s.Close() },
	}
}

// removePersons are the persons after each number of steps.
var removePersons = []string{"", "12", "12", "12 3 4", "12 35 4", "12 35 4", "126 35 4", "12 5", "1235 4", "35 4", "35 4", "135 4", "135 4"}

func (h *removeHistory) run(t *testing.T, s *Store) error {
	h.versions = map[store.Snapshot]string{}
	steps := h.steps(t, s)
	require.Len(t, removePersons, len(steps)+1)
	for i, step := range steps {
		if err := step(); err != nil {
			return err
		}
		h.done++
		if i < len(steps)-1 {
			require.Equal(t, removePersons[h.done], personsOf(t, s), "after step %d", h.done)
			h.note(t, s)
		}
	}
	return nil
}

// After a power loss, the state is that before or after a step. The history can be continued.
func TestPowerLossAtRemovals(t *testing.T) {
	testPowerLoss(t, 50, func() *removeHistory { return &removeHistory{} })
}

func (h *removeHistory) recovered(t *testing.T, s *Store, _ string) {
	t.Helper()
	require.Contains(t, removePersons[h.done:min(h.done+2, len(removePersons))], personsOf(t, s), "%d steps were done", h.done)
	h.same(t, s)
	for i, step := range h.steps(t, s)[h.done:] {
		if h.done+i+1 == len(removePersons)-1 {
			// only removed events are accepted again
			require.EqualValues(t, 0, imported(t, s, "", splitEvent(2, splitTablet), splitEvent(6, removeVisit)).Duplicates)
			require.EqualValues(t, 4, imported(t, s, "", events(1, 3, 4, 5)...).Duplicates)
		}
		require.NoError(t, step(), "step %d", h.done+i+1)
		if h.done+i+1 < len(removePersons)-1 {
			require.Equal(t, removePersons[h.done+i+1], personsOf(t, s))
		}
	}
}

// If replaced files cannot be unlinked afterwards, the removal has still happened, and says so. The next start unlinks them.
func TestRemovalLeavesFiles(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	s := mustOpen(t, smallOptions(t, disk.Root, disk))
	h := removeHistory{}
	for _, step := range h.steps(t, s)[:6] {
		require.NoError(t, step())
	}
	require.NoError(t, s.Compact(t.Context()))
	disk.Fail = func(op, name string) error {
		if op == "remove" && strings.HasSuffix(name, ".parquet") {
			return unix.EIO
		}
		return nil
	}
	removed, err := s.Remove(t.Context(), store.RemoveRequest{Source: "shop", Import: "wrong"})
	require.NoError(t, err)
	require.Positive(t, removed.Seq)
	require.EqualValues(t, 3, removed.Events)
	require.Equal(t, removePersons[7], personsOf(t, s))
	files := func(s *Store) []string {
		on, err := filepath.Glob(filepath.Join(s.options.Dir, "data", "*", "*"))
		require.NoError(t, err)
		return on
	}
	require.Greater(t, len(files(s)), len(s.catalog.Manifest().Files), "the disk refused nothing")
	disk.Fail = nil
	require.NoError(t, s.Close())
	again := mustOpen(t, smallOptions(t, disk.Root, nil))
	require.Equal(t, removePersons[7], personsOf(t, again))
	require.Len(t, files(again), len(again.catalog.Manifest().Files))
}

// If the disk refuses one kind of file, nothing is removed, no files of the attempt are left, and the store continues.
func TestFailedRemoval(t *testing.T) {
	for _, what := range []string{".parquet", ".keys", ".people", "MANIFEST.next", ".gone"} {
		for _, failure := range []error{unix.EIO, unix.ENOSPC} {
			disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
			s := mustOpen(t, smallOptions(t, disk.Root, disk))
			h := removeHistory{}
			for _, step := range h.steps(t, s)[:6] {
				require.NoError(t, step())
			}
			require.NoError(t, s.Compact(t.Context()))
			before := s.catalog.People().Version()
			disk.Fail = func(_, name string) error {
				if strings.Contains(name, what) {
					return failure
				}
				return nil
			}
			r := store.RemoveRequest{Source: "shop", Import: "wrong"}
			_, err := s.Remove(t.Context(), r)
			require.Error(t, err, what)
			require.Equal(t, errors.Is(failure, unix.ENOSPC), errors.Is(err, store.ErrFull), "%s: %v", what, err)
			disk.Fail = nil
			require.Equal(t, removePersons[6], personsOf(t, s))
			require.Equal(t, before, s.catalog.People().Version())
			requireNoTemporary(t, s)
			on, err := filepath.Glob(filepath.Join(disk.Root, "data", "*", "*"))
			require.NoError(t, err)
			require.Len(t, on, len(s.catalog.Manifest().Files), what)
			require.EqualValues(t, 1, imported(t, s, "", splitEvent(6, removeAnn, removeVisit)).Duplicates)
			_, err = s.Remove(t.Context(), r)
			require.NoError(t, err)
			require.Equal(t, removePersons[7], personsOf(t, s))
			after := filepath.Join(t.TempDir(), "after")
			require.NoError(t, disk.AfterPowerLoss(after, nil))
			require.Equal(t, removePersons[7], personsOf(t, mustOpen(t, smallOptions(t, after, nil))))
		}
	}
}

// TestRemovalWithUncertainManifest: the manifest is on the volume, but nobody knows whether it survives a power failure. The store puts the earlier one back, or
// becomes read-only, so that an event that is sent again is never acknowledged and lost.
func TestRemovalWithUncertainManifest(t *testing.T) {
	for _, fails := range []int{1, 2} {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		s := mustOpen(t, smallOptions(t, disk.Root, disk))
		h := removeHistory{}
		for _, step := range h.steps(t, s)[:6] {
			require.NoError(t, step())
		}
		require.NoError(t, s.Compact(t.Context()))
		last, left := "", fails
		disk.Fail = func(op, _ string) error {
			failed := op == "syncdir" && last == "rename" && left > 0
			last = op
			if failed {
				left--
				return unix.EIO
			}
			return nil
		}
		_, err := s.Remove(t.Context(), store.RemoveRequest{Source: "shop", Import: "wrong"})
		require.ErrorIs(t, err, store.ErrUnavailable)
		disk.Fail = nil
		require.Equal(t, removePersons[6], personsOf(t, s))
		state, err := s.State(t.Context())
		require.NoError(t, err)
		a, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{splitEvent(6, removeAnn, removeVisit)}})
		if fails == 1 {
			require.NoError(t, err)
			require.EqualValues(t, 1, a.Duplicates)
			after := filepath.Join(t.TempDir(), "after")
			require.NoError(t, disk.AfterPowerLoss(after, nil))
			require.Equal(t, removePersons[6], personsOf(t, mustOpen(t, smallOptions(t, after, nil))))
			continue
		}
		require.ErrorIs(t, err, store.ErrUnavailable)
		require.Contains(t, state.Health.ReadOnly, "restart the store")
	}
}
