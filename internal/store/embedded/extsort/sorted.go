// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// sorted is a source of the rows of a buffer. The keys are sorted, and each row goes into the bucket of its key. Most rows of a key arrive in order,
// because they are mostly of one person.
type sorted struct {
	from *buffer
	// keys are the numbers of keys by rank, ends the ends of the rows of each rank, and order the rows.
	keys  []ranked
	ranks []uint32
	ends  []int32
	order []int32
	// at is the next row of the order, and rank that of its key.
	at, rank int
	out      chunk
}

// ranked is a key with its first bytes after the common prefix of all keys, so that most comparisons do not read the text.
type ranked struct {
	prefix uint64
	number uint32
}

// sort sorts the rows that were added.
func (b *buffer) sort() source {
	s := &b.sorted
	s.sortKeys()
	s.ends = append(s.ends[:0], make([]int32, len(b.keys)+1)...)
	for _, key := range b.rows {
		s.ends[s.ranks[key]+1]++
	}
	for i := 1; i < len(s.ends); i++ {
		s.ends[i] += s.ends[i-1]
	}
	s.order = slices.Grow(s.order[:0], len(b.rows))[:len(b.rows)]
	for row, key := range b.rows {
		rank := s.ranks[key]
		s.order[s.ends[rank]] = int32(row)
		s.ends[rank]++
	}
	// The position of each rank is now where its rows end.
	s.ends = s.ends[:len(b.keys)]
	s.sortRows()
	s.at, s.rank = 0, 0
	return s
}

// longest returns the largest number of rows of one key in a sorted buffer.
func (b *buffer) longest() int64 {
	most, first := int32(0), int32(0)
	for _, end := range b.sorted.ends {
		most, first = max(most, end-first), end
	}
	return int64(most)
}

func (s *sorted) sortKeys() {
	texts := s.from.keys
	s.keys = s.keys[:0]
	common := commonPrefix(texts)
	for i, text := range texts {
		s.keys = append(s.keys, ranked{prefix: prefixOf(text[common:]), number: uint32(i)})
	}
	slices.SortFunc(s.keys, func(a, b ranked) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return strings.Compare(texts[a.number], texts[b.number])
	})
	s.ranks = slices.Grow(s.ranks[:0], len(texts))[:len(texts)]
	for rank, key := range s.keys {
		s.ranks[key.number] = uint32(rank)
	}
}

func commonPrefix(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	common := texts[0]
	for _, text := range texts {
		for !strings.HasPrefix(text, common) {
			common = common[:len(common)-1]
		}
	}
	return len(common)
}

// prefixOf returns a number that orders texts by their first eight bytes.
func prefixOf(text string) uint64 {
	var b [8]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// sortRows sorts the rows of each key.
func (s *sorted) sortRows() {
	columns, l := s.from.columns, s.from.layout
	times, seqs, indexes := columns[l.Time].longs, columns[l.Seq].longs, columns[l.Index].ints
	compare := func(a, b int32) int {
		if times[a] != times[b] {
			return cmp.Compare(times[a], times[b])
		}
		return cmp.Or(cmp.Compare(seqs[a], seqs[b]), cmp.Compare(indexes[a], indexes[b]))
	}
	first := int32(0)
	for _, end := range s.ends {
		if rows := s.order[first:end]; !slices.IsSortedFunc(rows, compare) {
			slices.SortFunc(rows, compare)
		}
		first = end
	}
}

func (s *sorted) close() error { return nil }

func (s *sorted) next() (*chunk, error) {
	if s.at == len(s.order) {
		return nil, nil
	}
	c := &s.out
	c.begin(len(s.from.columns))
	rows := s.order[s.at : s.at+s.room()]
	for c.Rows < len(rows) {
		n := min(int(s.ends[s.rank])-s.at, len(rows)-c.Rows)
		c.run(s.from.keys[s.keys[s.rank].number], n)
		if s.at += n; s.at == int(s.ends[s.rank]) {
			s.rank++
		}
	}
	s.gather(rows)
	c.finish()
	return c, nil
}

// room returns how many of the next rows make a chunk: at least one.
func (s *sorted) room() int {
	most := min(chunkRows, len(s.order)-s.at)
	rows := s.order[s.at : s.at+most]
	rows = within(rows, func(row int32) int { return len(s.from.keys[s.from.rows[row]]) })
	for i := range s.from.columns {
		if texts := s.from.columns[i].texts; len(texts) > 0 {
			rows = within(rows, func(row int32) int { return len(texts[row]) })
		}
	}
	return len(rows)
}

// within returns the first of the rows whose texts of a column together fit into a chunk: at least one.
func within(rows []int32, length func(int32) int) []int32 {
	size := 0
	for n, row := range rows {
		if size += length(row); size > chunkText {
			return rows[:max(n, 1)]
		}
	}
	return rows
}

func (s *sorted) gather(rows []int32) {
	for i := range s.from.columns {
		from, to := &s.from.columns[i], &s.out.Columns[i]
		to.Kind = s.from.layout.Columns[i].Kind
		switch {
		case to.Kind == block.Long:
			to.Longs = pick(to.Longs[:0], from.longs, rows)
		case to.Kind == block.Int:
			to.Ints = pick(to.Ints[:0], from.ints, rows)
		case to.Kind == block.Byte:
			to.Bytes = pick(to.Bytes[:0], from.bytes, rows)
		case from.few != nil:
			to.Codes = pick(to.Codes[:0], from.codes, rows)
			if len(to.Dict) != len(from.few.texts) || len(to.Dict) > 0 && &to.Dict[0] != &from.few.texts[0] {
				to.Dict, to.Owner = from.few.texts, nil
			}
		default:
			to.Dict = pick(to.Dict[:0], from.texts, rows)
			each(to, len(rows))
		}
	}
}
