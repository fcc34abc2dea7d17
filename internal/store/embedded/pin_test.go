// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// pins performs a fixed sequence of operations with pins until one fails, and records what was acknowledged.
type pins struct {
	// shows are the rows of each acknowledged pin.
	shows map[string][]storetest.Row
	// ending are pins that were being ended by an erasure or on request.
	ending map[string]bool
}

func pinnedRows(t *testing.T, s *Store, id string) ([]storetest.Row, error) {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{Pin: id})
	return rows, err
}

func (p *pins) run(t *testing.T, s *Store) error {
	add := func(ids ...int) func() error {
		return func() error {
			list := events(ids...)
			for i := range list {
				// each customer shares a device with the next one, so that persons change
				list[i].Identities = append(list[i].Identities, event.Identity{Type: "loyaltyId", Value: fmt.Sprint(ids[i] / 3)})
			}
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: list})
			return err
		}
	}
	pin := func(id string) func() error {
		return func() error {
			rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
			if err != nil {
				return err
			}
			if _, err = s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour}); err == nil {
				p.shows[id] = rows
			}
			return err
		}
	}
	compact := func() error { return s.Compact(t.Context()) }
	steps := []func() error{
		add(0, 1, 2), compact, pin("first"), add(3, 4, 5), pin("second"), compact, add(6, 7),
		func() error {
			_, err := s.Retain(t.Context(), testStart.Add(4*12*time.Hour))
			return err
		},
		pin("third"),
		func() error {
			_, err := s.Pin(t.Context(), store.PinRequest{ID: "first", TTL: 2 * time.Hour})
			return err
		},
		func() error { p.ending["second"] = true; return s.Unpin(t.Context(), "second") },
		add(8, 9), compact,
		func() error {
			for id := range p.shows {
				p.ending[id] = true
			}
			_, err := s.Erase(t.Context(), event.Identity{Type: "customerId", Value: "customer-1"})
			if err == nil {
				p.shows = map[string][]storetest.Row{}
			}
			return err
		},
		pin("fourth"), add(10), s.Close,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *pins) check(t *testing.T, s *Store) {
	t.Helper()
	for id, want := range p.shows {
		rows, err := pinnedRows(t, s, id)
		if p.ending[id] && errors.Is(err, store.ErrSnapshotGone) {
			continue
		}
		require.NoError(t, err, id)
		require.Equal(t, want, rows, id)
	}
	begun := len(s.catalog.Manifest().Tombstones) > 0 && s.catalog.Manifest().Erasing == nil
	for _, id := range []string{"first", "second", "third"} {
		if _, err := pinnedRows(t, s, id); begun {
			require.ErrorIs(t, err, store.ErrSnapshotGone, id)
		}
	}
}

// filesOfPins returns the files for pins on the volume, and those that the manifest names.
func filesOfPins(t *testing.T, s *Store) (there, named []string) {
	t.Helper()
	there, err := s.volume.List(s.volume.Path(volume.Pins))
	require.NoError(t, err)
	for _, p := range s.catalog.Manifest().Pins {
		named = append(named, p.File)
	}
	return there, named
}

// After a power loss, each acknowledged pin has the same rows and persons, unless it was being ended. No files of other pins are left.
func TestPowerLossOfPins(t *testing.T) {
	testPowerLoss(t, 100, func() *pins { return &pins{shows: map[string][]storetest.Row{}, ending: map[string]bool{}} })
}

func (p *pins) recovered(t *testing.T, s *Store, _ string) {
	t.Helper()
	there, named := filesOfPins(t, s)
	require.ElementsMatch(t, named, there)
	p.check(t, s)
	require.NoError(t, s.Compact(t.Context()))
	p.check(t, s)
}

// On a volume that is nearly full, the oldest pins and the files for them are removed until there is space.
func TestFullVolumeEndsPins(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	o := smallOptions(t, disk.Root, disk)
	o.MinFree = 1000
	disk.Room = 1 << 30
	s, err := Open(o)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(0, 1, 2, 3)})
	require.NoError(t, err)
	for _, id := range []string{"old", "new"} {
		_, err = s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour})
		require.NoError(t, err)
	}
	_, err = s.Retain(t.Context(), testStart.Add(24*time.Hour))
	require.NoError(t, err)
	rows, err := pinnedRows(t, s, "old")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.Greater(t, state.Health.PinnedBytes, int64(1000), "the removed rows and two files of persons")
	require.GreaterOrEqual(t, state.Health.UsedBytes, state.Health.PinnedBytes)

	// there is space when the file of a pin is removed
	disk.Room = o.MinFree - 1
	disk.Fail = func(op, name string) error {
		if op == "remove" && filepath.Base(filepath.Dir(name)) == string(volume.Pins) {
			disk.Room = 1 << 30
		}
		return nil
	}
	_, err = s.Pin(t.Context(), store.PinRequest{ID: "newer", TTL: time.Hour})
	require.ErrorIs(t, err, store.ErrFull)
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(4)})
	require.ErrorIs(t, err, store.ErrFull)
	require.NoError(t, s.Compact(t.Context()))
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(4)})
	require.NoError(t, err)
	_, err = pinnedRows(t, s, "old")
	require.ErrorIs(t, err, store.ErrSnapshotGone)
	rows, err = pinnedRows(t, s, "new")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	state, err = s.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, state.Health.PinsEndedEarly)
	there, named := filesOfPins(t, s)
	require.ElementsMatch(t, named, there)
}

// The background loop ends them as soon as an append finds the volume full, before the next flush is due.
func TestFullVolumeEndsPinsAtOnce(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	o := smallOptions(t, disk.Root, disk)
	o.MinFree, o.CompactEvery = 1000, time.Hour
	full := false // under the lock of the disk
	disk.Fail = func(op, name string) error {
		ofPin := filepath.Base(filepath.Dir(name)) == string(volume.Pins)
		switch {
		case op == "create" && ofPin:
			full = true
		case op == "remove" && ofPin:
			full = false
		case op == "free" && full:
			disk.Room = o.MinFree - 1
		case op == "free":
			disk.Room = 1 << 30
		}
		return nil
	}
	s, err := Open(o)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(0, 1)})
	require.NoError(t, err)
	_, err = s.Pin(t.Context(), store.PinRequest{ID: "run", TTL: time.Hour})
	require.NoError(t, err)
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(2)})
	require.ErrorIs(t, err, store.ErrFull)
	require.Eventually(t, func() bool {
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events(2)})
		return err == nil
	}, time.Minute, time.Millisecond)
	_, err = pinnedRows(t, s, "run")
	require.ErrorIs(t, err, store.ErrSnapshotGone)
}

// After the store is opened with another policy, the same version number can mean other persons. A pin keeps its own.
func TestPinsOfAnotherPolicy(t *testing.T) {
	dir := t.TempDir()
	o := smallOptions(t, dir, nil)
	open := func(links int32) *Store {
		o.Identity = identity.NewPolicy(map[string]int32{"deviceId": links})
		s, err := Open(o)
		require.NoError(t, err)
		return s
	}
	s := open(2)
	add := func(s *Store, id int, who string) {
		e := testEvent(id, who)
		e.Identities = []event.Identity{{Type: "loyaltyId", Value: who}, {Type: "deviceId", Value: fmt.Sprint("device-", id%2)}}
		// each commit creates a version of the persons with any policy
		more := testEvent(100+id, "more "+who)
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{e, more}})
		require.NoError(t, err)
	}
	for i := range 6 {
		add(s, i, fmt.Sprint("a", i))
	}
	require.NoError(t, s.Compact(t.Context()))
	want := map[string][]storetest.Row{}
	pin := func(id string) {
		rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
		require.NoError(t, err)
		_, err = s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour})
		require.NoError(t, err)
		want[id] = rows
	}
	check := func() {
		t.Helper()
		for _, id := range slices.Sorted(maps.Keys(want)) {
			rows, err := pinnedRows(t, s, id)
			require.NoError(t, err)
			require.Equal(t, want[id], rows, id)
			// a normal scan in between fills the caches of the files
			_, _, err = storetest.Collect(t.Context(), s, store.ScanRequest{})
			require.NoError(t, err)
		}
	}
	for i, links := range []int32{9, 9, 2, 2, 5, 5, 3} {
		require.NoError(t, s.Close())
		s = open(links)
		check()
		pin(fmt.Sprint("before ", i))
		for j := range 3 {
			add(s, 10+10*i+j, fmt.Sprint("b", i, j))
		}
		pin(fmt.Sprint("after ", i))
		check()
		if i == 3 {
			require.NoError(t, s.MergeAll(t.Context()))
			check()
		}
	}
	require.NoError(t, s.Close())
}

// A damaged file of a pin ends this pin, and nothing else.
func TestDamagedPins(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, path string){
		"missing":   func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Remove(path)) },
		"truncated": func(t *testing.T, path string) { t.Helper(); require.NoError(t, os.Truncate(path, 20)) },
		"changed": func(t *testing.T, path string) {
			t.Helper()
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			b[len(b)-1] ^= 1
			require.NoError(t, os.WriteFile(path, b, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := smallOptions(t, t.TempDir(), nil)
			s, err := Open(o)
			require.NoError(t, err)
			_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(0, 1, 2, 3, 4, 5)})
			require.NoError(t, err)
			for _, id := range []string{"damaged", "whole"} {
				_, err = s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour})
				require.NoError(t, err)
			}
			path := s.volume.Path(volume.Pins, s.catalog.Manifest().Pins[0].File)
			require.NoError(t, s.Close())
			harm(t, path)
			s, err = Open(o)
			require.NoError(t, err)
			_, err = pinnedRows(t, s, "damaged")
			require.ErrorIs(t, err, store.ErrSnapshotGone)
			rows, err := pinnedRows(t, s, "whole")
			require.NoError(t, err)
			require.Len(t, rows, 6)
			require.NoError(t, s.Compact(t.Context()))
			require.Len(t, scanAll(t, s), 6)
			require.NoError(t, s.Close())
		})
	}
}

// A file that retention removed is kept for the pins that existed at that time, but not for later ones.
func TestPinsKeepOnlyTheirOwnFiles(t *testing.T) {
	s, err := Open(smallOptions(t, t.TempDir(), nil))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(0, 1, 2, 3)})
	require.NoError(t, err)
	pin := func(id string) {
		_, err := s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour})
		require.NoError(t, err)
	}
	held := func() int { return len(s.catalog.Manifest().Held) }
	pin("before")
	_, err = s.Retain(t.Context(), testStart.Add(24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, held())
	pin("after")
	rows, err := pinnedRows(t, s, "after")
	require.NoError(t, err)
	require.Len(t, rows, 2)
	// a scan that has started continues when its pin ends
	scan, err := s.Scan(t.Context(), store.ScanRequest{Pin: "before"})
	require.NoError(t, err)
	path := s.volume.Path(volume.Data, s.catalog.Manifest().Held[0].Name)
	require.NoError(t, s.Unpin(t.Context(), "before"))
	require.Zero(t, held())
	require.FileExists(t, path)
	batch, err := scan.Next()
	require.NoError(t, err)
	require.EqualValues(t, 4, batch.NumRows())
	require.NoError(t, scan.Close())
	require.NoFileExists(t, path)
	require.NoError(t, s.Unpin(t.Context(), "after"))
}

// Pods that start at the same time get one pin, while the store appends, flushes, merges and applies the retention.
func TestConcurrentPins(t *testing.T) {
	s, err := Open(smallOptions(t, t.TempDir(), nil))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(0, 1, 2, 3)})
	require.NoError(t, err)
	const rounds, pods = 10, 4
	work := make(chan error, 1)
	go func() {
		var err error
		for i := range 3 * rounds {
			_, appendErr := s.Append(t.Context(), store.Batch{Source: "shop", Events: events(10+i, 50+i)})
			_, retainErr := s.Retain(t.Context(), testStart.Add(time.Duration(i)*12*time.Hour))
			err = errors.Join(err, appendErr, retainErr, s.Compact(t.Context()))
		}
		work <- err
	}()
	for round := range rounds {
		id := fmt.Sprint("run-", round)
		type answer struct {
			pin  store.Pin
			rows []storetest.Row
			err  error
		}
		answers := make(chan answer, pods)
		for range pods {
			go func() {
				var a answer
				if a.pin, a.err = s.Pin(t.Context(), store.PinRequest{ID: id, TTL: time.Hour}); a.err == nil {
					a.rows, _, a.err = storetest.Collect(t.Context(), s, store.ScanRequest{Pin: id})
				}
				answers <- a
			}()
		}
		first := <-answers
		require.NoError(t, first.err)
		for range pods - 1 {
			a := <-answers
			require.NoError(t, a.err)
			require.Equal(t, first.pin.Snapshot, a.pin.Snapshot)
			require.Equal(t, first.rows, a.rows)
		}
		if round%2 == 0 {
			require.NoError(t, s.Unpin(t.Context(), id))
		}
	}
	require.NoError(t, <-work)
	there, named := filesOfPins(t, s)
	require.ElementsMatch(t, named, there)
	require.Len(t, there, rounds/2)
}
