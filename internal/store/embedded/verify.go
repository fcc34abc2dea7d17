// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zeebo/xxh3"
)

// sumOf reads a sorted file and gives its XXH3 hash.
func (s *Store) sumOf(name string) (uint64, error) {
	f, err := s.volume.Open(s.dataPath(name))
	if err != nil {
		return 0, err
	}
	h := xxh3.New()
	_, err = io.Copy(h, io.NewSectionReader(f, 0, math.MaxInt64))
	return h.Sum64(), errors.Join(err, f.Close())
}

// verify reads the files that were not read since the store was opened, and compares their hashes: Parquet would give wrong values for
// flipped bits. Damage makes the store read-only, so that it is seen, and is not copied into merged files.
func (s *Store) verify(files []fileMeta) error {
	for _, f := range files {
		s.mu.RLock()
		done := s.verified[f.Name]
		s.mu.RUnlock()
		if done {
			continue
		}
		sum, err := s.sumOf(f.Name)
		if err != nil {
			return err
		}
		if sum != f.Sum {
			what := fmt.Sprintf("sorted file %s is damaged: its checksum differs", f.Name)
			s.volume.Fail(what)
			return unavailable(what)
		}
		s.mu.Lock()
		s.verified[f.Name] = true
		s.mu.Unlock()
	}
	return nil
}

// quarantineFiles puts damaged sorted files aside, when their loss is accepted.
func (s *Store) quarantineFiles() error {
	if !s.options.AcceptDamage {
		return nil
	}
	var damaged []fileMeta
	for _, f := range s.manifest.Files {
		if sum, err := s.sumOf(f.Name); err != nil || sum != f.Sum {
			s.options.Logger.Error("damage accepted: a sorted file is given up", "file", f.Name, "events", f.Rows)
			damaged = append(damaged, f)
		}
	}
	if len(damaged) == 0 {
		return nil
	}
	change := s.change()
	change.Files = withoutFiles(change.Files, damaged)
	var err error
	for _, f := range damaged {
		err = errors.Join(err, s.volume.Quarantine(s.dataPath(f.Name)))
	}
	if err != nil {
		return err
	}
	s.manifest = change
	return writeManifest(s.volume, change)
}
