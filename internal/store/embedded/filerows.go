// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"io"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// fileRows gives the rows of a sorted file that the plan asks for, of a range of persons, without those that moved to other persons.
type fileRows struct {
	choice
	layout *parquet.Layout
	file   volume.ReadFile
	reader *parquet.Reader
	group  int
	// bytes is where those that were read are counted.
	bytes *int64
}

// openFile opens a sorted file for a scan. Its footer is read once.
func (s *Store) openFile(
	plan *scanPlan, wants []block.Want, meta fileMeta, m *moved, persons block.Range, bytes *int64,
) (*fileRows, error) {
	f, err := s.volume.Open(s.dataPath(meta.Name))
	if err != nil {
		return nil, err
	}
	r := &fileRows{file: f, bytes: bytes, choice: choice{
		plan: plan, persons: persons, moved: m, filter: plan.filterFor(meta.MinTime, meta.MaxTime, meta.MaxSeq),
		bounds: store.Span{From: meta.MinTime, To: meta.MaxTime},
	}}
	r.of = r
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

func (r *fileRows) close() error { return r.file.Close() }

func (r *fileRows) next() (*block.Block, error) {
	for ; r.group < len(r.layout.Groups); r.group++ {
		if g := r.layout.Groups[r.group]; g.MaxPerson < r.persons.From || g.MinPerson > r.persons.To {
			continue
		}
		before := r.reader.Bytes
		b, err := r.reader.Read(r.group)
		if err != nil {
			return nil, err
		}
		err = r.choose(b, r.group)
		*r.bytes += r.reader.Bytes - before
		if err != nil {
			return nil, err
		}
		r.group++
		return b, nil
	}
	// A scan may have many files, of which it reads few at a time.
	r.forget()
	r.reader = nil
	return nil, nil
}

// firstPerson that the file may have in the range.
func (r *fileRows) firstPerson() (uint64, bool) {
	for _, g := range r.layout.Groups {
		if g.MaxPerson >= r.persons.From && g.MinPerson <= r.persons.To {
			return max(g.MinPerson, r.persons.From), true
		}
	}
	return 0, false
}

func (r *fileRows) anchors(group int, b *block.Block) (persons, anchors *block.Runs, err error) {
	anchors, err = r.reader.Anchors(group)
	return &b.Persons, anchors, err
}

func (r *fileRows) readPlaces(group int, seqs, indexes *block.Column) error {
	if err := r.reader.Column(group, block.Want{Name: store.ColumnSeq, Kind: block.Long}, seqs); err != nil {
		return err
	}
	return r.reader.Column(group, block.Want{Name: store.ColumnIndex, Kind: block.Int}, indexes)
}

// moved are the rows of a file that belong to other persons now than when it was written: the anchors by the person of the file.
type moved struct {
	persons []uint64
	anchors map[uint64]bool
}

// newMoved takes anchors with the person that the file has.
func newMoved(anchors map[uint64]uint64) *moved {
	m := &moved{anchors: make(map[uint64]bool, len(anchors))}
	for anchor, person := range anchors {
		m.anchors[anchor] = true
		m.persons = append(m.persons, person)
	}
	slices.Sort(m.persons)
	m.persons = slices.Compact(m.persons)
	return m
}

// any tells whether some of the persons have such rows.
func (m *moved) any(persons *block.Runs) bool {
	if m == nil || len(persons.Values) == 0 {
		return false
	}
	i, _ := slices.BinarySearch(m.persons, persons.Values[0])
	return i < len(m.persons) && m.persons[i] <= persons.Values[len(persons.Values)-1]
}

// remaining appends the rows from first on and before end whose anchors did not move. Runs of one person and one anchor are looked at once.
func (m *moved) remaining(first, end int, persons, anchors *block.Runs, rows []int32) []int32 {
	rows = slices.Grow(rows, end-first)
	anchor, from := 0, int32(first)
	at, _ := slices.BinarySearch(m.persons, persons.Values[0])
	run, _ := slices.BinarySearch(persons.Ends, from+1)
	for ; run < len(persons.Ends) && from < int32(end); run++ {
		stop := min(persons.Ends[run], int32(end))
		for at < len(m.persons) && m.persons[at] < persons.Values[run] {
			at++
		}
		if at == len(m.persons) || m.persons[at] != persons.Values[run] {
			rows = appendRange(rows, from, stop)
			from = stop
			continue
		}
		for from < stop {
			for anchors.Ends[anchor] <= from {
				anchor++
			}
			part := min(anchors.Ends[anchor], stop)
			if !m.anchors[anchors.Values[anchor]] {
				rows = appendRange(rows, from, part)
			}
			from = part
		}
	}
	return rows
}

func appendRange(rows []int32, from, end int32) []int32 {
	for ; from < end; from++ {
		rows = append(rows, from)
	}
	return rows
}

// between tells whether a person of the range has such rows.
func (m *moved) between(from, to uint64) bool {
	i, _ := slices.BinarySearch(m.persons, from)
	return i < len(m.persons) && m.persons[i] <= to
}

// rowsOf gives the rows of a block that moved to persons of a range, with these.
func (m *moved) rowsOf(
	b *block.Block, anchors *block.Runs, view *identity.View, to block.Range, rows []int32, persons []uint64,
) ([]int32, []uint64) {
	at := int32(0)
	eachRun(&b.Persons, anchors, func(_, anchor uint64, end int32) {
		first := at
		at = end
		if !m.anchors[anchor] {
			return
		}
		now := view.PersonOf(event.Anchor(anchor))
		if now < to.From || now > to.To {
			return
		}
		for ; first < end; first++ {
			rows, persons = append(rows, first), append(persons, now)
		}
	})
	return rows, persons
}
