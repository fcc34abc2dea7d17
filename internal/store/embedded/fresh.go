// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// freshRows are the rows that do not stand where their person is: those of the log's tail, and those of files whose person is another
// one now. They are collected in any order, then sorted, and given as one block.
type freshRows struct {
	plan    *scanPlan
	persons []uint64
	columns []sorted.Column
	// numbers of the texts of columns that have few.
	numbers []map[string]uint32
	classes *classTexts
	given   bool
	counter *counter
	block   *sorted.Block
}

// fewTexts are columns of which many rows have the same text.
var fewTexts = []string{
	store.ColumnSource, store.ColumnChannel, store.ColumnEvent, store.ColumnCurrency, store.ColumnSurveyKind, store.ColumnClass,
}

func newFreshRows(plan *scanPlan) *freshRows {
	f := &freshRows{plan: plan, columns: make([]sorted.Column, len(plan.freshWants)), numbers: make([]map[string]uint32, len(plan.freshWants))}
	for i, w := range plan.freshWants {
		f.columns[i].Kind = w.Kind
		if slices.Contains(fewTexts, w.Name) {
			f.numbers[i] = map[string]uint32{}
		}
	}
	return f
}

// addText appends the code of a text.
func (f *freshRows) addText(column int, text string) {
	c := &f.columns[column]
	numbers := f.numbers[column]
	if numbers == nil {
		c.Codes, c.Dict = append(c.Codes, uint32(len(c.Dict))), append(c.Dict, text)
		return
	}
	if n := len(c.Codes); n > 0 && c.Dict[c.Codes[n-1]] == text {
		c.Codes = append(c.Codes, c.Codes[n-1])
		return
	}
	code, ok := numbers[text]
	if !ok {
		code = uint32(len(c.Dict))
		text = strings.Clone(text)
		numbers[text], c.Dict = code, append(c.Dict, text)
	}
	c.Codes = append(c.Codes, code)
}

// addBlock takes rows of a block, with the persons that they have now.
func (f *freshRows) addBlock(b *sorted.Block, rows []int32, persons []uint64) {
	f.persons = append(f.persons, persons...)
	for i := range f.columns {
		to, from := &f.columns[i], &b.Columns[i]
		switch to.Kind {
		case sorted.Long:
			to.Longs = appendRows(to.Longs, from.Longs, rows)
		case sorted.Int:
			to.Ints = appendRows(to.Ints, from.Ints, rows)
		case sorted.Byte:
			to.Bytes = appendRows(to.Bytes, from.Bytes, rows)
		case sorted.Text:
			f.addTexts(i, from, rows)
		}
	}
}

func appendRows[T any](to, from []T, rows []int32) []T {
	for _, row := range rows {
		to = append(to, from[row])
	}
	return to
}

// addTexts takes texts of a block. Those of which there are few are looked up once a block.
func (f *freshRows) addTexts(column int, from *sorted.Column, rows []int32) {
	if f.numbers[column] == nil {
		for _, row := range rows {
			f.addText(column, from.Dict[from.Codes[row]])
		}
		return
	}
	to := &f.columns[column]
	table := make([]uint32, len(from.Dict)) // the code plus one
	for _, row := range rows {
		code := from.Codes[row]
		if n := table[code]; n > 0 {
			to.Codes = append(to.Codes, n-1)
			continue
		}
		f.addText(column, from.Dict[code])
		table[code] = to.Codes[len(to.Codes)-1] + 1
	}
}

// addChunk takes the rows of a chunk of the log's tail that the plan asks for; all are the persons of the chunk's rows, and rows lends
// its memory.
func (f *freshRows) addChunk(c *chunk, all []uint64, rows []int32) []int32 {
	rows = rows[:0]
	for i, person := range all {
		if person >= f.plan.persons.from && person <= f.plan.persons.to {
			rows = append(rows, int32(i))
		}
	}
	rows = f.chunkFilter(c, rows)
	for _, row := range rows {
		f.persons = append(f.persons, all[row])
	}
	for i, w := range f.plan.freshWants {
		if w.Name == store.ColumnClass {
			f.addClasses(i, c, rows)
			continue
		}
		f.addColumn(i, c.record.Column(tailColumn(w.Name)), rows)
	}
	return rows
}

func (f *freshRows) addClasses(i int, c *chunk, rows []int32) {
	record := newClassRows(c.record)
	if f.classes == nil {
		f.classes = newClassTexts()
	}
	for _, row := range rows {
		class := record.at(int(row))
		f.addText(i, f.classes.text(&class))
	}
}

func tailColumn(name string) int {
	return slices.IndexFunc(tailSchema.Fields(), func(f arrow.Field) bool { return f.Name == name })
}

// chunkFilter leaves the rows of time, commit and source that are asked for.
func (f *freshRows) chunkFilter(c *chunk, rows []int32) []int32 {
	r := &f.plan.request
	times := c.record.Column(tailColumn(store.ColumnTime)).(*array.Int64).Int64Values()
	seqs := c.record.Column(tailColumn(store.ColumnSeq)).(*array.Int64).Int64Values()
	sources := c.record.Column(tailColumn(store.ColumnSource)).(*array.String)
	kept := rows[:0]
	for _, row := range rows {
		if times[row] < r.From || r.To != 0 && times[row] >= r.To || seqs[row] > f.plan.asOf ||
			len(r.Sources) > 0 && !slices.Contains(r.Sources, sources.Value(int(row))) {
			continue
		}
		kept = append(kept, row)
	}
	return kept
}

func (f *freshRows) addColumn(i int, column arrow.Array, rows []int32) {
	to := &f.columns[i]
	switch a := column.(type) {
	case *array.Int64:
		values := a.Int64Values()
		for _, row := range rows {
			to.Longs = append(to.Longs, values[row])
		}
	case *array.Int32:
		values := a.Int32Values()
		for _, row := range rows {
			to.Ints = append(to.Ints, values[row])
		}
	case *array.Uint8:
		values := a.Uint8Values()
		for _, row := range rows {
			to.Bytes = append(to.Bytes, values[row])
		}
	case *array.String:
		for _, row := range rows {
			f.addText(i, a.Value(int(row)))
		}
	case *array.List:
		for _, row := range rows {
			f.addText(i, event.IdentitiesJSON(a, int(row)))
		}
	}
}

func (f *freshRows) close() error { return nil }

// next gives all rows, in their order, once.
func (f *freshRows) next() (*sorted.Block, error) {
	if f.given || len(f.persons) == 0 {
		return nil, nil
	}
	f.given = true
	order := f.order()
	b := &sorted.Block{Rows: len(order), Columns: make([]sorted.Column, len(f.columns))}
	for _, row := range order {
		b.Persons.Add(f.persons[row], 1)
	}
	for i := range f.columns {
		from, to := &f.columns[i], &b.Columns[i]
		to.Kind, to.Dict = from.Kind, from.Dict
		to.Longs, to.Ints = inOrder(from.Longs, order), inOrder(from.Ints, order)
		to.Bytes, to.Codes = inOrder(from.Bytes, order), inOrder(from.Codes, order)
		*from = sorted.Column{}
	}
	f.persons, f.numbers, f.block = nil, nil, b
	if f.counter != nil {
		b.Keep(f.counter.choose(b, 0, b.Rows, nil, nil))
	}
	return b, nil
}

func (f *freshRows) place(row int) (int64, int32) {
	return f.block.Columns[f.plan.freshSeq].Longs[row], f.block.Columns[f.plan.freshIndex].Ints[row]
}

// manyTexts tells whether there are more texts in a column than a dictionary of an answer takes.
func (f *freshRows) manyTexts() bool {
	for i := range f.columns {
		if f.numbers[i] != nil && len(f.columns[i].Dict) > maxDictionary {
			return true
		}
	}
	return false
}

// longest gives the most rows that one person has, before they are given.
func (f *freshRows) longest() int64 {
	counts := map[uint64]int64{}
	most := int64(0)
	for _, p := range f.persons {
		counts[p]++
		most = max(most, counts[p])
	}
	return most
}

func inOrder[T any](values []T, order []int32) []T {
	if len(values) == 0 {
		return nil
	}
	out := make([]T, len(order))
	for i, row := range order {
		out[i] = values[row]
	}
	return out
}

// order gives the rows by person, time and place. Persons are uniform hashes, so that they fall into buckets of like size by their
// first bits; what is left to sort is small.
func (f *freshRows) order() []int32 {
	n := len(f.persons)
	width := max(0, bits.Len(uint(n))-6)
	low := f.plan.persons.from
	shift := bits.Len64(f.plan.persons.to - low)
	shift = max(0, shift-width)
	starts := make([]int32, (f.plan.persons.to-low)>>shift+2)
	for _, p := range f.persons {
		starts[(p-low)>>shift+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order, at := make([]int32, n), slices.Clone(starts)
	for row, p := range f.persons {
		bucket := (p - low) >> shift
		order[at[bucket]] = int32(row)
		at[bucket]++
	}
	times, seqs, indexes := f.columns[f.plan.time].Longs, f.columns[f.plan.freshSeq].Longs, f.columns[f.plan.freshIndex].Ints
	for i := range len(starts) - 1 {
		slices.SortFunc(order[starts[i]:starts[i+1]], func(a, b int32) int {
			switch {
			case f.persons[a] != f.persons[b]:
				return cmp.Compare(f.persons[a], f.persons[b])
			case times[a] != times[b]:
				return cmp.Compare(times[a], times[b])
			}
			return cmp.Or(cmp.Compare(seqs[a], seqs[b]), cmp.Compare(indexes[a], indexes[b]))
		})
	}
	return order
}
