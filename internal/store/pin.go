// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

const (
	// MaxPins is the maximum number of pins of a store.
	MaxPins = 64
	// MaxPinTTL is the maximum TTL of a request. A pin can be renewed beyond it.
	MaxPinTTL = 24 * time.Hour
)

// PinRequest is a request to keep the latest snapshot readable, or to extend a pin.
type PinRequest struct {
	// ID of the pin, which its owner chooses. All pods of a run use the same one, and read the same snapshot.
	ID string
	// TTL is how long the pin lasts from now on. A pin that lasts longer already is not shortened.
	TTL time.Duration
}

// Check returns an error that wraps ErrInvalid if the request is invalid.
func (r *PinRequest) Check() error {
	switch {
	case r.ID == "" || len(r.ID) > event.MaxTextBytes:
		return fmt.Errorf("%w: the id of a pin has %d bytes, not 1 to %d", ErrInvalid, len(r.ID), event.MaxTextBytes)
	case r.TTL <= 0 || r.TTL > MaxPinTTL:
		return fmt.Errorf("%w: the ttl of a pin is %s, not more than 0 and at most %s. Renew the pin to keep it longer", ErrInvalid, r.TTL, MaxPinTTL)
	}
	return nil
}

// Pin is a snapshot that stays readable: scans that name the pin return the same rows and persons each time, through restarts of the store, flushes,
// merges, retention, removals and changes of the persons.
type Pin struct {
	ID string `json:"id"`
	Snapshot
	// CreatedAt and Until are the times at which it was created and ends, in microseconds.
	CreatedAt int64 `json:"createdAt"`
	Until     int64 `json:"until"`
}

// Ended reports whether a pin has ended by its TTL.
func (p *Pin) Ended(now time.Time) bool { return p.Until <= now.UnixMicro() }

// Pinner keeps snapshots readable.
type Pinner interface {
	// Pin durably pins the latest snapshot. If a pin with the ID exists, Pin extends it and returns it with its own snapshot. Rows that Retain and
	// Remove remove stay on the volume while a pin reads them. An erasure ends all pins, and a full volume ends the oldest ones: their scans then return
	// ErrSnapshotGone. Errors: ErrInvalid, ErrUnavailable (also if there are MaxPins), ErrFull.
	Pin(ctx context.Context, r PinRequest) (Pin, error)
	// Unpin ends a pin. It is not an error if there is none.
	Unpin(ctx context.Context, id string) error
}

// TooManyPins returns the error for a further pin. pins is not empty.
func TooManyPins(pins []Pin) error {
	next := slices.MinFunc(pins, func(a, b Pin) int { return cmp.Compare(a.Until, b.Until) })
	return fmt.Errorf("%w: the store keeps %d pins already, the maximum. The next one ends at %s", ErrUnavailable, MaxPins,
		time.UnixMicro(next.Until).UTC().Format(time.RFC3339))
}

// PinGone returns the error for a scan of a pin that does not exist.
func PinGone(id string) error {
	return fmt.Errorf("%w: there is no pin %q: it was never created, its time has passed, an erasure has ended it, or the volume was full. Create another one",
		ErrSnapshotGone, id)
}

// Pinned completes a request for a pin with the pin's snapshot. It returns ErrInvalid if the request names another snapshot.
func (r ScanRequest) Pinned(p *Pin) (ScanRequest, error) {
	if r.AsOfSeq != 0 && r.AsOfSeq != p.Seq || r.IdentityVersion != 0 && r.IdentityVersion != p.IdentityVersion {
		return r, fmt.Errorf("%w: pin %q has seq %d and identity version %d, the request has %d and %d: leave them out", ErrInvalid, p.ID, p.Seq,
			p.IdentityVersion, r.AsOfSeq, r.IdentityVersion)
	}
	r.AsOfSeq, r.IdentityVersion = p.Seq, p.IdentityVersion
	return r, nil
}

// SetPins sets the pins of a state and their condition in its health. heldBytes are the bytes on the volume that only pins need.
func (s *State) SetPins(pins []Pin, heldBytes int64) {
	s.Pins = pins
	s.Health.Pins, s.Health.PinnedBytes = int64(len(pins)), heldBytes
	for i := range pins {
		if at := pins[i].CreatedAt; s.Health.OldestPin == 0 || at < s.Health.OldestPin {
			s.Health.OldestPin = at
		}
	}
}
