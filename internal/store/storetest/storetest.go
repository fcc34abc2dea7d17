// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package storetest is the conformance suite of stores. Every backend and the HTTP client pass it. It uses a store only through its contract. Random
// walks compare the store with the memory store, which computes everything from scratch.
package storetest

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Options of a run.
type Options struct {
	// Reopen closes the store and opens it again with the same data, or is nil if the store is not persistent.
	Reopen func(t *testing.T, s store.Store) store.Store
	// Limited opens a new store with a limit of identities and links, or is nil if there is no such limit.
	Limited func(t *testing.T, most int64) store.Store
	// Later lets time pass for a store; nil when the store has no clock of the test.
	Later func(t *testing.T, s store.Store, d time.Duration)
	// Walks is the number of random walks; 0 means 50.
	Walks int
	// Counts is set if the store counts events instead of returning them, when requested.
	Counts bool
	// Admin is set if the suite is an administrator for the store, who needs no secret of a load.
	Admin bool
	// BigBatch is the number of events of the large batch; 0 means 20,000.
	BigBatch int
}

// walks returns the number of random walks.
func (o *Options) walks() int { return cmp.Or(o.Walks, 50) }

// suite is one part of the run. Each part has a new store.
type suite struct {
	*testing.T
	store store.Store
	opts  Options
}

// Run runs the suite with stores that open returns: new, empty, and with the default identity policy. The suite closes them.
func Run(t *testing.T, open func(t *testing.T) store.Store, o Options) {
	parts := []struct {
		name string
		run  func(*suite)
	}{
		{"AppendAndScanOrder", (*suite).testOrder},
		{"AllColumns", (*suite).testAllColumns},
		{"BigBatch", (*suite).testBigBatch},
		{"Duplicates", (*suite).testDuplicates},
		{"FirstReceiptWins", (*suite).testFirstReceiptWins},
		{"KeysOutliveEvents", (*suite).testKeysOutliveEvents},
		{"EqualRows", (*suite).testEqualRows},
		{"Visible", (*suite).testVisible},
		{"Counters", (*suite).testCounters},
		{"Cursors", (*suite).testCursors},
		{"CursorsOfTwoReaders", (*suite).testTwoReaders},
		{"CursorsAtOnce", (*suite).testReadersAtOnce},
		{"InvalidChangesNothing", (*suite).testInvalid},
		{"InvalidRequests", (*suite).testInvalidRequests},
		{"Snapshots", (*suite).testSnapshots},
		{"ScanDoesNotMove", (*suite).testScanDoesNotMove},
		{"Filters", (*suite).testFilters},
		{"PersonsWith", (*suite).testPersonsWith},
		{"Packed", (*suite).testPacked},
		{"Counting", (*suite).testCounting},
		{"Shards", (*suite).testShards},
		{"Units", (*suite).testUnits},
		{"ClosedScans", (*suite).testClosedScans},
		{"RetroactiveLinks", (*suite).testRetroactive},
		{"LateLinks", (*suite).testLateLinks},
		{"ExclusiveCustomers", (*suite).testExclusive},
		{"Hubs", (*suite).testHubs},
		{"PublicSource", (*suite).testPublic},
		{"OwnLinks", (*suite).testOwnLinks},
		{"PublicSourceBecomesTrusted", (*suite).testTrustChanges},
		{"IdentityVersions", (*suite).testIdentityVersions},
		{"Unidentified", (*suite).testUnidentified},
		{"Crowd", (*suite).testCrowd},
		{"CrowdShares", (*suite).testCrowdShares},
		{"FutureFlag", (*suite).testFuture},
		{"Erase", (*suite).testErase},
		{"EraseSharedDevice", (*suite).testEraseShared},
		{"EraseIdentity", (*suite).testEraseIdentity},
		{"EraseIdentityOfOthers", (*suite).testEraseIdentityOfOthers},
		{"ErasePlan", (*suite).testErasePlan},
		{"Split", (*suite).testSplit},
		{"SplitFrom", (*suite).testSplitFrom},
		{"SplitShared", (*suite).testSplitShared},
		{"SplitAlias", (*suite).testSplitAlias},
		{"SplitVersions", (*suite).testSplitVersions},
		{"SplitUnknown", (*suite).testSplitUnknown},
		{"Retain", (*suite).testRetain},
		{"RemoveImport", (*suite).testRemoveImport},
		{"RemoveRange", (*suite).testRemoveRange},
		{"RemoveGeneration", (*suite).testRemoveGeneration},
		{"RemoveSnapshots", (*suite).testRemoveSnapshots},
		{"RemoveInvalid", (*suite).testRemoveInvalid},
		{"Pins", (*suite).testPins},
		{"PinsOfARun", (*suite).testPinsOfARun},
		{"PinsAndErasure", (*suite).testPinsAndErasure},
		{"PinsEnd", (*suite).testPinsEnd},
		{"PinsAreLimited", (*suite).testPinsAreLimited},
		{"Load", (*suite).testLoad},
		{"LoadIsOneCommit", (*suite).testLoadIsOneCommit},
		{"LoadCounts", (*suite).testLoadCounts},
		{"LoadReplaces", (*suite).testLoadReplaces},
		{"LoadAndErasure", (*suite).testLoadAndErasure},
		{"LoadAndRules", (*suite).testLoadRules},
		{"LoadNextToAppends", (*suite).testLoadNextToAppends},
		{"LoadCrowd", (*suite).testLoadCrowd},
		{"LoadInvalid", (*suite).testLoadInvalid},
		{"LoadEnds", (*suite).testLoadEnds},
		{"LoadSecret", (*suite).testLoadSecret},
		{"Results", (*suite).testResults},
		{"Concurrency", (*suite).testConcurrency},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			s := &suite{T: t, store: open(t), opts: o}
			defer func() { require.NoError(t, s.store.Close()) }()
			p.run(s)
		})
	}
	t.Run("RandomWalks", func(t *testing.T) { randomWalks(t, open, o) })
	t.Run("RemovalWalks", func(t *testing.T) { removalWalks(t, open, o) })
	t.Run("LoadWalks", func(t *testing.T) { loadWalks(t, open, o) })
}

// reopened closes the store and opens it again, if possible.
func (s *suite) reopened() {
	if s.opts.Reopen != nil {
		s.store = s.opts.Reopen(s.T, s.store)
	}
}

// start is the time of the first events in the tests. They are received at about now.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro()

const second = int64(time.Second / time.Microsecond)

func customer(v string) event.Identity { return event.Identity{Type: "customerId", Value: v} }
func device(v string) event.Identity   { return event.Identity{Type: "deviceId", Value: v} }
func anon(v string) event.Identity     { return event.Identity{Type: "anonymousId", Value: v} }

// happened returns an event of the source "shop", some seconds after the start. Its id is also in its properties, so that a scan shows it.
func happened(id string, at int, ids ...event.Identity) event.Event {
	t := start + int64(at)*second
	return event.Event{
		ID: id, Source: "shop", Channel: "web", Name: "Product Viewed", Time: t, ReceivedAt: t + second,
		Identities: ids, Properties: fmt.Appendf(nil, `{"id":%q}`, id),
	}
}

func (s *suite) append(events ...event.Event) store.Appended {
	s.Helper()
	a, err := s.store.Append(s.Context(), store.Batch{Source: events[0].Source, Events: events})
	require.NoError(s, err)
	return a
}

func (s *suite) state() store.State {
	s.Helper()
	state, err := s.store.State(s.Context())
	require.NoError(s, err)
	return state
}

func (s *suite) source(name string) store.SourceState {
	s.Helper()
	for _, src := range s.state().Sources {
		if src.Name == name {
			return src
		}
	}
	require.Failf(s, "source is not there", "%s", name)
	return store.SourceState{}
}
