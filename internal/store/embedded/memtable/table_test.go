// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memtable

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// tableRow is an expected row of the table, from a simple sort.
type tableRow struct {
	person, anchor uint64
	at             place
	event          event.Event
}

func (r tableRow) compare(o tableRow) int {
	return cmp.Or(cmp.Compare(r.person, o.person), cmp.Compare(r.event.Time, o.event.Time), cmp.Compare(r.at.seq, o.at.seq),
		cmp.Compare(r.at.index, o.at.index))
}

// drawAppend draws events of few persons. Some events merge persons.
func drawAppend(t *rapid.T, seq int64) (events []event.Event, indexes []int32) {
	source := rapid.SampledFrom([]string{"shop", "till"}).Draw(t, "source")
	for i := range rapid.IntRange(1, 12).Draw(t, "events") {
		who := rapid.IntRange(0, 9).Draw(t, "who")
		e := event.Event{
			ID: fmt.Sprint(seq, "-", i), Source: source, Channel: "web", Name: rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "name"),
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
		events, indexes = append(events, e), append(indexes, int32(2*i))
	}
	return events, indexes
}

// add adds a commit of one byte like the store, its identities first.
func add(people *persons.Table, table *Table, seq int64, events []event.Event, indexes []int32) {
	var edges []identity.Edge
	for i := range events {
		edges = append(edges, identity.EdgesOf(&events[i])...)
	}
	people.Add(seq, identity.Source{Name: "shop"}, edges)
	table.Add(seq, events, indexes, 1)
}

// Creates runs from commits, sometimes merges several into one, and reads them with the persons at the end.
func TestRunsAgreeWithSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := persons.New(identity.NewPolicy(nil))
		table := New(people)
		var want []tableRow
		for seq := int64(1); seq <= int64(rapid.IntRange(1, 40).Draw(t, "commits")); seq++ {
			events, indexes := drawAppend(t, seq)
			add(people, table, seq, events, indexes)
			for i, e := range events {
				want = append(want, tableRow{anchor: uint64(e.Anchor()), at: place{seq, indexes[i]}, event: e})
			}
			switch rapid.IntRange(0, 4).Draw(t, "then") {
			case 0, 1:
				table.Runs(seq)
			case 2:
				require.NoError(t, table.Tidy())
			case 3:
				table.Cut(seq)
			}
		}
		require.EqualValues(t, len(want), table.Rows())
		require.NoError(t, table.Tidy())
		for _, r := range table.runs {
			require.False(t, r.MinSeq <= table.cut && r.MaxSeq > table.cut, "a run lies on both sides of a cut")
		}
		view, err := people.View(0)
		require.NoError(t, err)
		for i := range want {
			want[i].person = view.PersonOf(event.Anchor(want[i].anchor))
		}
		slices.SortFunc(want, tableRow.compare)
		merged, err := run.Merge(run.Columns, table.runs, view)
		require.NoError(t, err)
		require.Equal(t, want, rowsOf(t, merged))
		require.Nil(t, merged.MovedAt(view))
	})
}

func rowsOf(t *rapid.T, r *run.Run) []tableRow {
	reader, err := run.NewReader(r, run.Wants)
	require.NoError(t, err)
	var rows []tableRow
	for i := range r.Blocks() {
		b, err := reader.Read(i)
		require.NoError(t, err)
		record, err := recordOf(b)
		require.NoError(t, err)
		events, err := event.FromRecord(eventsOnly(record))
		require.NoError(t, err)
		for j, e := range events {
			person, _ := slices.BinarySearch(b.Persons.Ends, int32(j+1))
			rows = append(rows, tableRow{
				person: b.Persons.Values[person], anchor: uint64(longsIn(b, run.Anchor)[j]), at: place{longsIn(b, "seq")[j], b.Columns[2].Ints[j]}, event: e,
			})
		}
	}
	return rows
}

func longsIn(b *block.Block, name string) []int64 {
	return b.Columns[slices.IndexFunc(run.Wants, func(w block.Want) bool { return w.Name == name })].Longs
}

// After many small commits there are few runs, and each row was sorted only a few times.
func TestNumberOfRunsIsBounded(t *testing.T) {
	people := persons.New(identity.NewPolicy(nil))
	table := New(people)
	for seq := int64(1); seq <= 500; seq++ {
		who := fmt.Sprint(seq % 7)
		e := event.Event{ID: fmt.Sprint(seq), Source: "shop", Channel: "web", Name: "Visit", Time: seq, Identities: []event.Identity{
			{Type: "customerId", Value: "c" + who}, {Type: "anonymousId", Value: "a" + who},
		}}
		add(people, table, seq, []event.Event{e}, []int32{0})
		require.NoError(t, table.Tidy())
		require.LessOrEqual(t, len(table.runs), 3*10)
	}
	require.EqualValues(t, 500, table.Rows())
	require.EqualValues(t, 500, table.Bytes())
	table.Drop(500, 500)
	require.Zero(t, table.Rows())
	require.Zero(t, table.Bytes())
}

// eventsOnly returns the event columns of a record.
func eventsOnly(record arrow.RecordBatch) arrow.RecordBatch {
	const behind = 3 // anchor, seq and index
	return array.NewRecordBatch(event.Schema, record.Columns()[behind:], record.NumRows())
}

// recordOf converts a block with all columns of run.Columns.
func recordOf(b *block.Block) (arrow.RecordBatch, error) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, run.Schema)
	defer builder.Release()
	builder.Reserve(b.Rows)
	for i := range run.Schema.NumFields() { // the class comes after them
		c := &b.Columns[i]
		switch f := builder.Field(i).(type) {
		case *array.Uint64Builder:
			for _, v := range c.Longs {
				f.UnsafeAppend(uint64(v))
			}
		case *array.Int64Builder:
			f.AppendValues(c.Longs, nil)
		case *array.Int32Builder:
			f.AppendValues(c.Ints, nil)
		case *array.Uint8Builder:
			f.AppendValues(c.Bytes, nil)
		case *array.StringBuilder:
			for _, code := range c.Codes {
				f.Append(c.Dict[code])
			}
		case *array.ListBuilder:
			if err := appendIdentities(f, c); err != nil {
				return nil, err
			}
		}
	}
	return builder.NewRecordBatch(), nil
}

// appendIdentities appends lists of packed identities.
func appendIdentities(list *array.ListBuilder, c *block.Column) error {
	pair := list.ValueBuilder().(*array.StructBuilder)
	typ, value := pair.FieldBuilder(0).(*array.StringBuilder), pair.FieldBuilder(1).(*array.StringBuilder)
	for _, code := range c.Codes {
		list.Append(true)
		err := event.EachIdentity(c.Dict[code], func(t, v string) {
			pair.Append(true)
			typ.Append(t)
			value.Append(v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
