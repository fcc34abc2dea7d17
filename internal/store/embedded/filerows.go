// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"io"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// fileRows gives the rows of a sorted file that a query asks for, without those that moved to other persons.
type fileRows struct {
	rows.Select
	query  *rows.Query
	layout *parquet.Layout
	file   volume.ReadFile
	reader *parquet.Reader
	group  int
}

// openFile opens a sorted file for a scan. Its footer is read once.
func (s *Store) openFile(q *rows.Query, wants []block.Want, meta fileMeta, gone *rows.Moved, c *rows.Counter) (*fileRows, error) {
	f, err := s.volume.Open(s.dataPath(meta.Name))
	if err != nil {
		return nil, err
	}
	r := &fileRows{query: q, file: f}
	r.Select = rows.NewSelect(q, r, boundsOfFile(&meta), gone, c)
	section := io.NewSectionReader(f, 0, meta.Bytes)
	if r.layout, err = s.layoutOf(meta.Name, section); err == nil {
		r.reader, err = parquet.NewReader(section, r.layout, wants)
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return r, nil
}

// layoutOf gives the footer of a file; files never change.
func (s *Store) layoutOf(name string, r *io.SectionReader) (*parquet.Layout, error) {
	s.mu.RLock()
	l := s.layouts[name]
	s.mu.RUnlock()
	if l != nil {
		return l, nil
	}
	l, err := parquet.ReadLayout(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.layouts[name] = l
	return l, nil
}

func (r *fileRows) Close() error { return r.file.Close() }

func (r *fileRows) Next() (*block.Block, error) {
	for ; r.group < len(r.layout.Groups); r.group++ {
		if g := r.layout.Groups[r.group]; g.MaxPerson < r.query.Persons.From || g.MinPerson > r.query.Persons.To {
			continue
		}
		before := r.reader.Bytes
		b, err := r.reader.Read(r.group)
		if err != nil {
			return nil, err
		}
		err = r.From(b, r.group)
		r.query.Bytes += r.reader.Bytes - before
		if err != nil {
			return nil, err
		}
		r.group++
		return b, nil
	}
	// A scan may have many files, of which it reads few at a time.
	r.Forget()
	r.reader = nil
	return nil, nil
}

func (r *fileRows) FirstPerson() (uint64, bool) {
	for _, g := range r.layout.Groups {
		if g.MaxPerson >= r.query.Persons.From && g.MinPerson <= r.query.Persons.To {
			return max(g.MinPerson, r.query.Persons.From), true
		}
	}
	return 0, false
}

func (r *fileRows) Anchors(group int, b *block.Block) (persons, anchors *block.Runs, err error) {
	anchors, err = r.reader.Anchors(group)
	return &b.Persons, anchors, err
}

func (r *fileRows) Places(group int, seqs, indexes *block.Column) error {
	if err := r.reader.Column(group, block.Want{Name: store.ColumnSeq, Kind: block.Long}, seqs); err != nil {
		return err
	}
	return r.reader.Column(group, block.Want{Name: store.ColumnIndex, Kind: block.Int}, indexes)
}

// collect gives a collector the rows of a file that may have moved.
func (s *Store) collect(q *rows.Query, f fileMeta, gone *rows.Moved, to *rows.Collector, each func()) error {
	r, err := s.openFile(q, q.SortWants, f, nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	for group, g := range r.layout.Groups {
		if !gone.Between(g.MinPerson, g.MaxPerson) {
			continue
		}
		b, err := r.reader.Read(group)
		if err != nil {
			return err
		}
		anchors, err := r.reader.Anchors(group)
		if err != nil {
			return err
		}
		to.Add(b, anchors)
		each()
	}
	q.Bytes += r.reader.Bytes
	return nil
}
