// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Pin is a snapshot that stays readable.
type Pin struct {
	store.Pin
	// Manifest is the number of the first one that has the pin. The pin reads rows that later ones have removed.
	Manifest int64 `json:"manifest"`
	// File contains the persons, Bytes is its size.
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// Held is a sorted file of removed rows that pins still read.
type Held struct {
	part.Meta
	// Removed is the number of the first manifest without the rows. It is 0 until that is written.
	Removed int64 `json:"removed"`
}

// Need reports whether a pin reads the rows.
func (h *Held) Need(p *Pin) bool { return p.Manifest < h.Removed }

// Rebase makes the manifest the successor of the current one, which may have got or lost pins since it was copied: it takes over the pins, and the
// files that they need. The caller prevents that the current one changes.
func (c *Catalog) Rebase(m *Manifest) {
	now := c.Manifest()
	m.Number, m.Pins = now.Number+1, now.Pins
	held := slices.Clone(now.Held)
	for _, h := range m.Held {
		if h.Removed == 0 {
			h.Removed = m.Number
			held = append(held, h)
		}
	}
	m.Held = held
	m.DropUnneeded()
}

// DropUnneeded drops the held files that no pin reads.
func (m *Manifest) DropUnneeded() {
	m.Held = slices.DeleteFunc(slices.Clone(m.Held), func(h Held) bool {
		return !slices.ContainsFunc(m.Pins, func(p Pin) bool { return h.Need(&p) })
	})
}

// pinned caches the persons of pins, as long as scans use them.
type pinned struct {
	mu    sync.Mutex
	views map[string]weak.Pointer[identity.View]
	// fresh are the files of pins that were created since the store was opened. The identity table may still have their version.
	fresh map[string]bool
	// endedEarly counts the pins that ended before their TTL.
	endedEarly atomic.Int64
}

// Pinnable returns the latest seq and the persons as of it.
func (c *Catalog) Pinnable() (seq int64, view *identity.View, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	view, err = c.people.View(0)
	return c.seq, view, err
}

// WriteView writes the persons of a new pin, if there is room for them, and sets the file in the pin.
func (c *Catalog) WriteView(p *Pin, view *identity.View) error {
	p.Bytes = snapshot.ViewBytes(view)
	if err := c.volume.RoomFor(p.Bytes); err != nil {
		return err
	}
	p.File = c.volume.NewName("view")
	if err := c.volume.Write(c.volume.Path(volume.Pins, p.File), snapshot.EncodeView(view)); err != nil {
		return volume.WriteError(err)
	}
	c.pinned.mu.Lock()
	defer c.pinned.mu.Unlock()
	c.pinned.fresh[p.File] = true
	return nil
}

// EndedEarly records pins that end before their TTL.
func (c *Catalog) EndedEarly(n int) { c.pinned.endedEarly.Add(int64(n)) }

// ForgetPin drops the cached persons of a pin that has ended.
func (c *Catalog) ForgetPin(p *Pin) {
	c.pinned.mu.Lock()
	defer c.pinned.mu.Unlock()
	delete(c.pinned.views, p.File)
	delete(c.pinned.fresh, p.File)
}

// Pin returns a pin that has not ended, or nil.
func (m *Manifest) Pin(id string, now time.Time) *Pin {
	for i := range m.Pins {
		if p := &m.Pins[i]; p.ID == id && !p.Ended(now) {
			return p
		}
	}
	return nil
}

// Active returns the pins that have not ended.
func (m *Manifest) Active(now time.Time) (pins []store.Pin) {
	for i := range m.Pins {
		if p := &m.Pins[i]; !p.Ended(now) {
			pins = append(pins, p.Pin)
		}
	}
	return pins
}

// viewOf returns the persons of a pin. If the identity table does not have their version, they get a version below those of the table: after a
// restart, the same number can be another version.
func (c *Catalog) viewOf(p *Pin) (*identity.View, error) {
	c.pinned.mu.Lock()
	defer c.pinned.mu.Unlock()
	if c.pinned.fresh[p.File] {
		if view, err := c.people.View(p.IdentityVersion); err == nil {
			return view, nil
		}
	}
	if view := c.pinned.views[p.File].Value(); view != nil {
		return view, nil
	}
	b, err := c.volume.ReadFile(c.volume.Path(volume.Pins, p.File))
	if err != nil {
		return nil, fmt.Errorf("%w: the persons of pin %q: %w", store.ErrSnapshotGone, p.ID, err)
	}
	view, err := snapshot.DecodeView(b, -p.Manifest)
	if err != nil {
		return nil, fmt.Errorf("%w: the persons of pin %q, %s: %w", store.ErrSnapshotGone, p.ID, p.File, err)
	}
	c.pinned.views[p.File] = weak.Make(view)
	return view, nil
}

// acquirePinned is Acquire for a request that names a pin. The persons are read without the lock of the catalog.
func (c *Catalog) acquirePinned(r Reader, q store.ScanRequest) (Snapshot, error) {
	p := c.Manifest().Pin(q.Pin, c.options.Clock())
	if p == nil {
		return Snapshot{}, store.PinGone(q.Pin)
	}
	q, err := q.Pinned(&p.Pin)
	if err == nil {
		err = q.Check(p.Seq)
	}
	if err != nil {
		return Snapshot{}, err
	}
	view, err := c.viewOf(p)
	if err != nil {
		return Snapshot{}, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !slices.ContainsFunc(c.manifest.Pins, func(now Pin) bool { return now.File == p.File }) {
		return Snapshot{}, store.PinGone(q.Pin)
	}
	c.readers.begin(r, c.manifest.Number)
	return Snapshot{Snapshot: p.Snapshot, Parts: append(c.heldFor(p), c.parts...), Runs: c.memtable.Runs(p.Seq), View: view}, nil
}

// heldFor returns the held parts that a pin reads. The caller holds the lock.
func (c *Catalog) heldFor(p *Pin) []*part.Part {
	var parts []*part.Part
	for i := range c.manifest.Held {
		if c.manifest.Held[i].Need(p) {
			parts = append(parts, c.held[i])
		}
	}
	return parts
}

// setPins adds the pins to a state. The caller holds the lock.
func (c *Catalog) setPins(s *store.State, now time.Time) {
	bytes := int64(0)
	for i := range c.manifest.Pins {
		bytes += c.manifest.Pins[i].Bytes
	}
	for i := range c.manifest.Held {
		bytes += c.manifest.Held[i].Bytes
	}
	s.SetPins(c.manifest.Active(now), bytes)
	s.Health.UsedBytes += bytes
	s.Health.PinsEndedEarly = c.pinned.endedEarly.Load()
}

// checkPins drops pins with a missing or truncated file. Nothing else needs these files. It returns a volume.FormatError for a file of another
// format.
func (c *Catalog) checkPins() error {
	m := *c.manifest
	for i := range m.Pins {
		if err := c.checkViewFormat(m.Pins[i].File); err != nil {
			return err
		}
	}
	gone := func(folder volume.Folder, file string, bytes int64) bool {
		size, err := c.volume.Size(c.volume.Path(folder, file))
		return err != nil || size != bytes
	}
	m.Pins = slices.DeleteFunc(slices.Clone(m.Pins), func(p Pin) bool {
		lost := gone(volume.Pins, p.File, p.Bytes)
		for i := range m.Held {
			h := &m.Held[i]
			lost = lost || h.Need(&p) && gone(volume.Data, h.Name, h.Bytes)
		}
		if lost {
			c.options.Logger.Error("a pin has ended: a file of it is missing or truncated", "pin", p.ID, "seq", p.Seq)
			c.EndedEarly(1)
		}
		return lost
	})
	m.DropUnneeded()
	c.manifest = &m
	c.setParts()
	return nil
}

// checkViewFormat reads the beginning of a file.
func (c *Catalog) checkViewFormat(name string) error {
	f, err := c.volume.Open(c.volume.Path(volume.Pins, name))
	if err != nil {
		return nil //nolint:nilerr // the pin of a file that cannot be read is dropped
	}
	head := make([]byte, 16)
	n, _ := f.ReadAt(head, 0) // a short file is another problem
	_ = f.Close()             // it was only read
	var format *snapshot.FormatError
	if errors.As(snapshot.CheckViewFormat(head[:n]), &format) {
		return &volume.FormatError{File: filepath.Join(string(volume.Pins), name), Found: format.Found, Supported: format.Supported}
	}
	return nil
}
