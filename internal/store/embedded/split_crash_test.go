// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
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

// splitHistory does a fixed sequence until something fails, and records what was promised.
type splitHistory struct {
	// done is the number of steps that were acknowledged.
	done int
	// versions are the persons, as the events of each, of the states that were seen.
	versions map[store.Snapshot]string
}

// The steps; after each one the persons are those of its place in splitPersons.
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

// splitPersons after each number of steps.
var splitPersons = []string{
	"", "1234", "1234", "134 2", "1345 26", "135 26 4", "135 26 4", "1345 26", "26 4", "268 47", "268 47",
}

// erasedAt is the step that erases.
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

// note records which persons the newest state has.
func (h *splitHistory) note(t *testing.T, s *Store) {
	h.same(t, s)
	h.versions[snapshotOf(t, s)] = personsOf(t, s)
}

// same wants the persons of a state to be those that it had when it was seen before.
func (h *splitHistory) same(t *testing.T, s *Store) {
	t.Helper()
	if seen, ok := h.versions[snapshotOf(t, s)]; ok {
		require.Equal(t, seen, personsOf(t, s), "%+v", snapshotOf(t, s))
	}
}

func snapshotOf(t *testing.T, s *Store) store.Snapshot {
	state, err := s.State(t.Context())
	require.NoError(t, err)
	return state.Health.Snapshot
}

// personsOf lists the events of each person, each list in the order of their numbers, the persons by their first.
func personsOf(t *testing.T, s *Store) string {
	t.Helper()
	events := map[uint64]map[int]bool{}
	for _, r := range scanAll(t, s) {
		var n int
		_, err := fmt.Sscanf(r.id, "e%d", &n)
		require.NoError(t, err)
		if events[r.person] == nil {
			events[r.person] = map[int]bool{}
		}
		events[r.person][n] = true
	}
	out := ""
	told := map[uint64]bool{}
	for n := range 10 {
		for person, list := range events {
			if !list[n] || told[person] {
				continue
			}
			told[person] = true
			if out != "" {
				out += " "
			}
			for k := range 10 {
				if list[k] {
					out += fmt.Sprint(k)
				}
			}
		}
	}
	return out
}

// check wants the persons of a step that was acknowledged or of the one that was cut off, and of a version the same ones as before.
func (h *splitHistory) check(t *testing.T, s *Store) {
	t.Helper()
	got := personsOf(t, s)
	allowed := []string{splitPersons[h.done]}
	if h.done+1 < len(splitPersons) {
		allowed = append(allowed, splitPersons[h.done+1])
	}
	if h.done == erasedAt {
		// Its tombstone stands before its events go; what comes in between is whole.
		allowed = append(allowed, splitPersons[erasedAt])
	}
	require.Contains(t, allowed, got, "%d steps were done", h.done)
	h.same(t, s)
}

// TestPowerLossAtSplits cuts the power before every single operation on the disk of a history of splits, their undoing, and the erasure of
// one identity. Afterwards the history can be taken up where it was left.
func TestPowerLossAtSplits(t *testing.T) {
	whole := newLossFS(filepath.Join(t.TempDir(), "store"))
	s, err := Open(smallOptions(t, whole.root, whole))
	require.NoError(t, err)
	var h splitHistory
	require.NoError(t, h.run(t, s))
	total := whole.operations
	t.Logf("%d operations", total)
	require.Greater(t, total, 50)
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for at := 1; at <= total; at += stride {
		t.Run(fmt.Sprint(at), func(t *testing.T) { splitPowerLossAt(t, at) })
	}
}

func splitPowerLossAt(t *testing.T, at int) {
	t.Parallel()
	disk := newLossFS(filepath.Join(t.TempDir(), "store"))
	disk.powerOffAt = at
	h := splitHistory{}
	if s, err := Open(smallOptions(t, disk.root, disk)); err == nil {
		require.Error(t, h.run(t, s), "the power was never cut")
		_ = s.Close()
	}
	disks := map[string]*rand.Rand{"lost": nil}
	if at%3 == 0 {
		disks["luck"] = rand.New(rand.NewPCG(1, uint64(at)))
	}
	for name, luck := range disks {
		dir := filepath.Join(t.TempDir(), name)
		require.NoError(t, disk.afterPowerLoss(dir, luck))
		again, err := Open(smallOptions(t, dir, nil))
		require.NoError(t, err, name)
		h.check(t, again)
		// What was cut off is asked for again, then the rest.
		for i, step := range h.steps(t, again)[h.done:] {
			if h.done+i == erasedAt {
				_, err = again.EraseIdentity(t.Context(), splitVictim)
			} else {
				err = step()
			}
			require.NoError(t, err, "step %d", h.done+i+1)
			if h.done+i+1 < len(splitPersons)-1 {
				require.Equal(t, splitPersons[h.done+i+1], personsOf(t, again))
			}
		}
		require.Empty(t, filesWith(t, dir, "victim"), "the erased identity")
	}
}
