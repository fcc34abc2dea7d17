// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"weak"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Open reads the manifest and the identity table. The commits of the log follow by Replay, then Replayed is called.
func Open(v *volume.Volume, o Options) (*Catalog, error) {
	m, err := readManifest(v)
	if err != nil {
		return nil, err
	}
	v.NamesFrom(m.Next)
	people, err := readPeople(v, m, o.Identity)
	if err != nil {
		return nil, err
	}
	c := &Catalog{
		options: o, volume: v, people: people, memtable: memtable.New(people), overlays: part.NewOverlays(o.OverlayBytes), readers: newReaders(),
		splits: m.Splits, seq: m.Seq, manifest: m, sources: newSources(m.Sources),
		pinned: pinned{views: map[string]weak.Pointer[identity.View]{}, fresh: map[string]bool{}},
	}
	c.setParts()
	if err := c.checkPins(); err != nil {
		return nil, err
	}
	if o.AcceptDamage {
		if err := c.quarantine(); err != nil {
			return nil, err
		}
	}
	return c, c.checkFiles()
}

func readPeople(v *volume.Volume, m *Manifest, p identity.Policy) (*persons.Table, error) {
	if m.Identity == "" {
		return persons.New(p), nil
	}
	b, err := v.ReadFile(v.Path(volume.Identity, m.Identity))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(string(volume.Identity), m.Identity)
	people, err := persons.Restore(bytes.NewReader(b))
	var format *snapshot.FormatError
	switch {
	case errors.As(err, &format):
		return nil, &volume.FormatError{File: file, Found: format.Found, Supported: format.Supported}
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return people, nil
}

// WritePeople writes the identity table, and sets the file in the manifest. The file contains the splits so far.
func (c *Catalog) WritePeople(m *Manifest) error {
	var b bytes.Buffer
	if err := c.people.Snapshot(&b); err != nil {
		return err
	}
	name := c.volume.NewName("people")
	if err := c.volume.Write(c.volume.Path(volume.Identity, name), b.Bytes()); err != nil {
		return err
	}
	m.Identity, m.Splits = name, nil
	return nil
}

// checkFiles returns an error if a part is missing or truncated.
func (c *Catalog) checkFiles() error {
	for _, f := range c.manifest.Files {
		size, err := c.volume.Size(c.volume.Path(volume.Data, f.Name))
		if err != nil {
			return fmt.Errorf("a sorted file is missing: %w", err)
		}
		if size != f.Bytes {
			return fmt.Errorf("sorted file %s has %d bytes instead of %d", f.Name, size, f.Bytes)
		}
	}
	return nil
}

// quarantine moves damaged parts to the quarantine.
func (c *Catalog) quarantine() error {
	var damaged []*part.Part
	for _, p := range c.parts {
		if !p.Intact() {
			c.options.Logger.Error("setting a corrupt sorted file aside; its events are lost", "file", p.Name, "events", p.Rows)
			damaged = append(damaged, p)
		}
	}
	if len(damaged) == 0 {
		return nil
	}
	change := c.Change()
	change.Files = part.Without(change.Files, damaged)
	c.EndedEarly(len(change.Pins))
	change.Pins, change.Held = nil, nil
	for _, p := range damaged {
		if err := c.volume.Quarantine(p.Path()); err != nil {
			return err
		}
	}
	c.manifest = change
	c.setParts()
	return c.Write(change)
}

// Replay applies a commit of the log when the store is opened, after the splits before it.
func (c *Catalog) Replay(commit *wal.Commit, bytes int64) error {
	for len(c.splits) > 0 && c.splits[0].Seq < commit.Seq {
		c.people.Rebind(c.splits[0].Bonds)
		c.splits = c.splits[1:]
	}
	if err := c.replayLoads(commit.Seq - 1); err != nil {
		return err
	}
	if l := c.manifest.loadAt(commit.Seq); l != nil {
		return c.replayLoad(l, bytes)
	}
	c.Apply([]*wal.Commit{commit}, bytes)
	return nil
}

// replayLoads applies the loads up to a commit whose own commits cannot be read in a damaged log.
func (c *Catalog) replayLoads(upTo int64) error {
	for i := range c.manifest.Loads {
		if l := &c.manifest.Loads[i]; l.Change != nil && l.Loaded.Seq > c.Seq() && l.Loaded.Seq <= upTo {
			if err := c.replayLoad(l, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// Replayed ends the replay. Commits up to seq exist, readable or not.
func (c *Catalog) Replayed(seq int64) error {
	for _, split := range c.splits {
		c.people.Rebind(split.Bonds)
	}
	c.splits = nil
	if err := c.replayLoads(math.MaxInt64); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq = max(seq, c.seq)
	if c.people.SetPolicy(c.options.Identity) {
		c.options.Logger.Info("the identity policy has changed; persons were computed again", "version", c.people.Version())
	}
	return nil
}

// RemoveStrangers removes files that the manifest does not name: left by a crash, or not unlinked in time.
func (c *Catalog) RemoveStrangers() error {
	named := map[string]bool{c.volume.Path(volume.Identity, c.manifest.Identity): true}
	for _, f := range c.manifest.Files {
		named[c.volume.Path(volume.Data, f.Name)] = true
	}
	for i := range c.manifest.Held {
		named[c.volume.Path(volume.Data, c.manifest.Held[i].Name)] = true
	}
	for i := range c.manifest.Pins {
		named[c.volume.Path(volume.Pins, c.manifest.Pins[i].File)] = true
	}
	for _, k := range c.manifest.Keys {
		named[c.volume.Path(volume.Keys, k.Name)] = true
	}
	folders := []string{c.volume.Path(volume.Keys), c.volume.Path(volume.Identity), c.volume.Path(volume.Pins)}
	months, err := c.volume.List(c.volume.Path(volume.Data))
	if err != nil {
		return err
	}
	for _, month := range months {
		folders = append(folders, c.volume.Path(volume.Data, month))
	}
	for _, folder := range folders {
		names, err := c.volume.List(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			if path := filepath.Join(folder, name); !named[path] {
				if err := c.volume.Remove(path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
