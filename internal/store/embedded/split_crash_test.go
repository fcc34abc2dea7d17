// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

var (
	splitTablet = event.Identity{Type: "deviceId", Value: "tablet"}
	splitPhone  = event.Identity{Type: "deviceId", Value: "phone"}
	splitVictim = event.Identity{Type: "customerId", Value: "victim"}
)

func splitEvent(id int, ids ...event.Identity) event.Event {
	e := testEvent(id, "")
	e.Identities = ids
	return e
}

// splitHistory performs a fixed sequence until an operation fails, and records what was acknowledged.
type splitHistory struct {
	// done is the number of acknowledged steps.
	done int
	// versions are the persons in each state that was seen, as the events of each.
	versions map[store.Snapshot]string
}

// steps returns the steps. After each one, the persons are those at its position in splitPersons.
func (h *splitHistory) steps(t *testing.T, s *Store) []func() error {
	add := func(events ...event.Event) func() error {
		return func() error {
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
			return err
		}
	}
	split := func(r store.SplitRequest) func() error {
		return func() error {
			_, err := s.Split(t.Context(), r)
			return err
		}
	}
	compact := func() error { return s.Compact(t.Context()) }
	return []func() error{
		add(splitEvent(1, splitVictim, splitTablet), splitEvent(2, splitTablet), splitEvent(3, splitVictim, splitPhone), splitEvent(4, splitPhone)),
		compact,
		split(store.SplitRequest{Identity: splitTablet}),
		add(splitEvent(5, splitVictim, splitTablet), splitEvent(6, splitTablet, event.Identity{Type: "anonymousId", Value: "new"})),
		split(store.SplitRequest{Identity: splitPhone, From: &splitVictim}),
		compact,
		split(store.SplitRequest{Identity: splitPhone, Undo: true}),
		func() error {
			erased, err := s.EraseIdentity(t.Context(), splitVictim)
			if err == nil && (erased.Events != 3 || erased.FilesChecked == 0) {
				return fmt.Errorf("%+v", erased)
			}
			return err
		},
		add(splitEvent(7, splitPhone), splitEvent(8, splitTablet)),
		func() error { return s.Close() },
	}
}

// splitPersons are the persons after each number of steps.
var splitPersons = []string{
	"", "1234", "1234", "134 2", "1345 26", "135 26 4", "135 26 4", "1345 26", "26 4", "268 47", "268 47",
}

// erasedAt is the step with the erasure.
const erasedAt = 7

func (h *splitHistory) run(t *testing.T, s *Store) error {
	h.versions = map[store.Snapshot]string{}
	steps := h.steps(t, s)
	require.Len(t, splitPersons, len(steps)+1)
	for i, step := range steps {
		if err := step(); err != nil {
			return err
		}
		h.done++
		if i < len(steps)-1 {
			require.Equal(t, splitPersons[h.done], personsOf(t, s), "after step %d", h.done)
			h.note(t, s)
		}
	}
	return nil
}

// note records the persons of the newest state.
func (h *splitHistory) note(t *testing.T, s *Store) {
	h.same(t, s)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	h.versions[state.Health.Snapshot] = personsOf(t, s)
}

// same requires that the persons of all recorded states are unchanged, if these versions still exist.
func (h *splitHistory) same(t *testing.T, s *Store) {
	t.Helper()
	for v, seen := range h.versions {
		rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{AsOfSeq: v.Seq, IdentityVersion: v.IdentityVersion})
		if errors.Is(err, store.ErrSnapshotGone) {
			continue
		}
		require.NoError(t, err)
		require.Equal(t, seen, partitionOf(t, rows), "%+v", v)
	}
}

func personsOf(t *testing.T, s *Store) string {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
	require.NoError(t, err)
	return partitionOf(t, rows)
}

// partitionOf lists the numbers of the events of each person in ascending order, and the persons by their first event.
func partitionOf(t *testing.T, rows []storetest.Row) string {
	t.Helper()
	lists := map[any][]string{}
	for _, r := range rows {
		properties, ok := r[store.ColumnProperties].(string)
		require.True(t, ok)
		n := strings.TrimSuffix(strings.TrimPrefix(properties, `{"n":`), "}")
		person := r[store.ColumnPerson]
		lists[person] = append(lists[person], n)
	}
	var persons []string
	for _, list := range lists {
		slices.Sort(list)
		persons = append(persons, strings.Join(list, ""))
	}
	slices.Sort(persons)
	return strings.Join(persons, " ")
}

// check requires the persons of the last acknowledged step or of the interrupted one, and unchanged persons of earlier versions.
func (h *splitHistory) check(t *testing.T, s *Store) {
	t.Helper()
	got := personsOf(t, s)
	allowed := []string{splitPersons[h.done]}
	if h.done+1 < len(splitPersons) {
		allowed = append(allowed, splitPersons[h.done+1])
	}
	if h.done == erasedAt {
		// The tombstone is written before the events are removed, and each state in between is complete.
		allowed = append(allowed, splitPersons[erasedAt])
	}
	require.Contains(t, allowed, got, "%d steps were done", h.done)
	h.same(t, s)
}

// A history of splits, undone splits and the erasure of one identity. It can be continued after a power loss.
func TestPowerLossAtSplits(t *testing.T) {
	testPowerLoss(t, 50, func() *splitHistory { return &splitHistory{} })
}

func (h *splitHistory) recovered(t *testing.T, s *Store, dir string) {
	t.Helper()
	h.check(t, s)
	// repeat the interrupted step, then continue
	for i, step := range h.steps(t, s)[h.done:] {
		var err error
		if h.done+i == erasedAt {
			_, err = s.EraseIdentity(t.Context(), splitVictim)
		} else {
			err = step()
		}
		require.NoError(t, err, "step %d", h.done+i+1)
		if h.done+i+1 < len(splitPersons)-1 {
			require.Equal(t, splitPersons[h.done+i+1], personsOf(t, s))
		}
	}
	require.Empty(t, filesWith(t, dir, "victim"), "the erased identity")
	require.Empty(t, filesWith(t, dir, strconv.FormatUint(uint64(splitVictim.Anchor()), 10)), "its hash")
}

// If the disk refuses the manifest, nothing is split, the version stays the same, and the store continues.
func TestFailedSplit(t *testing.T) {
	for _, failure := range []error{unix.EIO, unix.ENOSPC} {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		s := mustOpen(t, smallOptions(t, disk.Root, disk))
		h := splitHistory{}
		steps := h.steps(t, s)
		require.NoError(t, steps[0]())
		before := s.catalog.People().Version()
		disk.Fail = func(_, name string) error {
			if strings.Contains(name, "MANIFEST") {
				return failure
			}
			return nil
		}
		_, err := s.Split(t.Context(), store.SplitRequest{Identity: splitTablet})
		require.Error(t, err)
		require.Equal(t, errors.Is(failure, unix.ENOSPC), errors.Is(err, store.ErrFull))
		require.Equal(t, splitPersons[1], personsOf(t, s))
		require.Equal(t, before, s.catalog.People().Version())
		disk.Fail = nil
		_, err = s.Split(t.Context(), store.SplitRequest{Identity: splitTablet})
		require.NoError(t, err)
		require.Equal(t, splitPersons[3], personsOf(t, s))
		require.Equal(t, before+1, s.catalog.People().Version())
		after := filepath.Join(t.TempDir(), "after")
		require.NoError(t, disk.AfterPowerLoss(after, nil))
		require.Equal(t, splitPersons[3], personsOf(t, mustOpen(t, smallOptions(t, after, nil))))
	}
}
