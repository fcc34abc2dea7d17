// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"cmp"
	"math/bits"
	"runtime"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Sorter is a source of rows that come in any order, with their current persons: those that are not stored with their person. It collects them, sorts
// them, and returns them as one block.
type Sorter struct {
	query   *Query
	counter *Counter
	persons []uint64
	columns []block.Column
	// numbers of the texts of columns with few distinct texts
	numbers []map[string]uint32
	given   bool
	block   *block.Block
	// text is the size of the texts that were copied.
	text int64
}

// few are columns with few distinct texts.
var few = []string{
	store.ColumnSource, store.ColumnChannel, store.ColumnEvent, store.ColumnCurrency, store.ColumnSurveyKind, store.ColumnClass,
}

// Few reports whether a column has few distinct texts.
func Few(column string) bool { return slices.Contains(few, column) }

// NewSorter returns a sorter of rows that have the query's columns for sorting.
func NewSorter(q *Query) *Sorter {
	s := &Sorter{query: q, columns: make([]block.Column, len(q.SortWants)), numbers: make([]map[string]uint32, len(q.SortWants))}
	for i, w := range q.SortWants {
		s.columns[i].Kind = w.Kind
		if Few(w.Name) {
			s.numbers[i] = map[string]uint32{}
		}
	}
	return s
}

// Count sets the counter for rows that are only counted.
func (s *Sorter) Count(c *Counter) { s.counter = c }

// Bytes returns the approximate memory of the rows that Add added.
func (s *Sorter) Bytes() int64 { return s.text + int64(len(s.persons)*16*(1+len(s.columns))) }

// Rows returns the number of rows that were added.
func (s *Sorter) Rows() int { return len(s.persons) }

// Fill sets the persons of all rows. Fill their columns one by one, with Column and AddText.
func (s *Sorter) Fill(persons []uint64) {
	s.persons = persons
	s.grow(len(persons))
}

// Column returns the column of numbers to append values to.
func (s *Sorter) Column(i int) *block.Column { return &s.columns[i] }

// grow allocates n more rows.
func (s *Sorter) grow(n int) {
	for i := range s.columns {
		switch c := &s.columns[i]; c.Kind {
		case block.Long:
			c.Longs = slices.Grow(c.Longs, n)
		case block.Int:
			c.Ints = slices.Grow(c.Ints, n)
		case block.Byte:
			c.Bytes = slices.Grow(c.Bytes, n)
		case block.Text:
			c.Codes = slices.Grow(c.Codes, n)
			if s.numbers[i] == nil {
				c.Dict = slices.Grow(c.Dict, n)
			}
		}
	}
}

// AddText appends the code of a text.
func (s *Sorter) AddText(column int, text string) {
	c := &s.columns[column]
	numbers := s.numbers[column]
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

// Add adds rows of a block, with their current persons. It copies texts, because a few rows would otherwise keep all texts of the block in memory.
func (s *Sorter) Add(b *block.Block, rows []int32, persons []uint64) error {
	s.persons = append(s.persons, persons...)
	for i := range s.columns {
		to, from := &s.columns[i], &b.Columns[i]
		switch to.Kind {
		case block.Long:
			to.Longs = appendRows(to.Longs, from.Longs, rows)
		case block.Int:
			to.Ints = appendRows(to.Ints, from.Ints, rows)
		case block.Byte:
			to.Bytes = appendRows(to.Bytes, from.Bytes, rows)
		case block.Text:
			s.addTexts(i, from, rows)
		}
	}
	return nil
}

func appendRows[T any](to, from []T, rows []int32) []T {
	for _, row := range rows {
		to = append(to, from[row])
	}
	return to
}

// addTexts adds texts of a block. Columns with few distinct texts are looked up once per block.
func (s *Sorter) addTexts(column int, from *block.Column, rows []int32) {
	to := &s.columns[column]
	if s.numbers[column] == nil {
		first, bytes := len(to.Dict), int64(0)
		to.Dict, bytes = from.Copy(to.Dict, rows)
		s.text += bytes
		for i := range rows {
			to.Codes = append(to.Codes, uint32(first+i))
		}
		return
	}
	table := make([]uint32, len(from.Dict)) // the code plus one
	for _, row := range rows {
		code := from.Codes[row]
		if n := table[code]; n > 0 {
			to.Codes = append(to.Codes, n-1)
			continue
		}
		s.AddText(column, from.Dict[code])
		table[code] = to.Codes[len(to.Codes)-1] + 1
	}
}

// Close implements Source.
func (s *Sorter) Close() error { return nil }

// Next returns all rows, in order, once.
func (s *Sorter) Next() (*block.Block, error) {
	if s.given || len(s.persons) == 0 {
		return nil, nil
	}
	s.given = true
	b := s.Sort()
	s.block = b
	if s.counter != nil {
		s.counter.Take(b)
	}
	return b, nil
}

// Sort returns the rows as a sorted block. The sorter is empty afterwards.
func (s *Sorter) Sort() *block.Block {
	order := s.order()
	b := &block.Block{Rows: len(order), Columns: make([]block.Column, len(s.columns))}
	for _, row := range order {
		b.Persons.Add(s.persons[row], 1)
	}
	for i := range s.columns {
		from, to := &s.columns[i], &b.Columns[i]
		runtime.Gosched() // Sorting many rows of a load must not delay appends.
		to.Kind, to.Dict = from.Kind, from.Dict
		to.Longs, to.Ints = inOrder(from.Longs, order), inOrder(from.Ints, order)
		to.Bytes, to.Codes = inOrder(from.Bytes, order), inOrder(from.Codes, order)
		*from = block.Column{Kind: from.Kind}
		if s.numbers[i] != nil {
			s.numbers[i] = map[string]uint32{}
		}
	}
	s.persons, s.text = nil, 0
	return b
}

// FirstPerson implements Source.
func (s *Sorter) FirstPerson() (uint64, bool) {
	if len(s.persons) == 0 {
		return 0, false
	}
	return slices.Min(s.persons), true
}

// Place implements Source.
func (s *Sorter) Place(row int) (int64, int32) {
	return s.query.SortedPlace(s.block, row)
}

// Texts returns the largest number of distinct texts in a column with few of them, before Next.
func (s *Sorter) Texts() int {
	most := 0
	for i := range s.columns {
		if s.numbers[i] != nil {
			most = max(most, len(s.columns[i].Dict))
		}
	}
	return most
}

// Longest returns the largest number of rows of one person, before Next.
func (s *Sorter) Longest() int64 {
	counts := map[uint64]int64{}
	most := int64(0)
	for _, p := range s.persons {
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

// order returns the rows sorted by person, time and place. Persons are uniform hashes, so their first bits give buckets of similar size, and the rest
// to sort is small.
func (s *Sorter) order() []int32 {
	n := len(s.persons)
	width := max(0, bits.Len(uint(n))-6)
	low := s.query.Persons.From
	shift := bits.Len64(s.query.Persons.To - low)
	shift = max(0, shift-width)
	starts := make([]int32, (s.query.Persons.To-low)>>shift+2)
	for _, p := range s.persons {
		starts[(p-low)>>shift+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order, at := make([]int32, n), slices.Clone(starts)
	for row, p := range s.persons {
		bucket := (p - low) >> shift
		order[at[bucket]] = int32(row)
		at[bucket]++
	}
	times, seqs, indexes := s.columns[s.query.time].Longs, s.columns[s.query.sortSeq].Longs, s.columns[s.query.sortIndex].Ints
	for i := range len(starts) - 1 {
		slices.SortFunc(order[starts[i]:starts[i+1]], func(a, b int32) int {
			switch {
			case s.persons[a] != s.persons[b]:
				return cmp.Compare(s.persons[a], s.persons[b])
			case times[a] != times[b]:
				return cmp.Compare(times[a], times[b])
			}
			return cmp.Or(cmp.Compare(seqs[a], seqs[b]), cmp.Compare(indexes[a], indexes[b]))
		})
	}
	return order
}
