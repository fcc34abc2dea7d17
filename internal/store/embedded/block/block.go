// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package block holds rows in columnar memory: persons as runs, texts as codes of a dictionary. Sorted files and runs in memory are both read into it.
package block

import (
	"slices"
	"strings"
)

// Kind of a column's values in memory.
type Kind uint8

const (
	// Long is []int64.
	Long Kind = iota
	// Int is []int32.
	Int
	// Byte is []uint8.
	Byte
	// Text is codes of a dictionary. A text that was written without a dictionary has its own entry.
	Text
)

// Column of a block. Only the field for its kind is set.
type Column struct {
	Kind  Kind
	Longs []int64
	Ints  []int32
	Bytes []uint8
	Codes []uint32
	Dict  []string
	// Table is for the reader's own numbers of the texts, and Owner identifies the reader. Both are reset when other rows are read.
	Table []uint32
	Owner any
}

// Want is a column to read.
type Want struct {
	Name string
	Kind Kind
}

// Copy appends copies of the texts of some rows, which share one allocation, and returns their size in bytes.
func (c *Column) Copy(to []string, rows []int32) (list []string, bytes int64) {
	for _, row := range rows {
		bytes += int64(len(c.Dict[c.Codes[row]]))
	}
	var all strings.Builder
	all.Grow(int(bytes))
	for _, row := range rows {
		all.WriteString(c.Dict[c.Codes[row]])
	}
	rest := all.String()
	for _, row := range rows {
		n := len(c.Dict[c.Codes[row]])
		to = append(to, rest[:n])
		rest = rest[n:]
	}
	return to, bytes
}

// Runs are values with the end of the rows that have each. Consecutive runs can have equal values.
type Runs struct {
	Values []uint64
	Ends   []int32
}

// Reset removes all runs. The memory is reused.
func (r *Runs) Reset() { r.Values, r.Ends = r.Values[:0], r.Ends[:0] }

// Add adds a run of n rows.
func (r *Runs) Add(value uint64, n int) {
	if last := len(r.Values) - 1; last >= 0 {
		if r.Values[last] == value {
			r.Ends[last] += int32(n)
			return
		}
		n += int(r.Ends[last])
	}
	r.Values, r.Ends = append(r.Values, value), append(r.Ends, int32(n))
}

// Block is some rows in memory, in the order of person, time and place. It is reused for the next rows.
type Block struct {
	Rows    int
	Persons Runs
	// Columns in the requested order.
	Columns []Column
}

// Keep keeps the rows of an ascending list, in all columns.
func (b *Block) Keep(rows []int32) {
	if len(rows) == b.Rows {
		return
	}
	b.Persons.keep(rows)
	for i := range b.Columns {
		c := &b.Columns[i]
		switch c.Kind {
		case Long:
			c.Longs = keep(c.Longs, rows)
		case Int:
			c.Ints = keep(c.Ints, rows)
		case Byte:
			c.Bytes = keep(c.Bytes, rows)
		case Text:
			c.Codes = keep(c.Codes, rows)
		}
	}
	b.Rows = len(rows)
}

// keep moves the values to the front. A column that was not read stays empty.
func keep[T any](values []T, rows []int32) []T {
	if len(values) == 0 {
		return values
	}
	for to, from := range rows {
		values[to] = values[from]
	}
	return values[:len(rows)]
}

func (r *Runs) keep(rows []int32) {
	run, to := 0, 0
	for i := 0; i < len(rows); {
		for r.Ends[run] <= rows[i] {
			run++
		}
		end, value := r.Ends[run], r.Values[run]
		for i < len(rows) && rows[i] < end {
			i++
		}
		r.Values[to], r.Ends[to] = value, int32(i)
		to++
		run++
	}
	r.Values, r.Ends = r.Values[:to], r.Ends[:to]
}

// Between returns the rows of persons from <= p <= to, in ascending runs.
func (r *Runs) Between(from, to uint64) (first, end int) {
	low, _ := slices.BinarySearch(r.Values, from)
	high, found := slices.BinarySearch(r.Values, to)
	for found && high < len(r.Values) && r.Values[high] == to {
		high++
	}
	if low > 0 {
		first = int(r.Ends[low-1])
	}
	if high > 0 {
		end = int(r.Ends[high-1])
	}
	return first, max(first, end)
}

// EachPair calls f for each stretch of rows with one value in both lists of runs, with the end of the rows.
func EachPair(a, b *Runs, f func(x, y uint64, end int32)) {
	for i, j := 0, 0; i < len(a.Ends) && j < len(b.Ends); {
		end := min(a.Ends[i], b.Ends[j])
		f(a.Values[i], b.Values[j], end)
		if a.Ends[i] == end {
			i++
		}
		if b.Ends[j] == end {
			j++
		}
	}
}
