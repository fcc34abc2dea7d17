// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"io"
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
)

// placed says, of a file, which of its anchors had another person at a version of the identity table than the file has, and that of the file.
// It never changes.
type placed struct {
	version int64
	anchors map[uint64]uint64
	moved   *moved
	// rows that they have in the file.
	rows int64
}

func newPlaced(version int64, anchors map[uint64]uint64, rows int64) *placed {
	p := &placed{version: version, anchors: anchors, rows: rows}
	if len(anchors) > 0 {
		p.moved = newMoved(anchors)
	}
	return p
}

// placedAt gives it for a version. The file is searched only for anchors whose person has changed since the last time, if that is known.
func (s *Store) placedAt(f fileMeta, view *identity.View) (*placed, error) {
	// Two scans of a run ask for the same at the same time.
	s.placing.Lock()
	defer s.placing.Unlock()
	s.mu.RLock()
	p := s.placed[f.Name]
	s.mu.RUnlock()
	if p == nil && f.Placed > 0 {
		p = newPlaced(f.Placed, nil, 0)
	}
	if p != nil && p.version == view.Version() {
		return p, nil
	}
	next, err := s.placeAnew(f, p, view)
	if err != nil || p != nil && p.version > next.version {
		return next, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.placed[f.Name] = next
	return next, nil
}

func (s *Store) placeAnew(f fileMeta, p *placed, view *identity.View) (*placed, error) {
	var candidates map[uint64]uint64
	if p != nil {
		if changed := s.changedSince(p, view); changed != nil {
			candidates = changed
			maps.Copy(candidates, p.anchors)
			maps.DeleteFunc(candidates, func(anchor, person uint64) bool { return view.PersonOf(event.Anchor(anchor)) == person })
			if len(candidates) == 0 {
				return newPlaced(view.Version(), nil, 0), nil
			}
		}
	}
	found, rows, err := s.searchMoved(f, candidates, view)
	return newPlaced(view.Version(), found, rows), err
}

// changedSince gives the anchors whose person differs between what is known and a version, before or after it, with the person at the
// known one; nil when that is too long ago.
func (s *Store) changedSince(p *placed, view *identity.View) map[uint64]uint64 {
	low, high := min(p.version, view.Version()), max(p.version, view.Version())
	changed, err := s.people.Changed(low, high)
	if err != nil {
		return nil
	}
	out := make(map[uint64]uint64, len(changed))
	for anchor, person := range changed {
		out[uint64(anchor)] = uint64(person)
	}
	if p.version == low {
		return out
	}
	known, err := s.people.View(p.version)
	if err != nil {
		return nil
	}
	for anchor := range out {
		out[anchor] = known.PersonOf(event.Anchor(anchor))
	}
	return out
}

// searchMoved finds the anchors of a file whose person is another one, among candidates if there are any, and counts their rows.
func (s *Store) searchMoved(f fileMeta, candidates map[uint64]uint64, view *identity.View) (found map[uint64]uint64, rows int64, err error) {
	var among *moved
	if candidates != nil {
		among = newMoved(candidates)
	}
	found = map[uint64]uint64{}
	err = s.eachGroup(f, func(r *parquet.Reader, group int, b *block.Block) error {
		if among != nil && !among.any(&b.Persons) {
			return nil
		}
		anchors, err := r.Anchors(group)
		if err != nil {
			return err
		}
		before := int32(0)
		eachRun(&b.Persons, anchors, func(person, anchor uint64, end int32) {
			if (among == nil || among.anchors[anchor]) && view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
				rows += int64(end - before)
			}
			before = end
		})
		return nil
	})
	return found, rows, err
}

// longestRun gives the most rows that a person has in a file. Files of earlier versions do not say it in the manifest.
func (s *Store) longestRun(f fileMeta) (int64, error) {
	s.mu.RLock()
	known := s.longest[f.Name]
	s.mu.RUnlock()
	if known = max(known, f.MaxRun); known > 0 {
		return known, nil
	}
	longest, run, last := int64(0), int64(0), uint64(0)
	err := s.eachGroup(f, func(_ *parquet.Reader, _ int, b *block.Block) error {
		before := int32(0)
		for i, person := range b.Persons.Values {
			if person != last {
				last, run = person, 0
			}
			run += int64(b.Persons.Ends[i] - before)
			before = b.Persons.Ends[i]
			longest = max(longest, run)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longest[f.Name] = longest
	return longest, nil
}

// eachGroup reads the persons of a file, group by group.
func (s *Store) eachGroup(f fileMeta, each func(r *parquet.Reader, group int, b *block.Block) error) error {
	file, err := s.volume.Open(s.dataPath(f.Name))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	section := io.NewSectionReader(file, 0, f.Bytes)
	layout, err := s.layoutOf(f.Name, section)
	if err != nil {
		return err
	}
	reader, err := parquet.NewReader(section, layout, nil)
	if err != nil {
		return err
	}
	for group := range layout.Groups {
		b, err := reader.Read(group)
		if err != nil {
			return err
		}
		if err := each(reader, group, b); err != nil {
			return err
		}
	}
	return nil
}

// eachRun gives the stretches of rows that have one value in each of two lists of runs, with the row behind.
func eachRun(a, b *block.Runs, f func(x, y uint64, end int32)) {
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

// collectMoved adds the rows of a file that moved to persons of the scan.
func (s *Store) collectMoved(plan *scanPlan, f fileMeta, m *moved, view *identity.View, fresh *freshRows, bytes *int64) error {
	r, err := s.openFile(plan, plan.freshWants, f, nil, block.Everybody, bytes)
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }() // it was only read
	err = r.eachMoved(m, view, func(b *block.Block, rows []int32, persons []uint64) {
		rows, persons = keepBoth(rows, persons, r.filter.keep(b, b.Columns[plan.freshSeq].Longs, slices.Clone(rows)))
		fresh.addBlock(b, rows, persons)
	})
	*bytes += r.reader.Bytes
	return err
}

// eachMoved gives the rows of a file that moved to persons of the plan, with these.
func (r *fileRows) eachMoved(m *moved, view *identity.View, take func(b *block.Block, rows []int32, persons []uint64)) error {
	var rows []int32
	var persons []uint64
	for group, g := range r.layout.Groups {
		if !m.between(g.MinPerson, g.MaxPerson) {
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
		if rows, persons = m.rowsOf(b, anchors, view, r.plan.persons, rows[:0], persons[:0]); len(rows) > 0 {
			take(b, rows, persons)
		}
	}
	return nil
}

// keepBoth leaves the rows that are in the ascending list, and their persons.
func keepBoth(rows []int32, persons []uint64, kept []int32) ([]int32, []uint64) {
	n := 0
	for i, row := range rows {
		if n < len(kept) && kept[n] == row {
			rows[n], persons[n] = row, persons[i]
			n++
		}
	}
	return rows[:n], persons[:n]
}
