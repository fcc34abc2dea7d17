// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

const (
	// flushRuns is the number of runs that are merged at a time, because each has a decompressed block in memory. More runs are first merged with each
	// other, flushMerge at a time.
	flushRuns, flushMerge = 64, 16
	// flushMonths is the number of months that are written at a time, because each has a row group in memory. For more, the runs are read again.
	flushMonths = 12
)

// Flush writes runs as files, one for each month.
func (s *Session) Flush(ctx context.Context, runs []*run.Run) (written []part.Meta, err error) {
	if runs, err = s.fewer(ctx, runs); err != nil {
		return nil, err
	}
	months, err := monthsOf(runs)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(months, flushMonths) {
		files, err := s.flush(ctx, runs, some)
		written = append(written, files...)
		if err != nil {
			return nil, errors.Join(err, s.files.remove(written))
		}
	}
	return written, nil
}

// fewer merges runs until there are at most flushRuns.
func (s *Session) fewer(ctx context.Context, runs []*run.Run) ([]*run.Run, error) {
	runs = slices.Clone(runs)
	for len(runs) > flushRuns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		slices.SortFunc(runs, func(a, b *run.Run) int { return cmp.Compare(a.Rows, b.Rows) })
		merged, err := run.Merge(run.Columns, runs[:flushMerge], s.view)
		if err != nil {
			return nil, err
		}
		runs = append(slices.Delete(runs, 0, flushMerge), merged)
	}
	return runs, nil
}

// flush writes the rows of some months.
func (s *Session) flush(ctx context.Context, runs []*run.Run, months []month) (written []part.Meta, err error) {
	q := rows.Whole(parquet.Wants)
	moved := rows.NewSorter(q)
	from := []rows.Source{moved}
	for _, r := range runs {
		gone := r.MovedAt(s.view)
		if !gone.None() {
			if err := r.Collect(q, gone, s.view, moved); err != nil {
				return nil, err
			}
		}
		source, err := r.Open(q, gone, nil)
		if err != nil {
			return nil, err
		}
		from = append(from, source)
	}
	to := &byMonth{create: s.create, months: months}
	if err := merge(ctx, q, from, to); err != nil {
		return nil, errors.Join(err, to.abort())
	}
	return to.finish()
}

// month with rows, from its first microsecond to that of the next month.
type month struct {
	from, to int64
	file     *output
}

func monthOf(t int64) month {
	year, m, _ := time.UnixMicro(t).UTC().Date()
	first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	return month{from: first.UnixMicro(), to: first.AddDate(0, 1, 0).UnixMicro()}
}

func (m *month) has(t int64) bool { return t >= m.from && t < m.to }

// monthsOf returns the months of runs, the earliest first.
func monthsOf(runs []*run.Run) ([]month, error) {
	var found []month
	last := -1
	for _, r := range runs {
		reader, err := run.NewReader(r, []block.Want{{Name: store.ColumnTime, Kind: block.Long}})
		if err != nil {
			return nil, err
		}
		for i := range r.Blocks() {
			b, err := reader.Read(i)
			if err != nil {
				return nil, err
			}
			for _, t := range b.Columns[0].Longs {
				found, last = withMonth(found, last, t)
			}
		}
	}
	slices.SortFunc(found, func(a, b month) int { return cmp.Compare(a.from, b.from) })
	return found, nil
}

// withMonth adds the month of a time to a list if it is not there, and returns its index. last is that of the previous time, or -1.
func withMonth(found []month, last int, t int64) ([]month, int) {
	if last >= 0 && found[last].has(t) {
		return found, last
	}
	if last = slices.IndexFunc(found, func(m month) bool { return m.has(t) }); last >= 0 {
		return found, last
	}
	return append(found, monthOf(t)), len(found)
}

// byMonth writes a file for each of some months.
type byMonth struct {
	create func(month string) (*output, error)
	months []month
	last   int
}

var timePlace = slices.IndexFunc(parquet.Wants, func(w block.Want) bool { return w.Name == store.ColumnTime })

func (m *byMonth) add(s rows.Stretch) error {
	times := s.Block.Columns[timePlace].Longs
	for s.First < s.End {
		to, end := m.at(times[s.First]), s.First+1
		for ; end < s.End && to != nil && to.has(times[end]); end++ {
		}
		if to != nil {
			if err := m.write(to, s.Block, s.Run, s.First, end); err != nil {
				return err
			}
		}
		s.First = end
		for s.Run < len(s.Block.Persons.Ends) && int(s.Block.Persons.Ends[s.Run]) <= end {
			s.Run++
		}
	}
	return nil
}

// at returns the month of a time, or nil if that month is written in another pass.
func (m *byMonth) at(t int64) *month {
	if !m.months[m.last].has(t) {
		i := slices.IndexFunc(m.months, func(m month) bool { return m.has(t) })
		if i < 0 {
			return nil
		}
		m.last = i
	}
	return &m.months[m.last]
}

func (m *byMonth) write(to *month, b *block.Block, run, first, end int) (err error) {
	if to.file == nil {
		if to.file, err = m.create(time.UnixMicro(to.from).UTC().Format("2006-01")); err != nil {
			return err
		}
	}
	return to.file.Add(b, run, first, end)
}

func (m *byMonth) settle() error {
	for i := range m.months {
		if f := m.months[i].file; f != nil {
			if err := f.Settle(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish completes the files and returns them.
func (m *byMonth) finish() (written []part.Meta, err error) {
	for i := range m.months {
		f := m.months[i].file
		m.months[i].file = nil
		if f == nil {
			continue
		}
		meta, err := f.finish()
		if err != nil {
			return written, errors.Join(err, m.abort())
		}
		written = append(written, meta)
	}
	return written, nil
}

func (m *byMonth) abort() error {
	var err error
	for i := range m.months {
		if f := m.months[i].file; f != nil {
			err = errors.Join(err, f.abort())
		}
	}
	return err
}
