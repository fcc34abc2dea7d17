// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// everyPin is the weight of an operation that removes rows: it excludes all calls of Pin.
const everyPin = 1 << 30

// Pin pins the latest snapshot, or extends a pin. It does not wait for flushes and merges, which remove no rows.
func (c *Compactor) Pin(ctx context.Context, r store.PinRequest) (store.Pin, error) {
	if err := r.Check(); err != nil {
		return store.Pin{}, err
	}
	if err := c.volume.Healthy(); err != nil {
		return store.Pin{}, err
	}
	if err := c.removing.Acquire(ctx, 1); err != nil {
		return store.Pin{}, fmt.Errorf("%w: events are being removed: %w", store.ErrUnavailable, err)
	}
	defer c.removing.Release(1)
	return c.writer.Pin(r)
}

// Unpin ends a pin.
func (c *Compactor) Unpin(id string) error {
	if err := c.volume.Healthy(); err != nil {
		return err
	}
	_, err := c.writer.EndPins(func(p *catalog.Pin) bool { return p.ID == id })
	return err
}

// beginRemoving blocks Pin until the returned function is called.
func (c *Compactor) beginRemoving(ctx context.Context) (end func(), err error) {
	if err := c.removing.Acquire(ctx, everyPin); err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return func() { c.removing.Release(everyPin) }, nil
}

// tendPins ends expired pins and, while the volume is full, the oldest ones.
func (c *Compactor) tendPins() error {
	now := c.options.Clock()
	if _, err := c.writer.EndPins(func(p *catalog.Pin) bool { return p.Ended(now) }); err != nil {
		return err
	}
	for {
		pins := c.catalog.Manifest().Pins
		if len(pins) == 0 || !errors.Is(c.volume.Room(), store.ErrFull) {
			return nil
		}
		oldest := pins[0]
		if _, err := c.writer.EndPins(func(p *catalog.Pin) bool { return p.File == oldest.File }); err != nil {
			return err
		}
		c.catalog.EndedEarly(1)
		c.options.Logger.Warn("a pin has ended before its time: the volume is full", "pin", oldest.ID, "seq", oldest.Seq)
	}
}

// hold adds rows that a manifest no longer has to it, as files for pins: whole files, and selected rows of others. Without pins it does nothing.
func (c *Compactor) hold(ctx context.Context, m *catalog.Manifest, whole, some []*part.Part, choice rewrite.Choice) error {
	if len(c.catalog.Manifest().Active(c.options.Clock())) == 0 {
		return nil
	}
	m.Held = slices.Clip(m.Held)
	for _, p := range whole {
		m.Held = append(m.Held, catalog.Held{Meta: p.Meta})
	}
	if len(some) == 0 {
		return nil
	}
	session, err := c.session()
	if err != nil {
		return err
	}
	written, err := session.RewriteAll(ctx, eachAlone(some, choice), nil)
	if err != nil {
		return errors.Join(err, c.removeWritten(written))
	}
	for _, meta := range written {
		m.Held = append(m.Held, catalog.Held{Meta: meta})
	}
	return nil
}

// endPinsForErasure ends all pins, because their files contain the person. Scans that read held files end.
func (c *Compactor) endPinsForErasure() error {
	m := c.catalog.Manifest()
	active := m.Active(c.options.Clock())
	if _, err := c.writer.EndPins(func(*catalog.Pin) bool { return true }); err != nil {
		return err
	}
	if len(active) > 0 {
		c.catalog.EndedEarly(len(active))
		c.options.Logger.Warn("pins have ended before their time: a person is erased", "pins", len(active))
	}
	var held []*part.Part
	for i := range m.Held {
		held = append(held, part.New(c.volume, m.Held[i].Meta, nil, nil))
	}
	files, err := c.volume.List(c.volume.Path(volume.Pins))
	if err != nil || len(m.Pins)+len(held)+len(files) == 0 {
		return err
	}
	err = c.removeNow(held)
	for _, name := range files {
		err = errors.Join(err, c.volume.RemoveIfThere(c.volume.Path(volume.Pins, name)))
	}
	return errors.Join(err, c.volume.SyncDir(c.volume.Path(volume.Pins)))
}

// provePinless returns an error if a file of a pin is left.
func (c *Compactor) provePinless() error {
	m := c.catalog.Manifest()
	files, err := c.volume.List(c.volume.Path(volume.Pins))
	if n := len(m.Pins) + len(m.Held) + len(files); n > 0 {
		return fmt.Errorf("pins are left after an erasure, with %d files", n)
	}
	return err
}
