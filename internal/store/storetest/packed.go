// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// packedColumns are the columns of the packed requests of this suite that the plain form also has.
var packedColumns = []string{
	store.ColumnSeq, store.ColumnIndex, store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent,
	store.ColumnReceivedAt, store.ColumnCurrency, store.ColumnProperties, store.ColumnFlags,
}

// crowd appends various events in several commits: persons who are merged late, simultaneous events in different commits, late and flagged events.
func (s *suite) crowd() {
	random := rand.New(rand.NewPCG(7, 11))
	names := []string{"A", "B", "C", "D", "it's"}
	for commit := range 6 {
		for _, source := range []string{"shop", "till"} {
			var events []event.Event
			for i := range 120 {
				e := happened(fmt.Sprintf("%s-%d-%d", source, commit, i), random.IntN(30), anon(fmt.Sprint(random.IntN(25))))
				if random.IntN(4) == 0 {
					e.Identities = append([]event.Identity{customer(fmt.Sprint(random.IntN(8)))}, e.Identities...)
				}
				e.Source, e.Name, e.Channel = source, names[random.IntN(len(names))], []string{"web", "email"}[random.IntN(2)]
				switch random.IntN(8) {
				case 0:
					e.Flags = event.FlagTest
				case 1:
					e.Kind, e.Initiator = event.Identify, event.Machine
				case 2:
					e.ReceivedAt = e.Time + event.LateAfter + 1
				case 3:
					e.Identities, e.Flags = nil, event.FlagUnidentified
				}
				events = append(events, e)
			}
			s.append(events...)
		}
	}
}

// packedRequests returns requests with various filters.
func packedRequests() []store.ScanRequest {
	list := []store.ScanRequest{
		{}, {From: start + 5*second, To: start + 21*second}, {Sources: []string{"till"}}, {AsOfSeq: 5},
		{AsOfSeq: 7, Sources: []string{"shop", "none"}, From: start + second},
	}
	for shard := range 3 {
		list = append(list, store.ScanRequest{Shard: shard, Shards: 3})
	}
	return list
}

// testPacked compares the packed form with the plain one.
func (s *suite) testPacked() {
	s.crowd()
	for _, r := range packedRequests() {
		r.Columns = packedColumns
		plain := s.scan(r)
		r.Packed = true
		rows, _ := s.packed(r)
		require.Equal(s, plain, rows, "%+v", r)
	}
	s.testClasses()
	_, err := s.store.Scan(s.Context(), store.ScanRequest{Packed: true, Columns: []string{"nosuch"}})
	require.ErrorIs(s, err, store.ErrInvalid)
}

// testClasses compares the class of each row with the columns that it represents.
func (s *suite) testClasses() {
	for _, r := range packedRequests() {
		r.Columns = append(slices.Clone(store.ClassColumns), store.ColumnProperties)
		plain := s.scan(r)
		r.Packed, r.Columns = true, store.WithClass(r.Columns)
		rows, _ := s.packed(r)
		require.Len(s, rows, len(plain))
		for i, row := range rows {
			require.Equal(s, plain[i].ID(), row.ID(), "the order does not need the place")
			if text, there := row[store.ColumnClass]; there {
				class, err := event.ParseClass(text.(string))
				require.NoError(s, err)
				require.Equal(s, classOf(plain[i]), class)
			}
		}
	}
}

func classOf(r Row) event.Class {
	return event.Class{
		Source: r[store.ColumnSource].(string), Channel: r[store.ColumnChannel].(string), Name: r[store.ColumnEvent].(string),
		Kind: event.Kind(r[store.ColumnKind].(uint8)), Initiator: event.Initiator(r[store.ColumnInitiator].(uint8)),
		Flags: event.Flags(r[store.ColumnFlags].(uint8)),
		Late:  r[store.ColumnReceivedAt].(int64)-r[store.ColumnTime].(int64) > event.LateAfter,
	}
}

// testCounting compares returned and counted rows with the plain rows.
func (s *suite) testCounting() {
	s.crowd()
	spans := []event.Span{{From: 0, To: 1 << 62}, {From: start + 4*second, To: start + 20*second}, {From: 1, To: 2}}
	for _, whole := range []int64{50_000, 60} {
		for _, r := range packedRequests() {
			r.Columns = packedColumns
			plain := s.scan(r)
			r.Packed, r.Columns = true, []string{store.ColumnEvent, store.ColumnProperties}
			r.Counting = &store.Counting{Only: []string{"A", "it's"}, Spans: spans, Whole: whole}
			rows, stats := s.packed(r)
			s.checkCounted(plain, rows, stats.Tallies, r.Counting)
			if s.opts.Counts && whole == 50_000 {
				require.NotEmpty(s, stats.Tallies)
			}
		}
	}
}

// keyOf returns the key of rows that are counted together.
func keyOf(r Row) event.TallyKey {
	flags, kind := event.Flags(r[store.ColumnFlags].(uint8)), event.Kind(r[store.ColumnKind].(uint8))
	return event.TallyKey{
		Source: r[store.ColumnSource].(string), Name: r[store.ColumnEvent].(string),
		Flagged:      flags&(event.FlagTest|event.FlagBot) != 0,
		Customer:     kind == event.Track && event.Initiator(r[store.ColumnInitiator].(uint8)) == event.Customer,
		Unidentified: flags&event.FlagUnidentified != 0,
	}
}

func (s *suite) checkCounted(plain, given []Row, tallies []event.Tally, c *store.Counting) {
	s.Helper()
	of := map[uint64]int64{}
	for _, r := range plain {
		of[r.Person()]++
	}
	want := map[event.TallyKey]event.Tally{}
	next := 0
	for _, r := range plain {
		if next < len(given) && given[next].ID() == r.ID() {
			next++
			continue
		}
		require.NotContains(s, c.Only, r[store.ColumnEvent], "it was to be given")
		require.LessOrEqual(s, of[r.Person()], c.Whole, "all of the person were to be given")
		key := keyOf(r)
		tally, known := want[key]
		if !known {
			tally = event.Tally{TallyKey: key, Rows: make([]int64, len(c.Spans)), Late: make([]int64, len(c.Spans))}
		}
		late := r[store.ColumnReceivedAt].(int64)-r[store.ColumnTime].(int64) > event.LateAfter
		for i, span := range c.Spans {
			if t := r[store.ColumnTime].(int64); t >= span.From && t <= span.To {
				tally.Rows[i]++
				if late {
					tally.Late[i]++
				}
			}
		}
		want[key] = tally
	}
	require.Equal(s, len(given), next, "the rows come in the order of the plain scan")
	got := map[event.TallyKey]event.Tally{}
	for _, tally := range tallies {
		require.NotContains(s, got, tally.TallyKey)
		if slices.Max(tally.Rows) > 0 {
			got[tally.TallyKey] = tally
		}
	}
	require.Equal(s, want, got)
}

// packed reads a scan whose rows can be in either form.
func (s *suite) packed(r store.ScanRequest) ([]Row, store.ScanStats) {
	s.Helper()
	scan, err := s.store.Scan(s.Context(), r)
	require.NoError(s, err)
	defer func() { require.NoError(s, scan.Close()) }()
	var rows []Row
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(s, err)
		rows = append(rows, rowsOf(batch)...)
	}
	require.EqualValues(s, len(rows), scan.Stats().Rows)
	return rows, scan.Stats()
}
