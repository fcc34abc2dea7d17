// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// mine names a load that loadAll begins.
func mine(id string) store.LoadRef { return store.LoadRef{ID: id, Secret: storetest.LoadSecret} }

// loadAll loads events in parts of two. If the load is committed already, it returns the result.
func loadAll(t *testing.T, s *Store, r store.LoadRequest, events ...event.Event) (store.Loaded, error) {
	t.Helper()
	r.Source, r.Secret = "shop", storetest.LoadSecret
	if _, err := s.BeginLoad(t.Context(), r); err != nil {
		return store.Loaded{}, err
	}
	parts := int64(0)
	for rest := events; len(rest) > 0; parts++ {
		n := min(2, len(rest))
		if _, err := s.LoadPart(t.Context(), mine(r.ID), parts, rest[:n]); err != nil {
			return store.Loaded{}, err
		}
		rest = rest[n:]
	}
	return s.CommitLoad(t.Context(), store.LoadCommit{ID: r.ID, Secret: storetest.LoadSecret, Parts: parts, Counters: store.Counters{Accepted: int64(len(events))}})
}

// loadHistory performs a fixed sequence until an operation fails, and records the states that were seen.
type loadHistory struct{ splitHistory }

func (h *loadHistory) steps(t *testing.T, s *Store) []func() error {
	add := func(events ...event.Event) func() error {
		return func() error {
			_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
			return err
		}
	}
	load := func(want store.Loaded, r store.LoadRequest, events ...event.Event) func() error {
		return func() error {
			loaded, err := loadAll(t, s, r, events...)
			if err == nil && loaded != want {
				return fmt.Errorf("load %s: %+v instead of %+v", r.ID, loaded, want)
			}
			return err
		}
	}
	compact := func() error { return s.Compact(t.Context()) }
	return []func() error{
		add(splitEvent(1, removeAnn, splitTablet), splitEvent(2, splitTablet)),
		load(store.Loaded{Seq: 2, Events: 3, Duplicates: 1}, store.LoadRequest{ID: "one", Import: "x"},
			splitEvent(3, splitPhone), splitEvent(4, removeBen, splitPhone), splitEvent(1, removeBen), splitEvent(90, splitPhone)),
		add(splitEvent(5, splitPhone), splitEvent(4, removeAnn)),
		compact,
		load(store.Loaded{Seq: 5, Events: 2, Duplicates: 1, Removed: 3},
			store.LoadRequest{ID: "two", Import: "y", Replaces: &store.RemoveRequest{Source: "shop", Import: "x"}},
			splitEvent(3, removeAnn, splitPhone), splitEvent(4, splitVictim), splitEvent(2, splitVictim)),
		add(splitEvent(6, splitPhone)),
		compact,
		load(store.Loaded{Seq: 7, Events: 0, Duplicates: 1}, store.LoadRequest{ID: "three"}, splitEvent(6, splitVictim)),
		func() error { return s.Close() },
	}
}

// loadPersons are the persons after each number of steps.
var loadPersons = []string{"", "12", "12 34!", "12 345!", "12 345!", "1235 4", "12356 4", "12356 4", "12356 4", "12356 4"}

// personsAfter replaces the number of the event of another month, which does not fit into a digit.
func personsAfter(t *testing.T, s *Store) string {
	t.Helper()
	return strings.ReplaceAll(personsOf(t, s), "90", "!")
}

func (h *loadHistory) run(t *testing.T, s *Store) error {
	h.versions = map[store.Snapshot]string{}
	steps := h.steps(t, s)
	require.Len(t, loadPersons, len(steps)+1)
	for i, step := range steps {
		if err := step(); err != nil {
			return err
		}
		h.done++
		if i == len(steps)-1 {
			return nil
		}
		rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
		if err != nil { // The power was cut after a load was committed.
			return err
		}
		require.Equal(t, loadPersons[h.done], strings.ReplaceAll(partitionOf(t, rows), "90", "!"), "after step %d", h.done)
	}
	return nil
}

// After a power loss, a load has happened or not. The history can be continued: what was committed returns its result.
func TestPowerLossAtLoads(t *testing.T) {
	testPowerLoss(t, 100, func() *loadHistory { return &loadHistory{} })
}

func (h *loadHistory) recovered(t *testing.T, s *Store, _ string) {
	t.Helper()
	require.Contains(t, loadPersons[h.done:min(h.done+2, len(loadPersons))], personsAfter(t, s), "%d steps were done", h.done)
	requireNoTemporary(t, s)
	for i, step := range h.steps(t, s)[h.done:] {
		// A commit that was not acknowledged, or an append that is repeated, can have taken a seq.
		if err := step(); err != nil {
			require.ErrorContains(t, err, "instead of", "step %d", h.done+i+1)
		}
		if h.done+i+1 < len(loadPersons)-1 {
			require.Equal(t, loadPersons[h.done+i+1], personsAfter(t, s))
		}
	}
}

// A load that is in the manifest and not yet in its sources and identity table is applied when the log is replayed.
func TestReplayOfALoad(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	s := mustOpen(t, smallOptions(t, disk.Root, disk))
	h := loadHistory{}
	for _, step := range h.steps(t, s)[:4] {
		require.NoError(t, step())
	}
	// The flush after the load fails, because its file of the identity table cannot be written.
	people, failed := 0, false
	disk.Fail = func(op, name string) error {
		if op == "create" && strings.HasSuffix(name, ".people") {
			if people++; people > 1 {
				failed = true
				return unix.EIO
			}
		}
		return nil
	}
	require.NoError(t, h.steps(t, s)[4]())
	require.True(t, failed)
	disk.Fail = nil
	require.NotNil(t, s.catalog.Manifest().Committed("two").Change)
	appended := imported(t, s, "", splitEvent(7, splitVictim))
	require.EqualValues(t, 6, appended.Seq)
	want, err := s.State(t.Context())
	require.NoError(t, err)
	persons := personsAfter(t, s)
	for range 2 {
		after := filepath.Join(t.TempDir(), "after")
		require.NoError(t, disk.AfterPowerLoss(after, nil))
		again := mustOpen(t, smallOptions(t, after, nil))
		got, err := again.State(t.Context())
		require.NoError(t, err)
		// The number of identities that a source was the first to bring is approximate: what a removal takes from it is not on the volume.
		got.Sources[0].NewIdentities = want.Sources[0].NewIdentities
		require.Equal(t, want.Sources, got.Sources)
		require.Equal(t, persons, personsAfter(t, again))
		require.Equal(t, want.Health.Seq, got.Health.Seq)
		require.Equal(t, want.Health.Identities, got.Health.Identities)
		require.NoError(t, again.Compact(t.Context()))
		require.Nil(t, again.catalog.Manifest().Committed("two").Change)
		require.Equal(t, persons, personsAfter(t, again))
		require.NoError(t, again.Close())
		disk.Fail = nil
	}
}

// If the disk refuses one kind of file, nothing is loaded, no files of the attempt are left, and the store continues.
func TestFailedLoad(t *testing.T) {
	for _, what := range []string{"tmp/", ".arrivals", "data/", ".keys", ".people", "MANIFEST.next"} {
		for _, failure := range []error{unix.EIO, unix.ENOSPC} {
			disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
			s := mustOpen(t, smallOptions(t, disk.Root, disk))
			h := loadHistory{}
			for _, step := range h.steps(t, s)[:4] {
				require.NoError(t, step())
			}
			disk.Fail = func(op, name string) error {
				if op != "remove" && strings.Contains(name, what) {
					return failure
				}
				return nil
			}
			require.Error(t, h.steps(t, s)[4](), what)
			disk.Fail = nil
			require.Equal(t, loadPersons[4], personsAfter(t, s), what)
			requireNoTemporary(t, s)
			on, err := filepath.Glob(filepath.Join(disk.Root, "data", "*", "*"))
			require.NoError(t, err)
			require.Len(t, on, len(s.catalog.Manifest().Files), what)
			_, err = s.Load(t.Context(), "two")
			require.ErrorIs(t, err, store.ErrLoadGone)
			require.EqualValues(t, 1, imported(t, s, "", splitEvent(4, splitVictim)).Duplicates, "its keys are not reserved any more")
			if err := h.steps(t, s)[4](); err != nil {
				require.ErrorContains(t, err, "instead of", "seqs of the failed load and of the append")
			}
			require.Equal(t, loadPersons[5], personsAfter(t, s))
			after := filepath.Join(t.TempDir(), "after")
			require.NoError(t, disk.AfterPowerLoss(after, nil))
			require.Equal(t, loadPersons[5], personsAfter(t, mustOpen(t, smallOptions(t, after, nil))))
		}
	}
}

// TestLoadWithUncertainManifest: the manifest is on the volume, but nobody knows whether it survives a power failure. The store puts the earlier one back,
// or becomes read-only.
func TestLoadWithUncertainManifest(t *testing.T) {
	for _, fails := range []int{1, 2} {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		s := mustOpen(t, smallOptions(t, disk.Root, disk))
		h := loadHistory{}
		require.NoError(t, h.steps(t, s)[0]())
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
		require.Error(t, h.steps(t, s)[1]())
		disk.Fail = nil
		require.Equal(t, loadPersons[1], personsAfter(t, s))
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: []event.Event{splitEvent(3, splitPhone)}})
		if fails == 2 {
			require.ErrorIs(t, err, store.ErrUnavailable)
			continue
		}
		require.NoError(t, err)
		want := personsAfter(t, s)
		after := filepath.Join(t.TempDir(), "after")
		require.NoError(t, disk.AfterPowerLoss(after, nil))
		require.Equal(t, want, personsAfter(t, mustOpen(t, smallOptions(t, after, nil))), "what was acknowledged is there")
	}
}

// creating is the system's filesystem that calls a function before it creates a file.
type creating struct {
	volume.System

	before func(name string)
}

func (c creating) Create(name string) (volume.File, error) {
	c.before(name)
	return c.System.Create(name)
}

// While a load is committed, appends of its events are refused, and others are not. When the store closes, the commit ends.
func TestAppendsDuringACommit(t *testing.T) {
	writing, proceed, once := make(chan struct{}), make(chan struct{}), atomic.Bool{}
	s := mustOpen(t, smallOptions(t, t.TempDir(), creating{before: func(name string) {
		if strings.Contains(name, "data/") && once.CompareAndSwap(false, true) {
			close(writing)
			<-proceed
		}
	}}))
	_, err := s.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret, Source: "shop"})
	require.NoError(t, err)
	_, err = s.LoadPart(t.Context(), mine("one"), 0, events(1, 2, 3))
	require.NoError(t, err)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := s.CommitLoad(ctx, store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 1})
		done <- err
	}()
	<-writing
	cancel()
	require.ErrorIs(t, <-done, context.Canceled, "the caller does not wait, and the commit continues")
	state, err := s.Load(t.Context(), "one")
	require.NoError(t, err)
	require.Equal(t, store.LoadCommitting, state.Step)
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(3, 4)})
	require.ErrorIs(t, err, store.ErrUnavailable)
	var held *store.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, []int32{0}, held.Held)
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(6, 1, 7, 2)})
	require.ErrorAs(t, err, &held)
	require.Equal(t, []int32{1, 3}, held.Held)
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(4)})
	require.NoError(t, err)
	_, err = s.LoadPart(t.Context(), mine("one"), 1, events(5))
	require.ErrorIs(t, err, store.ErrInvalid)
	close(proceed)
	loaded, err := s.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 1})
	require.NoError(t, err)
	require.Equal(t, store.Loaded{Seq: 2, Events: 3}, loaded)
	appended, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events(3, 5)})
	require.NoError(t, err)
	require.EqualValues(t, 1, appended.Duplicates)
	require.Len(t, scanAll(t, s), 5)
}

// A full volume refuses parts as it refuses appends, and the load continues when there is room.
func TestLoadOnAFullVolume(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	o := smallOptions(t, disk.Root, disk)
	o.MinFree = 1000
	s := mustOpen(t, o)
	_, err := s.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret, Source: "shop"})
	require.NoError(t, err)
	_, err = s.LoadPart(t.Context(), mine("one"), 0, events(1, 2))
	require.NoError(t, err)
	disk.Room = 1050
	_, err = s.LoadPart(t.Context(), mine("one"), 1, events(3))
	require.ErrorIs(t, err, store.ErrFull, "there must be room for the commit")
	_, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events(5)})
	require.NoError(t, err, "a load does not take the last room for appends")
	disk.Room = 500
	_, err = s.LoadPart(t.Context(), mine("one"), 1, events(3))
	require.ErrorIs(t, err, store.ErrFull)
	_, appendErr := s.Append(t.Context(), store.Batch{Source: "shop", Events: events(4)})
	require.Equal(t, appendErr.Error(), err.Error())
	_, err = s.BeginLoad(t.Context(), store.LoadRequest{ID: "two", Secret: storetest.LoadSecret, Source: "shop"})
	require.ErrorIs(t, err, store.ErrFull)
	_, err = s.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 1})
	require.ErrorIs(t, err, store.ErrFull)
	disk.Room = 0
	_, err = s.LoadPart(t.Context(), mine("one"), 1, events(3))
	require.NoError(t, err)
	loaded, err := s.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 2})
	require.NoError(t, err)
	require.EqualValues(t, 3, loaded.Events)
}

// A load with little memory, in many temporary files, of many months and with persons who are linked late, has the same rows as appends, also after
// merges, and leaves no temporary files.
func TestLoadWithLittleMemory(t *testing.T) {
	o := smallOptions(t, t.TempDir(), nil)
	o.MemoryLimit, o.Threads, o.BatchRows = 1<<20, 2, 256
	s, appended := mustOpen(t, o), mustOpen(t, smallOptions(t, t.TempDir(), nil))
	const n = 3000
	_, err := s.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret, Source: "shop"})
	require.NoError(t, err)
	for part := range int64(20) {
		var list []event.Event
		for i := int(part) * n / 20; i < int(part+1)*n/20; i++ {
			e := testEvent(i, "")
			e.Time = testStart.Add(-time.Duration(i*7919%n) * 6 * time.Hour).UnixMicro()
			e.Identities = []event.Identity{{Type: "anonymousId", Value: fmt.Sprint(i % 701)}}
			if i%11 == 3 {
				e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: fmt.Sprint(i % 701 / 2)})
			}
			e.Traits = fmt.Appendf(nil, `{"padding":%q}`, strings.Repeat("x", i%200))
			list = append(list, e)
		}
		_, err := s.LoadPart(t.Context(), mine("one"), part, list)
		require.NoError(t, err)
		_, err = appended.Append(t.Context(), store.Batch{Source: "shop", Events: list})
		require.NoError(t, err)
	}
	staged, err := s.volume.List(s.volume.Path("tmp"))
	require.NoError(t, err)
	require.Greater(t, len(staged), 300, "arrivals, and several files of 25 months")
	loaded, err := s.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 20})
	require.NoError(t, err)
	require.EqualValues(t, n, loaded.Events)
	requireNoTemporary(t, s)
	want := scanAll(t, appended)
	require.Len(t, want, n)
	require.ElementsMatch(t, want, scanAll(t, s))
	require.NoError(t, s.MergeAll(t.Context()))
	require.ElementsMatch(t, want, scanAll(t, s))
}

// Loads in progress are lost when the store is closed, and nothing of them is left.
func TestLoadsEndWithTheStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	_, err := s.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret, Source: "shop"})
	require.NoError(t, err)
	_, err = s.LoadPart(t.Context(), mine("one"), 0, events(1, 2))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	left, err := os.ReadDir(filepath.Join(dir, "tmp"))
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = s.LoadPart(t.Context(), mine("one"), 1, events(3))
	require.ErrorIs(t, err, store.ErrUnavailable)
	_, err = s.CommitLoad(t.Context(), store.LoadCommit{ID: "one", Secret: storetest.LoadSecret, Parts: 1})
	require.True(t, errors.Is(err, store.ErrLoadGone) || errors.Is(err, store.ErrUnavailable), "%v", err)
}

// What a load has left on the volume does not survive an erasure, and neither does a load that cannot be searched. Neither keeps the erasure waiting.
func TestErasureNextToDamagedLoads(t *testing.T) {
	for _, unreadable := range []bool{false, true} {
		disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
		s := mustOpen(t, smallOptions(t, disk.Root, disk))
		imported(t, s, "", splitEvent(1, removeAnn))
		_, err := s.BeginLoad(t.Context(), store.LoadRequest{ID: "one", Secret: storetest.LoadSecret, Source: "shop"})
		require.NoError(t, err)
		_, err = s.LoadPart(t.Context(), mine("one"), 0, []event.Event{splitEvent(2, removeAnn), splitEvent(3, removeBen)})
		require.NoError(t, err)
		disk.Fail = func(op, name string) error {
			if filepath.Base(filepath.Dir(name)) == "tmp" && (op == "remove") != unreadable && op != "create" && op != "write" && op != "sync" {
				return unix.EIO
			}
			return nil
		}
		if !unreadable {
			_, err = s.loads.EndHolders(t.Context(), []event.Anchor{removeAnn.Anchor()})
			require.Error(t, err, "files of the person are left")
			_, err = s.Erase(t.Context(), removeAnn)
			require.Error(t, err, "and still are")
			disk.Fail = nil
		}
		_, err = s.Erase(t.Context(), removeAnn)
		require.NoError(t, err)
		requireNoTemporary(t, s)
		_, err = s.Load(t.Context(), "one")
		require.ErrorIs(t, err, store.ErrLoadGone)
	}
}

// A load that is committed is a success, whatever happens to its temporary files.
func TestLoadWhoseFilesStay(t *testing.T) {
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	s := mustOpen(t, smallOptions(t, disk.Root, disk))
	disk.Fail = func(op, name string) error {
		if op == "remove" && strings.Contains(name, "/tmp/") {
			return unix.EIO
		}
		return nil
	}
	loaded, err := loadAll(t, s, store.LoadRequest{ID: "one"}, events(1, 2, 3)...)
	require.NoError(t, err)
	require.Equal(t, store.Loaded{Seq: 1, Events: 3}, loaded)
}

// opening is the system's filesystem that calls a function before it opens a file for reading.
type opening struct {
	volume.System

	before func(name string)
}

func (o opening) Open(name string) (volume.ReadFile, error) {
	o.before(name)
	return o.System.Open(name)
}

// While a commit reads what the events state, the log is flushed, so that appends are not refused because it is too long.
func TestAppendsWhileALoadIsRead(t *testing.T) {
	var s *Store
	next := 1
	o := smallOptions(t, t.TempDir(), opening{before: func(name string) {
		if s == nil || filepath.Base(filepath.Dir(name)) != "tmp" {
			return
		}
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events(next, next+2, next+4, next+6, next+8)})
		require.NoError(t, err)
		next += 10
	}})
	o.SegmentBytes = 2 << 10
	s = mustOpen(t, o)
	var months []event.Event
	for i := range 24 {
		months = append(months, events(i*70)...)
	}
	loaded, err := loadAll(t, s, store.LoadRequest{ID: "one"}, months...)
	require.NoError(t, err)
	require.EqualValues(t, len(months), loaded.Events)
	require.Greater(t, next, 240)
}
