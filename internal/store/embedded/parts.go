// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import "github.com/journeyman-dev/journeyman/internal/store/embedded/part"

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

// quarantineFiles puts damaged sorted files aside, when their loss is accepted.
func (s *Store) quarantineFiles() error {
	if !s.options.AcceptDamage {
		return nil
	}
	var damaged []*part.Part
	for _, p := range s.parts {
		if !p.Intact() {
			s.options.Logger.Error("damage accepted: a sorted file is given up", "file", p.Name, "events", p.Rows)
			damaged = append(damaged, p)
		}
	}
	if len(damaged) == 0 {
		return nil
	}
	change := s.change()
	change.Files = part.Without(change.Files, damaged)
	for _, p := range damaged {
		if err := s.volume.Quarantine(p.Path()); err != nil {
			return err
		}
	}
	s.manifest = change
	s.setParts()
	return writeManifest(s.volume, change)
}
