// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// load reads everything that is on the volume.
func (s *Store) load() error {
	var err error
	if s.manifest, err = readManifest(s.volume); err != nil {
		return err
	}
	m := s.manifest
	s.volume.NamesFrom(m.Next)
	s.seq, s.sources = m.Seq, newSources(m.Sources)
	steps := []func() error{
		s.loadTombstones, s.loadIdentity, s.loadKeys, s.openParts, s.quarantineFiles, s.checkFiles, s.loadResults, s.loadLog,
		s.removeOldSegments, s.removeStrangers, s.openEngine,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if s.people.SetPolicy(s.options.Identity) {
		s.options.Logger.Info("the identity policy has changed, persons were computed anew", "version", s.people.Version())
	}
	return nil
}

func (s *Store) loadTombstones() (err error) {
	s.tombstones, err = loadTombstones(s.volume, s.manifest.Tombstones)
	return err
}

func (s *Store) loadIdentity() error {
	if err := s.loadPeople(); err != nil {
		return err
	}
	s.memtable = memtable.New(s.people)
	return nil
}

func (s *Store) loadPeople() error {
	if s.manifest.Identity == "" {
		s.people = identity.New(s.options.Identity)
		return nil
	}
	b, err := s.volume.ReadFile(s.volume.Path(volume.Identity, s.manifest.Identity))
	if err != nil {
		return err
	}
	s.people, err = identity.Restore(bytes.NewReader(b))
	return err
}

func (s *Store) loadKeys() (err error) {
	s.keys, err = dedup.Open(s.volume, s.manifest.Keys)
	return err
}

func (s *Store) loadResults() (err error) {
	s.results, err = results.Open(s.volume)
	return err
}

// checkFiles makes sure that no sorted file is missing or cut.
func (s *Store) checkFiles() error {
	for _, f := range s.manifest.Files {
		size, err := s.volume.Size(s.dataPath(f.Name))
		if err != nil {
			return fmt.Errorf("a sorted file is missing: %w", err)
		}
		if size != f.Bytes {
			return fmt.Errorf("sorted file %s has %d bytes instead of %d", f.Name, size, f.Bytes)
		}
	}
	return nil
}

func (s *Store) loadLog() error {
	splits := s.manifest.Splits
	log, report, err := wal.Open(s.volume, s.options.SegmentBytes, s.options.Logger, s.manifest.Seq, func(c *wal.Commit, bytes int64) error {
		for len(splits) > 0 && splits[0].Seq < c.Seq {
			s.people.Rebind(splits[0].Bonds)
			splits = splits[1:]
		}
		s.applyCommit(c, bytes)
		for i := range c.Events {
			s.keys.Put(c.Events[i].Key(), c.Seq)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, where := range report.Cut {
		s.options.Logger.Info("a write that was never acknowledged is left out", "where", where)
	}
	if len(report.Damage) > 0 {
		what := "the log is damaged: " + strings.Join(report.Damage, "; ")
		if s.options.AcceptDamage {
			s.options.Logger.Error("damage accepted", "what", what)
			s.accepted = true
		} else {
			s.volume.Fail(what)
		}
	}
	s.log = log
	for _, split := range splits {
		s.people.Rebind(split.Bonds)
	}
	s.seq = report.LastSeq
	return nil
}

// removeOldSegments removes what a crash left of segments that are in sorted files.
func (s *Store) removeOldSegments() error {
	if s.volume.Fault() != "" {
		return nil
	}
	return s.removeLog()
}

// removeStrangers removes files that the manifest does not name: left by a crash, or not unlinked in time.
func (s *Store) removeStrangers() error {
	named := map[string]bool{s.volume.Path(volume.Identity, s.manifest.Identity): true}
	for _, f := range s.manifest.Files {
		named[s.dataPath(f.Name)] = true
	}
	for _, k := range s.manifest.Keys {
		named[s.volume.Path(volume.Keys, k.Name)] = true
	}
	folders := []string{s.volume.Path(volume.Keys), s.volume.Path(volume.Identity)}
	months, err := s.volume.List(s.volume.Path(volume.Data))
	if err != nil {
		return err
	}
	for _, month := range months {
		folders = append(folders, s.dataPath(month))
	}
	for _, folder := range folders {
		names, err := s.volume.List(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			if path := filepath.Join(folder, name); !named[path] {
				if err := s.volume.Remove(path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Store) openEngine() error {
	temp := s.volume.Path(volume.Temp)
	if err := errors.Join(s.volume.RemoveAll(temp), s.volume.MkdirAll(temp)); err != nil {
		return err
	}
	db, err := duck.Open(duck.Options{
		MemoryLimit: s.options.MemoryLimit, Threads: s.options.Threads, TempDir: temp, TempLimit: s.options.TempLimit,
	})
	s.db = db
	s.files = rewrite.New(db, s.volume, 2*s.options.BatchRows)
	return err
}

func (s *Store) dataPath(name string) string { return s.volume.Path(volume.Data, name) }
