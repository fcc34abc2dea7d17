// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// overlayShare of the engine's memory is taken by overlays at most.
const overlayShare = 4

// setParts makes the parts those of the manifest, and gives those that it does not name any more. The state lock is held.
func (s *Store) setParts() (gone []*part.Part) {
	known := make(map[string]*part.Part, len(s.parts))
	for _, p := range s.parts {
		known[p.Name] = p
	}
	parts := make([]*part.Part, len(s.manifest.Files))
	for i, m := range s.manifest.Files {
		if parts[i] = known[m.Name]; parts[i] == nil {
			parts[i] = part.New(s.volume, m, s.people, s.overlays)
		}
		delete(known, m.Name)
	}
	s.parts = parts
	for _, p := range known {
		p.Forget()
		gone = append(gone, p)
	}
	return gone
}

// openParts of the manifest that was read.
func (s *Store) openParts() error {
	s.setParts()
	return nil
}

// verify makes sure that none of the files is damaged.
func (s *Store) verify(files []part.Meta) error {
	s.mu.RLock()
	parts := s.parts
	s.mu.RUnlock()
	for _, f := range files {
		i := slices.IndexFunc(parts, func(p *part.Part) bool { return p.Name == f.Name })
		if err := parts[i].Verify(); err != nil {
			return err
		}
	}
	return nil
}

// movedRows gives, by file, the rows that belong to other persons than when it was written, as the last scan found them.
func (s *Store) movedRows() map[string]int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	moved := make(map[string]int64, len(s.parts))
	for _, p := range s.parts {
		moved[p.Name] = p.MovedRows()
	}
	return moved
}

// quarantineFiles puts damaged sorted files aside, when their loss is accepted.
func (s *Store) quarantineFiles() error {
	if !s.options.AcceptDamage {
		return nil
	}
	var damaged []part.Meta
	for _, f := range s.manifest.Files {
		if sum, err := part.Sum(s.volume, s.dataPath(f.Name)); err != nil || sum != f.Sum {
			s.options.Logger.Error("damage accepted: a sorted file is given up", "file", f.Name, "events", f.Rows)
			damaged = append(damaged, f)
		}
	}
	if len(damaged) == 0 {
		return nil
	}
	change := s.change()
	change.Files = part.Without(change.Files, damaged)
	for _, f := range damaged {
		if err := s.volume.Quarantine(s.dataPath(f.Name)); err != nil {
			return err
		}
	}
	s.manifest = change
	return writeManifest(s.volume, change)
}
