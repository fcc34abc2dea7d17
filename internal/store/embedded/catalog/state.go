// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// State returns the state of the events and their sources, with watermarks as of now. Its size on the volume is that of the files in the manifest and
// of the log.
func (c *Catalog) State(now time.Time) store.State {
	c.mu.RLock()
	defer c.mu.RUnlock()
	people, m := c.people.Stats(), c.manifest
	h := store.Health{
		Snapshot: store.Snapshot{Seq: c.seq, IdentityVersion: c.people.Version()},
		Persons:  people.Persons, Hubs: people.Hubs, RefusedMerges: people.RefusedMerges, RefusedPublic: people.RefusedPublic,
		Identities: people.Identifiers, IdentityLinks: people.Links, IdentityLimit: c.options.MaxIdentities,
		Events: c.memtable.Rows(), UnflushedBytes: c.memtable.Bytes(), Files: int64(len(m.Files)), FormatVersion: FormatVersion,
	}
	h.UsedBytes = h.UnflushedBytes
	for _, f := range m.Files {
		h.Events += f.Rows
		h.UsedBytes += f.Bytes
	}
	for _, k := range m.Keys {
		h.UsedBytes += k.Bytes()
	}
	state := store.State{Health: h}
	c.setPins(&state, now)
	shares := c.sources.shares(c.options.MaxIdentities)
	for _, s := range c.sources.list() {
		if s.State.Public {
			s.State.IdentityShare = shares.Share(s.State.Name)
		}
		s.State.Watermark, s.State.Imports = s.Cursors.Watermark(now), s.Origins.Shown()
		state.Sources = append(state.Sources, s.State)
	}
	return state
}

// Sources returns the current state of the sources, sorted by name.
func (c *Catalog) Sources() []Source {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.sources.list()
}

// Cursors returns the cursors of a pull source. The caller must not change them.
func (c *Catalog) Cursors(source string) store.Cursors {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s := c.sources[source]; s != nil {
		return s.Cursors
	}
	return nil
}

// Shares returns the shares of the sources in the identities.
func (c *Catalog) Shares() *store.Shares {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.sources.shares(c.options.MaxIdentities)
}

// Trust returns the trust in a source.
func (c *Catalog) Trust(source string) store.Trust {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s := c.sources[source]; s != nil {
		return s.Trust
	}
	return store.Trust{}
}

// CountRefused counts the events of a source that a gate refused.
func (c *Catalog) CountRefused(source string, refusal error) {
	var crowded *store.CrowdedError
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sources[source]; s != nil && errors.As(refusal, &crowded) {
		s.State.RefusedNewcomers += int64(len(crowded.Refused))
	}
}
