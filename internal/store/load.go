// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrLoadGone means that there is no such load: it was never begun, has ended, or was lost with a restart of the store. Begin it again.
var ErrLoadGone = errors.New("load gone")

// ErrHeld means that some events are also in a load that is being committed, so it is not known yet whether they are new. It is an ErrUnavailable.
var ErrHeld = fmt.Errorf("%w: events are also in a load", ErrUnavailable)

// HeldError is the ErrHeld of a batch. Nothing of the batch was stored.
type HeldError struct {
	// Held lists the events, by their index in the batch, in order. The others can be sent again at once, these when the load has ended.
	Held []int32
	// Why is the reason in words.
	Why string
}

func (e *HeldError) Error() string { return ErrHeld.Error() + ": " + e.Why }

// Is reports that it is an ErrHeld.
func (e *HeldError) Is(target error) bool { return errors.Is(ErrHeld, target) }

const (
	// MaxLoads is the number of loads that a store receives at a time.
	MaxLoads = 2
	// MaxLoadEvents is the number of events of a load. Larger histories are split into several loads.
	MaxLoadEvents = 1 << 30
	// LoadIdle is how long a load waits for its next part. A load that waits longer is ended.
	LoadIdle = time.Hour
	// MinLoadSecret is the minimum number of bytes of LoadRequest.Secret.
	MinLoadSecret = 16
	// MaxLoadResults is the number of loads whose results the store remembers.
	MaxLoadResults = 64
)

// LoadRequest begins a load: many events of one source, such as its history, which become visible at once, as one commit.
type LoadRequest struct {
	// ID that the sender chooses. Calls with the same ID are about the same load.
	ID string `json:"id"`
	// Secret that the sender chooses. Only who has it, and administrators, can add to the load, commit or end it. To begin the load again, administrators
	// need it too. It is not in the JSON; see LoadRef.
	Secret string `json:"-"`
	// Source of the events.
	Source string `json:"source"`
	// Import that the events belong to; see Batch.Import.
	Import string `json:"import,omitempty"`
	// Trust in the source; see Batch.Trust.
	Trust *Trust `json:"trust,omitempty"`
	// Replaces selects events of the source that are removed in the same step, such as those that an earlier mapping made; nil for none. No scan finds
	// neither, or both.
	Replaces *RemoveRequest `json:"replaces,omitempty"`
}

// LoadRef names a load, and shows that the caller may change it.
type LoadRef struct {
	// ID of the load, and the secret that it was begun with.
	ID, Secret string
	// Admin is set for an administrator, who needs no secret.
	Admin bool
}

// LoadHolder recognises the secret of a load, without having it.
type LoadHolder [sha256.Size]byte

// LoadCommit ends a load.
type LoadCommit struct {
	// ID of the load.
	ID string `json:"id"`
	// Secret and Admin as in LoadRef.
	Secret string `json:"-"`
	Admin  bool   `json:"-"`
	// Parts that were sent. If the store has another number, nothing is stored.
	Parts int64 `json:"parts"`
	// Counters are added to those of the source.
	Counters Counters `json:"counters"`
}

// Steps of a load.
const (
	LoadReceiving  = "receiving"
	LoadCommitting = "committing"
	LoadCommitted  = "committed"
)

// LoadState is the progress of a load.
type LoadState struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Import string `json:"import,omitempty"`
	// Replaces selects the events that the load removes; nil for none.
	Replaces *RemoveRequest `json:"replaces,omitempty"`
	// Step is LoadReceiving, LoadCommitting or LoadCommitted.
	Step string `json:"step"`
	// Next is the number of the next part. Parts are numbered from 0.
	Next int64 `json:"next"`
	// Events that were received, and Bytes that they use on the volume before the commit.
	Events int64 `json:"events"`
	Bytes  int64 `json:"bytes,omitempty"`
	// Sorted is the number of events that the commit has written to their final files.
	Sorted int64 `json:"sorted,omitempty"`
	// Loaded is the result, once the load is committed.
	Loaded *Loaded `json:"loaded,omitempty"`
}

// Loaded is the result of a load.
type Loaded struct {
	// Seq of the commit. Scans of it and of later commits find all events of the load, and scans of earlier ones none.
	Seq int64 `json:"seq"`
	// Events that were stored.
	Events int64 `json:"events"`
	// Duplicates, Expired and Erased count events that were not stored; see Appended. Of several events with one key, the first of the load counts, and
	// an event that was stored before the load was committed counts before all of the load.
	Duplicates int64 `json:"duplicates"`
	Expired    int64 `json:"expired"`
	Erased     int64 `json:"erased"`
	// Removed is the number of events that LoadRequest.Replaces has removed.
	Removed int64 `json:"removed,omitempty"`
}

// Loader stores many events at once. All rules of Append apply, with these differences:
//
//   - Nothing is visible or durable before the commit, and everything is afterwards. A restart of the store before that ends the load.
//   - No event is late: the time of receipt of an event is not after its own time. The newest time of receipt of the source does not change, because a
//     load does not prove that the source's senders work.
//   - Events with identities for which there is no memory refuse the whole load, with ErrCrowded.
//   - An erasure of a person with events in the load ends it. The events that are sent again for them are dropped.
//
// Only who has the secret of a load can change it, in addition to administrators: everybody who sends events to the store could otherwise commit a part of
// a history, or end it. Calls without it get ErrUnauthorized. A load that is committed no longer changes, so its result is no secret.
//
// Appends continue in the meantime. One that repeats events of a load that is being committed gets a HeldError with these events until that ends.
type Loader interface {
	// BeginLoad begins a load. If there is a load with the ID, also a committed one, it returns its state. Errors: ErrInvalid, ErrUnavailable (also if
	// there are MaxLoads), ErrFull, ErrUnauthorized (the load with the ID has another secret).
	BeginLoad(ctx context.Context, r LoadRequest) (LoadState, error)
	// LoadPart adds the events of a part. Parts come in order. One that the store has already changes nothing. Errors: ErrLoadGone, ErrInvalid,
	// ErrUnavailable, ErrFull, ErrUnauthorized. After ErrFull, the part can be sent again.
	LoadPart(ctx context.Context, ref LoadRef, part int64, events []event.Event) (LoadState, error)
	// CommitLoad stores the events. It continues if the caller's context ends; a repeated call waits for it, or returns the result again. Errors:
	// ErrLoadGone, ErrInvalid, ErrUnavailable, ErrFull, ErrCrowded, ErrUnauthorized. If it fails, nothing is stored. Load returns ErrLoadGone if the load
	// has ended.
	CommitLoad(ctx context.Context, c LoadCommit) (Loaded, error)
	// Load returns the progress of a load. Errors: ErrLoadGone.
	Load(ctx context.Context, id string) (LoadState, error)
	// EndLoad drops a load that is not being committed. It is not an error if there is none. Errors: ErrUnauthorized.
	EndLoad(ctx context.Context, ref LoadRef) error
}

// Check returns an error that wraps ErrInvalid if the request is invalid.
func (r *LoadRequest) Check() error {
	switch {
	case r.ID == "" || len(r.ID) > event.MaxTextBytes:
		return fmt.Errorf("%w: the id of a load has %d bytes, not 1 to %d", ErrInvalid, len(r.ID), event.MaxTextBytes)
	case len(r.Secret) < MinLoadSecret || len(r.Secret) > event.MaxTextBytes:
		return fmt.Errorf("%w: load %q has a secret of %d bytes, not %d to %d. Choose a random one for each load", ErrInvalid, r.ID, len(r.Secret), MinLoadSecret,
			event.MaxTextBytes)
	case r.Source == "" || len(r.Source) > event.MaxTextBytes:
		return fmt.Errorf("%w: the load names no source, or one that is too long", ErrInvalid)
	case r.Replaces != nil && r.Replaces.Source != r.Source:
		return fmt.Errorf("%w: the load is of source %q and replaces events of %q", ErrInvalid, r.Source, r.Replaces.Source)
	}
	return checkImport(r.Import)
}

// Ref returns the reference of the sender who begins the load, which is never that of an administrator: a second load with the same id must not become
// the first one.
func (r *LoadRequest) Ref() LoadRef { return LoadRef{ID: r.ID, Secret: r.Secret} }

// Holder returns what recognises the secret.
func (r *LoadRequest) Holder() LoadHolder { return sha256.Sum256([]byte(r.Secret)) }

// Ref returns the reference of the caller.
func (c *LoadCommit) Ref() LoadRef { return LoadRef{ID: c.ID, Secret: c.Secret, Admin: c.Admin} }

// Permit returns an error that wraps ErrUnauthorized unless the caller may change the load. It takes the same time for each wrong secret.
func (h LoadHolder) Permit(ref LoadRef) error {
	given := sha256.Sum256([]byte(ref.Secret))
	if ref.Admin || subtle.ConstantTimeCompare(given[:], h[:]) == 1 {
		return nil
	}
	return fmt.Errorf("%w: load %q was begun with another secret. Use that, or begin a load with another id. The key of an administrator is enough to "+
		"add to it, to commit and to end it", ErrUnauthorized, ref.ID)
}

// State returns the state of a load that begins.
func (r *LoadRequest) State() LoadState {
	return LoadState{ID: r.ID, Source: r.Source, Import: r.Import, Replaces: r.Replaces, Step: LoadReceiving}
}

// Same returns an error that wraps ErrInvalid if a request with the same ID is about other events.
func (r *LoadRequest) Same(s *LoadState) error {
	if r.Source != s.Source || r.Import != s.Import {
		return fmt.Errorf("%w: load %q is of source %q and import %q. Use another id", ErrInvalid, r.ID, s.Source, s.Import)
	}
	if !reflect.DeepEqual(r.Replaces, s.Replaces) {
		return fmt.Errorf("%w: load %q replaces other events, or none. Use another id", ErrInvalid, r.ID)
	}
	return nil
}

// Check returns an error that wraps ErrInvalid if the request is invalid. parts is the number of parts of the load.
func (c *LoadCommit) Check(parts int64) error {
	if c.Parts != parts {
		return fmt.Errorf("%w: load %q: %d parts were sent, and %d have arrived", ErrInvalid, c.ID, c.Parts, parts)
	}
	return c.Counters.check()
}

// CheckPart returns an error that wraps ErrInvalid if a part cannot be added to a load. It reports whether the load has the part already.
func (s *LoadState) CheckPart(part int64, events []event.Event) (known bool, err error) {
	switch {
	case part < 0 || part > s.Next:
		return false, fmt.Errorf("%w: load %q: part %d came, and part %d is next", ErrInvalid, s.ID, part, s.Next)
	case part < s.Next:
		return true, nil
	case s.Step != LoadReceiving:
		return false, fmt.Errorf("%w: load %q is %s, so it takes no more parts", ErrInvalid, s.ID, s.Step)
	case s.Events+int64(len(events)) > MaxLoadEvents:
		return false, fmt.Errorf("%w: load %q has more than %d events. Split it into several loads", ErrInvalid, s.ID, MaxLoadEvents)
	}
	b := Batch{Source: s.Source, Events: events}
	return false, b.Check()
}

// LoadGone returns the error for a load that is not there.
func LoadGone(id string) error {
	return fmt.Errorf("%w: there is no load %q: it was never begun, has ended, had no part for %s, was lost with a restart of the store, or had events "+
		"of a person who was erased. Begin it again", ErrLoadGone, id, LoadIdle)
}

// TooManyLoads returns the error for a further load.
func TooManyLoads() error {
	return fmt.Errorf("%w: the store receives %d loads already, the maximum. Retry when one of them has ended", ErrUnavailable, MaxLoads)
}

// LoadReceipt limits the time of receipt of an event that was loaded, so that it is not late.
func LoadReceipt(e *event.Event) { e.ReceivedAt = min(e.ReceivedAt, e.Time) }

// CrowdedLoad returns the error of a load whose events have no room. err is that of Gate.Refuse.
func CrowdedLoad(id string, err error) error {
	var crowded *CrowdedError
	if !errors.As(err, &crowded) {
		return err
	}
	return &CrowdedError{Why: fmt.Sprintf("load %q was refused as a whole: %s", id, crowded.Why)}
}
