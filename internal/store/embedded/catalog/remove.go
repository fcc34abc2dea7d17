// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Removal is a prepared removal: everything except its manifest.
type Removal struct {
	// Manifest without the events: it has other files and keys.
	Manifest *Manifest
	// People takes back what the events state.
	People *persons.Subtraction
	// Source of the events, Import if that was removed, and the number of events.
	Source, Import string
	Events         int64
	// Gone and Stay are the times of the source's events, without future ones.
	Gone, Stay store.Times
	// Identities is the number of identities and links that the removal removes.
	Identities int64
}

// Source returns the state of a source, or false if the store has received nothing from it.
func (c *Catalog) Source(name string) (Source, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s := c.sources[name]; s != nil {
		return *s, true
	}
	return Source{}, false
}

// PartOf opens a part that no manifest names yet.
func (c *Catalog) PartOf(m part.Meta) *part.Part { return part.New(c.volume, m, c.people, c.overlays) }

// OnVolume reports whether a manifest is the current one on the volume, if it can be read.
func (c *Catalog) OnVolume(m *Manifest) bool {
	on, err := readManifest(c.volume)
	return err != nil || on.Floor == m.Floor && on.Number == m.Number
}

// WriteRemoval completes the manifest of a removal, as the commit seq, and makes it the current one on the volume. Commits before floor can no longer be
// read.
func (c *Catalog) WriteRemoval(r *Removal, seq, floor int64) error {
	var b bytes.Buffer
	if err := r.People.Snapshot(&b, seq); err != nil {
		return err
	}
	m := r.Manifest
	name := c.volume.NewName("people")
	if err := c.volume.Write(c.volume.Path(volume.Identity, name), b.Bytes()); err != nil {
		return err
	}
	m.Identity, m.Splits, m.Floor = name, nil, floor
	m.Sources = slices.Clone(m.Sources)
	for i := range m.Sources {
		if s := &m.Sources[i]; s.State.Name == r.Source {
			r.change(s)
		}
	}
	return c.Write(m)
}

// change changes the state of the source.
func (r *Removal) change(s *Source) {
	s.State.Removed += r.Events
	s.State.TimesAfter(r.Gone, r.Stay)
	s.Origins = s.Origins.Removed(r.Import, r.Events)
}

// AdoptRemoval makes a written removal visible to readers atomically, as a commit without events.
func (c *Catalog) AdoptRemoval(r *Removal, commit *wal.Commit, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Identities = r.People.Apply(commit.Seq)
	c.manifest = r.Manifest
	for _, p := range c.setParts() {
		c.readers.retire(p.Name, r.Manifest.Number)
	}
	c.apply(commit, bytes)
	c.removed(r)
}

// removed changes the source after the commit of a removal. The caller holds the lock.
func (c *Catalog) removed(r *Removal) {
	s := c.sources[r.Source]
	r.change(s)
	s.State.NewIdentities = max(0, s.State.NewIdentities-r.Identities)
}
