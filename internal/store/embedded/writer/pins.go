// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Pin pins the latest snapshot, or extends a pin. It does not block appends. The caller prevents the removal of rows.
func (w *Writer) Pin(r store.PinRequest) (store.Pin, error) {
	known, err := w.settlePin(r, nil)
	if err != nil || known != nil {
		return pinOf(known), err
	}
	next, err := w.writePin(r)
	if err != nil {
		return store.Pin{}, err
	}
	settled, err := w.settlePin(r, next)
	if err != nil || settled.File != next.File {
		// Another call with the same id was faster, or there are too many pins. No manifest names the file.
		w.catalog.ForgetPin(next)
		err = errors.Join(err, w.volume.RemoveIfThere(w.volume.Path(volume.Pins, next.File)))
	}
	return pinOf(settled), err
}

func pinOf(p *catalog.Pin) store.Pin {
	if p == nil {
		return store.Pin{}
	}
	return p.Pin
}

// writePin writes the persons of the latest snapshot.
func (w *Writer) writePin(r store.PinRequest) (*catalog.Pin, error) {
	seq, view, err := w.catalog.Pinnable()
	if err != nil {
		return nil, unavailable(err.Error())
	}
	now := w.options.Clock()
	p := &catalog.Pin{Pin: store.Pin{
		ID: r.ID, Snapshot: store.Snapshot{Seq: seq, IdentityVersion: view.Version()}, CreatedAt: now.UnixMicro(), Until: now.Add(r.TTL).UnixMicro(),
	}}
	return p, w.catalog.WriteView(p, view)
}

// settlePin extends the pin with the id, or adds a new one if that is not nil. It returns the pin, or nil if there is none.
func (w *Writer) settlePin(r store.PinRequest, next *catalog.Pin) (*catalog.Pin, error) {
	w.installing.Lock()
	defer w.installing.Unlock()
	now, m := w.options.Clock(), w.catalog.Manifest()
	until := now.Add(r.TTL).UnixMicro()
	known := m.Pin(r.ID, now)
	switch active := m.Active(now); {
	case known != nil && known.Until >= until || known == nil && next == nil:
		return known, nil
	case known == nil && len(active) >= store.MaxPins:
		return nil, store.TooManyPins(active)
	}
	var settled *catalog.Pin
	err := w.change(func(m *catalog.Manifest) {
		if known == nil {
			added := *next
			added.Manifest = m.Number
			m.Pins = append(slices.Clip(m.Pins), added)
			settled = &m.Pins[len(m.Pins)-1]
			return
		}
		m.Pins = slices.Clone(m.Pins)
		settled = m.Pin(r.ID, now)
		settled.Until = until
	})
	if err != nil {
		return nil, volume.WriteError(err)
	}
	return settled, nil
}

// EndPins ends the pins that which selects, and removes from the volume what only they needed. It returns these pins.
func (w *Writer) EndPins(which func(p *catalog.Pin) bool) ([]catalog.Pin, error) {
	ended, err := w.endPins(which)
	if err != nil || len(ended) == 0 {
		return nil, err
	}
	for i := range ended {
		w.catalog.ForgetPin(&ended[i])
		err = errors.Join(err, w.volume.RemoveIfThere(w.volume.Path(volume.Pins, ended[i].File)))
	}
	return ended, errors.Join(err, w.catalog.RemoveUnread())
}

func (w *Writer) endPins(which func(p *catalog.Pin) bool) (ended []catalog.Pin, err error) {
	w.installing.Lock()
	defer w.installing.Unlock()
	var kept []catalog.Pin
	for _, p := range w.catalog.Manifest().Pins {
		if which(&p) {
			ended = append(ended, p)
		} else {
			kept = append(kept, p)
		}
	}
	if len(ended) == 0 {
		return nil, nil
	}
	err = w.change(func(m *catalog.Manifest) {
		m.Pins = kept
		m.DropUnneeded()
	})
	if err != nil {
		return nil, volume.WriteError(err)
	}
	return ended, nil
}
