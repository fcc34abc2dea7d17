// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

const (
	// addRows is the number of rows that are added at once, so that a buffer does not exceed its limit by much.
	addRows = 1024
	// mostFiles is the number of files that are merged at once, for any amount of memory.
	mostFiles = 512
)

// Sorter sorts rows. It must not be used by several goroutines at once. It writes one buffer in the background while the next one is filled.
type Sorter struct {
	ctx    context.Context
	stop   context.CancelFunc
	pool   *Pool
	layout *Layout
	schema *arrow.Schema
	// held is the memory of the pool that the sort holds.
	held int64
	// filling is being filled; spare is being written, or empty.
	filling, spare *buffer
	// spilling returns the error of writing the spare buffer; nil while nothing is being written.
	spilling chan error
	files    []*file
	open     []source
	merger   *merger
	// longest is an upper bound for the rows of one key, and texts for the distinct texts of each column with Few.
	longest int64
	texts   []int
}

func newSorter(ctx context.Context, p *Pool, l *Layout, schema *arrow.Schema) *Sorter {
	s := &Sorter{
		pool: p, layout: l, schema: schema, held: p.share, filling: newBuffer(l), spare: newBuffer(l), texts: make([]int, len(l.Columns)),
	}
	s.ctx, s.stop = context.WithCancel(ctx)
	return s
}

// Add adds rows of a block, with their keys. It keeps nothing of the block.
func (s *Sorter) Add(from *block.Block, list []int32, keys []string) error {
	for len(list) > 0 {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		n := min(len(list), addRows)
		s.filling.add(from, list[:n], keys[:n])
		list, keys = list[n:], keys[n:]
		if s.filling.bytes() < s.held/2 {
			continue
		}
		if err := s.spill(); err != nil {
			return err
		}
	}
	return nil
}

// spill writes the rows that were added in the background.
func (s *Sorter) spill() error {
	if err := s.settle(); err != nil {
		return err
	}
	full := s.filling
	s.filling, s.spare = s.spare, full
	done := make(chan error, 1)
	s.spilling = done
	go func() { done <- s.write(full) }()
	return nil
}

func (s *Sorter) write(full *buffer) error {
	defer full.reset()
	return s.merge([]source{s.sort(full)})
}

// sort sorts the rows of a buffer. One buffer is sorted at a time.
func (s *Sorter) sort(b *buffer) source {
	from := b.sort()
	s.longest += b.longest()
	for i := range b.columns {
		if f := b.columns[i].few; f != nil {
			s.texts[i] += len(f.texts)
		}
	}
	return from
}

// settle waits until nothing is being written.
func (s *Sorter) settle() error {
	if s.spilling == nil {
		return nil
	}
	err := <-s.spilling
	s.spilling = nil
	return err
}

// merge merges sources into one more file.
func (s *Sorter) merge(from []source) error {
	m, err := newMerger(s.layout, from)
	if err != nil {
		return err
	}
	f, err := s.pool.write(s.ctx, s.schema, m)
	if err == nil {
		s.files = append(s.files, f)
	}
	return err
}

// Sort sorts the added rows. It returns memory that is not needed for merging to the pool.
func (s *Sorter) Sort() error {
	err := s.sortRuns()
	if err == nil {
		s.merger, err = newMerger(s.layout, s.open)
	}
	return err
}

// sortRuns opens the sorted files, and sorts the rows in memory.
func (s *Sorter) sortRuns() error {
	if err := s.settle(); err != nil {
		return err
	}
	s.spare = nil
	if err := s.reduce(); err != nil {
		return err
	}
	sources, err := s.openAll(s.files)
	if err != nil {
		return err
	}
	s.open = append(sources, s.sort(s.filling))
	needed := s.filling.bytes() + int64(len(s.files))*s.ofFile()
	if extra := s.held - needed; extra > 0 {
		s.held -= extra
		s.pool.memory.Release(extra)
	}
	return nil
}

// ofFile returns the memory for reading a file.
func (s *Sorter) ofFile() int64 {
	chunk := int64(0)
	for _, f := range s.files {
		chunk = max(chunk, f.chunk)
	}
	return chunk + ofReader
}

// reduce merges files, the smallest first, until there is enough memory to read all of them at once.
func (s *Sorter) reduce() error {
	for {
		most := int((s.held - s.filling.bytes()) / s.ofFile())
		if most = min(max(most, 2), mostFiles); len(s.files) <= most {
			return nil
		}
		slices.SortFunc(s.files, func(a, b *file) int { return cmp.Compare(a.rows, b.rows) })
		if err := s.mergeFiles(min(most, len(s.files)-most+1)); err != nil {
			return err
		}
	}
}

// mergeFiles merges the first n files into one.
func (s *Sorter) mergeFiles(n int) error {
	sources, err := s.openAll(s.files[:n])
	if err != nil {
		return err
	}
	if err := errors.Join(s.merge(sources), closeAll(sources)); err != nil {
		return err
	}
	for _, f := range s.files[:n] {
		if err := s.pool.remove(f); err != nil {
			return err
		}
	}
	s.files = slices.Delete(s.files, 0, n)
	return nil
}

func (s *Sorter) openAll(files []*file) ([]source, error) {
	var list []source
	for _, f := range files {
		r, err := s.pool.open(s.schema, f)
		if err != nil {
			return nil, errors.Join(err, closeAll(list))
		}
		list = append(list, r)
	}
	return list, nil
}

func closeAll(list []source) error {
	var err error
	for _, from := range list {
		err = errors.Join(err, from.close())
	}
	return err
}

// Next returns at most most of the next sorted rows, or no block at the end. The block has the columns of the layout and then the key. Its persons
// are the numbers of the keys, from 1 on, in order.
func (s *Sorter) Next(most int) (rows.Stretch, error) { return s.merger.next(most) }

// Close ends the sort at any point, and removes its files.
func (s *Sorter) Close() error {
	s.stop()
	_ = s.settle() // The caller has seen the error, or no longer needs it.
	err := closeAll(s.open)
	s.open, s.merger, s.filling, s.spare = nil, nil, nil, nil
	for _, f := range s.files {
		err = errors.Join(err, s.pool.remove(f))
	}
	s.files = nil
	s.pool.memory.Release(s.held)
	s.held = 0
	return err
}
