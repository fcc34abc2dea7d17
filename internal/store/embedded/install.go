// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// install makes a changed manifest the current one, with the keys of the cut and the identity table, and then removes what
// it does not need any more. Until the manifest is replaced nothing has changed; after it everything has.
func (s *Store) install(m *manifest, c cut) error {
	if err := s.volume.CheckEpoch(); err != nil {
		return err
	}
	keys, err := s.keys.Write(c.keys, s.options.Clock().UnixMicro(), s.options.Retention)
	if err != nil {
		return err
	}
	m.Keys = keys.Metas()
	if err := s.writeIdentity(m); err != nil {
		return errors.Join(err, keys.Abandon())
	}
	m.Next = s.volume.Names()
	old := s.manifest
	if err := writeManifest(s.volume, m); err != nil {
		// Which manifest is on the disk is not known. Both describe the same events, so nothing is removed now.
		return errors.Join(err, keys.Abandon())
	}
	s.adopt(m, c, keys)
	err = keys.RemoveUnused()
	if old.Identity != "" && old.Identity != m.Identity {
		err = errors.Join(err, s.volume.Remove(s.volume.Path(volume.Identity, old.Identity)))
	}
	return errors.Join(err, s.removeLog(), s.removeUnread())
}

// adopt switches what is in memory to the new manifest.
func (s *Store) adopt(m *manifest, c cut, keys *dedup.Change) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manifest = m
	for _, p := range s.setParts() {
		s.readers.retire(p.Name, m.Number)
	}
	s.keys.Use(c.seq, keys)
	s.memtable.Drop(c.seq, c.bytes)
}

// writeIdentity keeps the identity table, if it has changed since the last time.
func (s *Store) writeIdentity(m *manifest) error {
	var b bytes.Buffer
	if err := s.people.Snapshot(&b); err != nil {
		return err
	}
	name := s.volume.NewName("people")
	if err := s.volume.Write(s.volume.Path(volume.Identity, name), b.Bytes()); err != nil {
		return err
	}
	m.Identity, m.Splits = name, nil
	return nil
}

// removeLog removes the segments whose commits are all in sorted files.
func (s *Store) removeLog() error {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	return s.log.RemoveUpTo(s.manifest.Seq)
}

// removeUnread unlinks the sorted files that no manifest names and no scan reads.
func (s *Store) removeUnread() error {
	s.mu.Lock()
	names := s.readers.unread()
	s.mu.Unlock()
	var err error
	for _, name := range names {
		err = errors.Join(err, s.volume.RemoveIfThere(s.dataPath(name)))
	}
	return err
}
