// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// freshRows are the rows that do not stand where their person is: those of files and of the tail's runs whose person is another one now.
// They are collected in any order, then sorted, and given as one block.
type freshRows struct {
	plan    *scanPlan
	persons []uint64
	columns []block.Column
	// numbers of the texts of columns that have few.
	numbers []map[string]uint32
	given   bool
	counter *counter
	block   *block.Block
}

// fewTexts are columns of which many rows have the same text.
var fewTexts = []string{
	store.ColumnSource, store.ColumnChannel, store.ColumnEvent, store.ColumnCurrency, store.ColumnSurveyKind, store.ColumnClass,
}

func newFreshRows(plan *scanPlan) *freshRows {
	f := &freshRows{plan: plan, columns: make([]block.Column, len(plan.freshWants)), numbers: make([]map[string]uint32, len(plan.freshWants))}
	for i, w := range plan.freshWants {
		f.columns[i].Kind = w.Kind
		if slices.Contains(fewTexts, w.Name) {
			f.numbers[i] = map[string]uint32{}
		}
	}
	return f
}

// grow makes room for n more rows.
func (f *freshRows) grow(n int) {
	for i := range f.columns {
		switch c := &f.columns[i]; c.Kind {
		case block.Long:
			c.Longs = slices.Grow(c.Longs, n)
		case block.Int:
			c.Ints = slices.Grow(c.Ints, n)
		case block.Byte:
			c.Bytes = slices.Grow(c.Bytes, n)
		case block.Text:
			c.Codes = slices.Grow(c.Codes, n)
			if f.numbers[i] == nil {
				c.Dict = slices.Grow(c.Dict, n)
			}
		}
	}
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
func (f *freshRows) addBlock(b *block.Block, rows []int32, persons []uint64) {
	f.persons = append(f.persons, persons...)
	for i := range f.columns {
		to, from := &f.columns[i], &b.Columns[i]
		switch to.Kind {
		case block.Long:
			to.Longs = appendRows(to.Longs, from.Longs, rows)
		case block.Int:
			to.Ints = appendRows(to.Ints, from.Ints, rows)
		case block.Byte:
			to.Bytes = appendRows(to.Bytes, from.Bytes, rows)
		case block.Text:
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
func (f *freshRows) addTexts(column int, from *block.Column, rows []int32) {
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

func (f *freshRows) close() error { return nil }

// next gives all rows, in their order, once.
func (f *freshRows) next() (*block.Block, error) {
	if f.given || len(f.persons) == 0 {
		return nil, nil
	}
	f.given = true
	b := f.sort()
	f.block = b
	if f.counter != nil {
		b.Keep(f.counter.choose(b, anyTime, 0, b.Rows, nil, nil))
	}
	return b, nil
}

// sort gives the rows as a block in their order. They are gone here.
func (f *freshRows) sort() *block.Block {
	order := f.order()
	b := &block.Block{Rows: len(order), Columns: make([]block.Column, len(f.columns))}
	for _, row := range order {
		b.Persons.Add(f.persons[row], 1)
	}
	for i := range f.columns {
		from, to := &f.columns[i], &b.Columns[i]
		to.Kind, to.Dict = from.Kind, from.Dict
		to.Longs, to.Ints = inOrder(from.Longs, order), inOrder(from.Ints, order)
		to.Bytes, to.Codes = inOrder(from.Bytes, order), inOrder(from.Codes, order)
		*from = block.Column{}
	}
	f.persons, f.numbers = nil, nil
	return b
}

func (f *freshRows) place(row int) (int64, int32) {
	return f.block.Columns[f.plan.freshSeq].Longs[row], f.block.Columns[f.plan.freshIndex].Ints[row]
}

// texts is the largest number of different texts in a column that has few, before they are given.
func (f *freshRows) texts() int {
	most := 0
	for i := range f.columns {
		if f.numbers[i] != nil {
			most = max(most, len(f.columns[i].Dict))
		}
	}
	return most
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
	low := f.plan.persons.From
	shift := bits.Len64(f.plan.persons.To - low)
	shift = max(0, shift-width)
	starts := make([]int32, (f.plan.persons.To-low)>>shift+2)
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
