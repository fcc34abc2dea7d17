// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// tailRow is what a row of the tail must give, by a plain sort.
type tailRow struct {
	person, anchor uint64
	at             place
	event          event.Event
}

func (r tailRow) compare(o tailRow) int {
	return cmp.Or(cmp.Compare(r.person, o.person), cmp.Compare(r.event.Time, o.event.Time), cmp.Compare(r.at.seq, o.at.seq),
		cmp.Compare(r.at.index, o.at.index))
}

// drawAppend gives events of few people, whom some of the events join.
func drawAppend(t *rapid.T, seq int64) *wal.Commit {
	c := &wal.Commit{Seq: seq, Source: rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "source")}
	for i := range rapid.IntRange(1, 12).Draw(t, "events") {
		who := rapid.IntRange(0, 9).Draw(t, "who")
		e := event.Event{
			ID: fmt.Sprint(seq, "-", i), Source: c.Source, Channel: "web", Name: rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "name"),
			Time: rapid.Int64Range(-5, 5).Draw(t, "time") * 1000, ReceivedAt: seq, MappingGeneration: 7,
			Identities: []event.Identity{{Type: "anonymousId", Value: fmt.Sprint("a", who)}},
		}
		switch rapid.IntRange(0, 3).Draw(t, "more") {
		case 0:
			customer := event.Identity{Type: "customerId", Value: fmt.Sprint("c", who/2)}
			e.Identities = append([]event.Identity{customer}, e.Identities...)
		case 1:
			e.Properties, e.Amount, e.Currency = []byte(`{"x":1}`), 5_000_000, "EUR"
		}
		c.Events, c.Indexes = append(c.Events, e), append(c.Indexes, int32(2*i))
	}
	return c
}

// TestTailRunsGiveWhatAPlainSortGives makes runs of commits, makes one of several at times, and reads them by the persons of the end.
func TestTailRunsGiveWhatAPlainSortGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Store{people: identity.New(identity.NewPolicy(nil)), sources: sources{}}
		var want []tailRow
		for seq := int64(1); seq <= int64(rapid.IntRange(1, 40).Draw(t, "commits")); seq++ {
			c := drawAppend(t, seq)
			s.applyCommit(c, 10)
			for i, e := range c.Events {
				want = append(want, tailRow{anchor: uint64(e.Anchor()), at: place{seq, c.Indexes[i]}, event: e})
			}
			switch rapid.IntRange(0, 4).Draw(t, "then") {
			case 0, 1:
				s.tail.seal(s.people)
			case 2:
				require.NoError(t, s.tidyTail())
			case 3:
				s.tail.seal(s.people)
				s.tail.cut = seq
			}
		}
		require.EqualValues(t, len(want), s.tail.rows())
		require.NoError(t, s.tidyTail())
		for _, r := range s.tail.runs {
			require.False(t, r.MinSeq <= s.tail.cut && r.MaxSeq > s.tail.cut, "a run lies on both sides of a cut")
		}
		view, err := s.people.View(0)
		require.NoError(t, err)
		for i := range want {
			want[i].person = view.PersonOf(event.Anchor(want[i].anchor))
		}
		slices.SortFunc(want, tailRow.compare)
		merged, err := mergeRuns(tailColumns, s.tail.runs, view)
		require.NoError(t, err)
		require.Equal(t, want, tailRowsOf(t, merged))
		require.Nil(t, merged.placedAt(view).moved)
	})
}

func tailRowsOf(t *rapid.T, run *rowRun) []tailRow {
	reader, err := packed.NewReader(run.Run, tailWants)
	require.NoError(t, err)
	var rows []tailRow
	for i := range run.Blocks() {
		b, err := reader.Read(i)
		require.NoError(t, err)
		record, err := recordOf(b)
		require.NoError(t, err)
		events, err := event.FromRecord(eventsOnly(record))
		require.NoError(t, err)
		for j, e := range events {
			person, _ := slices.BinarySearch(b.Persons.Ends, int32(j+1))
			rows = append(rows, tailRow{
				person: b.Persons.Values[person], anchor: uint64(longsIn(b, anchorColumn)[j]), at: place{longsIn(b, "seq")[j], b.Columns[2].Ints[j]}, event: e,
			})
		}
	}
	return rows
}

func longsIn(b *block.Block, name string) []int64 {
	return b.Columns[slices.IndexFunc(tailWants, func(w block.Want) bool { return w.Name == name })].Longs
}

// TestTailIsKeptTidy appends many small commits: the runs stay few, and each row is sorted again only a few times.
func TestTailIsKeptTidy(t *testing.T) {
	s := &Store{people: identity.New(identity.NewPolicy(nil)), sources: sources{}}
	for seq := int64(1); seq <= 500; seq++ {
		e := testEvent(int(seq), fmt.Sprint(seq%7))
		s.applyCommit(&wal.Commit{Seq: seq, Events: []event.Event{e}, Indexes: []int32{0}}, 1)
		require.NoError(t, s.tidyTail())
		require.LessOrEqual(t, len(s.tail.runs), 3*10)
	}
	require.EqualValues(t, 500, s.tail.rows())
	require.EqualValues(t, 500, s.tail.bytes)
	s.tail.drop(500, 500)
	require.Zero(t, s.tail.rows())
	require.Zero(t, s.tail.bytes)
}

// eventsOnly gives the event's columns of a record of the tail.
func eventsOnly(record arrow.RecordBatch) arrow.RecordBatch {
	const behind = 3 // anchor, seq and index
	return array.NewRecordBatch(event.Schema, record.Columns()[behind:], record.NumRows())
}

// TestScansWhileEventsComeAndAreSorted scans again and again while people are joined and the log is sorted: each scan sees every event up to
// its snapshot once, and none but whole commits.
func TestScansWhileEventsComeAndAreSorted(t *testing.T) {
	s := mustOpen(t, smallOptions(t, t.TempDir(), nil))
	s.minOverlay = 1
	const rounds, each = 40, 5
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < rounds && err == nil; n++ {
			var events []event.Event
			for i := range each {
				e := testEvent(n*each+i, fmt.Sprint("customer-", (n*each+i)%4))
				if n%3 > 0 {
					e.Identities = e.Identities[1:]
				}
				events = append(events, e)
			}
			if _, err = s.Append(t.Context(), store.Batch{Source: "shop", Events: events}); err == nil && n%7 == 6 {
				err = s.Compact(t.Context())
			}
		}
		done <- err
	}()
	var last int64
	for running := true; running; {
		select {
		case err := <-done:
			require.NoError(t, err)
			running = false
		default:
		}
		seen := map[string]bool{}
		before := s.newestSeq()
		for _, r := range scanAll(t, s) {
			require.False(t, seen[r.id], "event %s twice", r.id)
			seen[r.id] = true
		}
		require.GreaterOrEqual(t, int64(len(seen)), max(last, before*each))
		require.Zero(t, len(seen)%each, "a part of a commit")
		last = int64(len(seen))
	}
	require.EqualValues(t, rounds*each, last)
	require.NoError(t, s.Close())
}
