// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"io"
	"maps"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// placedAt gives the rows of a file that belong to other persons at a version. The file is searched only for anchors whose person has changed since the last time, if that is known.
func (s *Store) placedAt(f fileMeta, view *identity.View) (*rows.Moved, error) {
	// Two scans of a run ask for the same at the same time.
	s.placing.Lock()
	defer s.placing.Unlock()
	s.mu.RLock()
	p := s.placed[f.Name]
	s.mu.RUnlock()
	if p == nil && f.Placed > 0 {
		p = rows.NewMoved(f.Placed, nil, 0)
	}
	if p != nil && p.Version == view.Version() {
		return p, nil
	}
	next, err := s.placeAnew(f, p, view)
	if err != nil || p != nil && p.Version > next.Version {
		return next, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.placed[f.Name] = next
	return next, nil
}

func (s *Store) placeAnew(f fileMeta, p *rows.Moved, view *identity.View) (*rows.Moved, error) {
	var candidates map[uint64]uint64
	if p != nil {
		if changed := s.changedSince(p, view); changed != nil {
			candidates = changed
			maps.Copy(candidates, p.Anchors)
			maps.DeleteFunc(candidates, func(anchor, person uint64) bool { return view.PersonOf(event.Anchor(anchor)) == person })
			if len(candidates) == 0 {
				return rows.NewMoved(view.Version(), nil, 0), nil
			}
		}
	}
	found, n, err := s.searchMoved(f, candidates, view)
	return rows.NewMoved(view.Version(), found, n), err
}

// changedSince gives the anchors whose person differs between what is known and a version, before or after it, with the person at the
// known one; nil when that is too long ago.
func (s *Store) changedSince(p *rows.Moved, view *identity.View) map[uint64]uint64 {
	low, high := min(p.Version, view.Version()), max(p.Version, view.Version())
	changed, err := s.people.Changed(low, high)
	if err != nil {
		return nil
	}
	out := make(map[uint64]uint64, len(changed))
	for anchor, person := range changed {
		out[uint64(anchor)] = uint64(person)
	}
	if p.Version == low {
		return out
	}
	known, err := s.people.View(p.Version)
	if err != nil {
		return nil
	}
	for anchor := range out {
		out[anchor] = known.PersonOf(event.Anchor(anchor))
	}
	return out
}

// searchMoved finds the anchors of a file whose person is another one, among candidates if there are any, and counts their rows.
func (s *Store) searchMoved(f fileMeta, candidates map[uint64]uint64, view *identity.View) (found map[uint64]uint64, n int64, err error) {
	var among *rows.Moved
	if candidates != nil {
		among = rows.NewMoved(0, candidates, 0)
	}
	found = map[uint64]uint64{}
	err = s.eachGroup(f, func(r *parquet.Reader, group int, b *block.Block) error {
		if among != nil && !among.Any(&b.Persons) {
			return nil
		}
		anchors, err := r.Anchors(group)
		if err != nil {
			return err
		}
		before := int32(0)
		block.EachPair(&b.Persons, anchors, func(person, anchor uint64, end int32) {
			if (among == nil || has(among.Anchors, anchor)) && view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
				n += int64(end - before)
			}
			before = end
		})
		return nil
	})
	return found, n, err
}

func has(anchors map[uint64]uint64, anchor uint64) bool {
	_, ok := anchors[anchor]
	return ok
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
