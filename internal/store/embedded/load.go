// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// load reads everything that is on the volume.
func (s *Store) load() error {
	var err error
	if s.epoch, err = nextEpoch(s.fs, s.options.Dir); err != nil {
		return err
	}
	if s.id, err = storeID(s.fs, s.options.Dir); err != nil {
		return err
	}
	if s.manifest, err = readManifest(s.fs, s.options.Dir); err != nil {
		return err
	}
	m := s.manifest
	s.names.Store(m.Next)
	s.seq, s.sources = m.Seq, newSources(m.Sources)
	steps := []func() error{
		s.loadTombstones, s.loadIdentity, s.loadKeys, s.quarantineFiles, s.checkFiles, s.loadResults, s.loadLog,
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
	s.tombstones, err = loadTombstones(s.fs, s.options.Dir, s.manifest.Tombstones)
	return err
}

func (s *Store) loadIdentity() error {
	if s.manifest.Identity == "" {
		s.people = identity.New(s.options.Identity)
		return nil
	}
	b, err := s.fs.ReadFile(filepath.Join(s.identityDir(), s.manifest.Identity))
	if err != nil {
		return err
	}
	s.people, err = identity.Restore(bytes.NewReader(b))
	return err
}

func (s *Store) loadKeys() error {
	for _, m := range s.manifest.Keys {
		f, err := openKeyFile(s.fs, s.options.Dir, m)
		if err != nil {
			return err
		}
		s.keys.files = append(s.keys.files, f)
	}
	return nil
}

// checkFiles makes sure that no sorted file is missing or cut.
func (s *Store) checkFiles() error {
	for _, f := range s.manifest.Files {
		info, err := os.Stat(s.dataPath(f.Name))
		if err != nil {
			return fmt.Errorf("a sorted file is missing: %w", err)
		}
		if info.Size() != f.Bytes {
			return fmt.Errorf("sorted file %s has %d bytes instead of %d", f.Name, info.Size(), f.Bytes)
		}
	}
	return nil
}

func (s *Store) loadLog() error {
	splits := s.manifest.Splits
	log, err := readLog(s.fs, s.logDir(), s.manifest.Seq, func(c *commit, bytes int64) error {
		for len(splits) > 0 && splits[0].Seq < c.seq {
			s.people.Rebind(splits[0].Bonds)
			splits = splits[1:]
		}
		s.applyCommit(c, bytes)
		for i := range c.events {
			s.keys.put(c.events[i].Key(), c.seq)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, where := range log.cut {
		s.options.Logger.Info("a write that was never acknowledged is left out", "where", where)
	}
	if len(log.damage) > 0 {
		what := "the log is damaged: " + strings.Join(log.damage, "; ")
		if s.options.AcceptDamage {
			s.options.Logger.Error("damage accepted", "what", what)
			s.accepted = true
		} else {
			s.fault = what
			s.options.Logger.Error("the store is read-only", "why", what)
		}
	}
	s.segments, s.segmentNumber = log.segments, log.number
	for _, split := range splits {
		s.people.Rebind(split.Bonds)
	}
	s.seq = log.lastSeq
	return nil
}

// removeOldSegments removes what a crash left of segments that are in sorted files.
func (s *Store) removeOldSegments() error {
	if s.fault != "" {
		return nil
	}
	return s.removeSegments()
}

// removeStrangers removes files that the manifest does not name: left by a crash, or not unlinked in time.
func (s *Store) removeStrangers() error {
	named := map[string]bool{filepath.Join(s.identityDir(), s.manifest.Identity): true}
	for _, f := range s.manifest.Files {
		named[s.dataPath(f.Name)] = true
	}
	for _, k := range s.manifest.Keys {
		named[filepath.Join(s.keysDir(), k.Name)] = true
	}
	folders := []string{s.keysDir(), s.identityDir()}
	months, err := s.fs.List(s.dataDir())
	if err != nil {
		return err
	}
	for _, month := range months {
		folders = append(folders, filepath.Join(s.dataDir(), month))
	}
	for _, folder := range folders {
		names, err := s.fs.List(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			if path := filepath.Join(folder, name); !named[path] {
				if err := s.fs.Remove(path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Store) openEngine() error {
	if err := errors.Join(os.RemoveAll(s.tempDir()), s.fs.MkdirAll(s.tempDir())); err != nil {
		return err
	}
	db, err := duck.Open(duck.Options{
		MemoryLimit: s.options.MemoryLimit, Threads: s.options.Threads, TempDir: s.tempDir(), TempLimit: s.options.TempLimit,
	})
	s.db = db
	return err
}

func (s *Store) dataPath(name string) string { return filepath.Join(s.dataDir(), name) }
