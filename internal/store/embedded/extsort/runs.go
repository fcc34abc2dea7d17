// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Run returns sorted rows, for a caller that merges several runs with other rows.
type Run struct{ from source }

// Runs sorts the added rows, instead of Sort, and returns them as runs, each of which is sorted. There are as few as the memory allows. They are
// closed with the sorter.
func (s *Sorter) Runs() ([]Run, error) {
	if err := s.sortRuns(); err != nil {
		return nil, err
	}
	var list []Run
	for _, from := range s.open {
		list = append(list, Run{from})
	}
	return list, nil
}

// Next returns some rows, with the columns of the layout and then the key, and the keys of its runs of persons, or nil at the end. The caller can
// change the block, which is valid until the next call.
func (r Run) Next() (b *block.Block, keys []string, err error) {
	c, err := r.from.next()
	if c == nil || err != nil {
		return nil, nil, err
	}
	return &c.Block, c.keys, nil
}

// Longest returns an upper bound for the rows of one key, once all are sorted.
func (s *Sorter) Longest() int64 { return s.longest }

// Texts returns an upper bound for the distinct texts of a column with Few, once all are sorted.
func (s *Sorter) Texts() int { return slices.Max(s.texts) }
