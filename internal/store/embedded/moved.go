// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"io"
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// placed says, of a file, which of its anchors had another person at a version of the identity table than the file has, and that of the file.
// It never changes.
type placed struct {
	version int64
	anchors map[uint64]uint64
	moved   *moved
}

func newPlaced(version int64, anchors map[uint64]uint64) *placed {
	p := &placed{version: version, anchors: anchors}
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
		p = newPlaced(f.Placed, nil)
	}
	if p != nil && p.version == view.Version() {
		return p, nil
	}
	next, err := s.placeAnew(f, p, view)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.placed[f.Name] = next
	return next, nil
}

func (s *Store) placeAnew(f fileMeta, p *placed, view *identity.View) (*placed, error) {
	var candidates map[uint64]uint64
	if p != nil {
		if changed, err := s.people.Changed(p.version, view.Version()); err == nil {
			candidates = maps.Clone(p.anchors)
			if candidates == nil {
				candidates = map[uint64]uint64{}
			}
			for anchor, person := range changed {
				if _, known := candidates[uint64(anchor)]; !known {
					candidates[uint64(anchor)] = uint64(person)
				}
			}
			maps.DeleteFunc(candidates, func(anchor, person uint64) bool { return view.PersonOf(event.Anchor(anchor)) == person })
			if len(candidates) == 0 {
				return newPlaced(view.Version(), nil), nil
			}
		}
	}
	found, err := s.searchMoved(f, candidates, view)
	return newPlaced(view.Version(), found), err
}

// searchMoved finds the anchors of a file whose person is another one, among candidates if there are any.
func (s *Store) searchMoved(f fileMeta, candidates map[uint64]uint64, view *identity.View) (map[uint64]uint64, error) {
	file, err := s.fs.Open(s.dataPath(f.Name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	section := io.NewSectionReader(file, 0, f.Bytes)
	layout, err := s.layoutOf(f.Name, section)
	if err != nil {
		return nil, err
	}
	reader, err := sorted.NewReader(section, layout, nil)
	if err != nil {
		return nil, err
	}
	var among *moved
	if candidates != nil {
		among = newMoved(candidates)
	}
	found := map[uint64]uint64{}
	for group := range layout.Groups {
		b, err := reader.Read(group)
		if err != nil {
			return nil, err
		}
		if among != nil && !among.any(&b.Persons) {
			continue
		}
		anchors, err := reader.Anchors(group)
		if err != nil {
			return nil, err
		}
		eachRun(&b.Persons, anchors, func(person, anchor uint64, _ int32) {
			if among != nil && !among.anchors[anchor] {
				return
			}
			if view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
			}
		})
	}
	return found, nil
}

// eachRun gives the stretches of rows that have one value in each of two lists of runs, with the row behind.
func eachRun(a, b *sorted.Runs, f func(x, y uint64, end int32)) {
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
func (s *Store) collectMoved(plan *scanPlan, f fileMeta, p *placed, view *identity.View, fresh *freshRows, bytes *int64) error {
	r, err := s.openFile(plan, plan.freshWants, f, nil, personRange{0, ^uint64(0)}, bytes)
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }() // it was only read
	var rows []int32
	var persons []uint64
	for group, g := range r.layout.Groups {
		if !p.moved.between(g.MinPerson, g.MaxPerson) {
			continue
		}
		b, err := r.read(group)
		if err != nil {
			return err
		}
		anchors, err := r.reader.Anchors(group)
		if err != nil {
			return err
		}
		rows, persons = p.moved.rowsOf(b, anchors, view, plan.persons, rows[:0], persons[:0])
		rows, persons = keepBoth(rows, persons, r.filter.keep(b, b.Columns[plan.freshSeq].Longs, slices.Clone(rows)))
		fresh.addBlock(b, rows, persons)
	}
	*bytes += r.reader.Bytes
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
