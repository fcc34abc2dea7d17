// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Check returns an error that wraps ErrInvalid if the batch is invalid. Every store uses it.
func (b *Batch) Check() error {
	if b.Source == "" || len(b.Source) > event.MaxTextBytes {
		return fmt.Errorf("%w: the batch names no source, or one that is too long", ErrInvalid)
	}
	for i := range b.Events {
		e := &b.Events[i]
		if err := e.Validate(); err != nil {
			return fmt.Errorf("%w: event %d: %w", ErrInvalid, i, err)
		}
		if e.Source != b.Source {
			return fmt.Errorf("%w: event %d is of source %q, the batch of %q", ErrInvalid, i, e.Source, b.Source)
		}
	}
	if err := errors.Join(checkMoves(b.Moves), checkImport(b.Import)); err != nil {
		return err
	}
	return b.Counters.check()
}

// Empty reports whether there is nothing to commit.
func (b *Batch) Empty() bool {
	return len(b.Events) == 0 && len(b.Moves) == 0 && b.Trust == nil && b.Counters.Empty()
}

// Check returns an error that wraps ErrInvalid if the request is invalid, given the latest seq.
func (r *ScanRequest) Check(newest int64) error {
	shards := max(r.Shards, 1)
	switch {
	case r.Shards < 0 || r.Shard < 0 || r.Shard >= shards:
		return fmt.Errorf("%w: shard %d of %d", ErrInvalid, r.Shard, shards)
	case r.AsOfSeq < 0 || r.AsOfSeq > newest:
		return fmt.Errorf("%w: seq %d does not exist, the newest is %d", ErrInvalid, r.AsOfSeq, newest)
	case r.IdentityVersion < 0:
		return fmt.Errorf("%w: identity version %d", ErrInvalid, r.IdentityVersion)
	}
	_, err := r.Schema()
	return err
}

// Check returns an error that wraps ErrInvalid if the result is invalid.
func (r *Result) Check() error {
	switch {
	case r.Owner == "" || r.Run == "" || len(r.Owner) > event.MaxTextBytes || len(r.Run) > event.MaxTextBytes:
		return fmt.Errorf("%w: a result needs an owner and a run, of at most %d bytes", ErrInvalid, event.MaxTextBytes)
	case len(r.Body) > MaxResultBytes:
		return fmt.Errorf("%w: the result has %d bytes, over %d", ErrInvalid, len(r.Body), MaxResultBytes)
	case !json.Valid(r.Body):
		return fmt.Errorf("%w: the result is not JSON", ErrInvalid)
	}
	return nil
}

// Check returns an error that wraps ErrInvalid if the request is invalid.
func (r *SplitRequest) Check() error {
	if err := CheckIdentity(r.Identity); err != nil {
		return err
	}
	if r.Shared && r.Identity.Type == identity.Customer {
		return fmt.Errorf("%w: a %s identifies one person, so it cannot be shared", ErrInvalid, r.Identity.Type)
	}
	if r.From == nil {
		return nil
	}
	if r.Shared {
		return fmt.Errorf("%w: an identity cannot be split from another one and be shared: set either from or shared", ErrInvalid)
	}
	if *r.From == r.Identity {
		return fmt.Errorf("%w: an identity cannot be split from itself", ErrInvalid)
	}
	return CheckIdentity(*r.From)
}

// Split returns the request in the form of the identity table.
func (r *SplitRequest) Split() identity.Split {
	s := identity.Split{Identity: r.Identity.Anchor(), Shared: r.Shared, Undo: r.Undo}
	if r.From != nil {
		s.From = r.From.Anchor()
	}
	return s
}

// PartedOf returns the proof of a split, without the number of events.
func PartedOf(p identity.Parted, before, after int64) Parted {
	return Parted{
		Pairs: int64(len(p.Added) + len(p.Dropped)), Shared: int64(len(p.Pinned) + len(p.Unpinned)), Persons: int64(p.Persons), Identities: int64(len(p.Moved)),
		VersionBefore: before, IdentityVersion: after,
	}
}

// HashedHint explains why an identity can be unknown.
const HashedHint = "The store knows identities that ingestion hashes only by their hash."

// UnknownError returns the error for an identity that cannot be split because it is unknown. It does not contain the value, because errors are logged.
func (r *SplitRequest) UnknownError() error {
	types := r.Identity.Type
	if r.From != nil {
		types += " or " + r.From.Type
	}
	return fmt.Errorf("%w: the store knows no such %s. %s", ErrInvalid, types, HashedHint)
}

// CheckIdentity returns an error that wraps ErrInvalid if the identity cannot be erased.
func CheckIdentity(id event.Identity) error {
	if id.Type == "" || id.Value == "" {
		return fmt.Errorf("%w: an identity needs type and value", ErrInvalid)
	}
	return nil
}
