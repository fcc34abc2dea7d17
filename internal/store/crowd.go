// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
)

// The table of identities is in memory and never shrinks, so it has a limit: identities and links together. Strangers reach it last. What trusted
// sources leave of PublicIdentityPercent is shared by the public ones, to each the same: who fills the share of one source keeps newcomers out of
// that source alone. The rest stays for those whom the namespace trusts.

const (
	// PublicIdentityPercent of the limit is what trusted sources and all public ones may know together, after a public one has brought somebody new.
	PublicIdentityPercent = 70
	// LateIdentityPercent is as far as public sources go that have something left of their share, although others have taken what there was: a
	// source that came when the shares of earlier ones were larger.
	LateIdentityPercent = 80
)

// MostIdentities returns how many identities and links may be known after an event of a source brought new ones, whoever brought them. A limit of 0
// is none. A public source has less, when it has used its share; see Shares.
func MostIdentities(limit int64, public bool) int64 {
	if public {
		return percentOf(limit, LateIdentityPercent)
	}
	return limit
}

func percentOf(n, percent int64) int64 { return n/100*percent + n%100*percent/100 }

// Shares are what a store knows of who brought its identities: NewIdentities of its sources, by trust.
type Shares struct {
	limit, trusted int64
	public         map[string]int64
}

// NewShares starts with no sources.
func NewShares(limit int64) *Shares { return &Shares{limit: limit, public: map[string]int64{}} }

// Add a source.
func (s *Shares) Add(state *SourceState) {
	if state.Public {
		s.public[state.Name] = state.NewIdentities
		return
	}
	s.trusted += state.NewIdentities
}

// Share is what a public source may bring, next to or among those that are known, and so it is less when there is another one. Zero when trusted sources
// have brought what there is for both.
func (s *Shares) Share(name string) int64 {
	n := int64(len(s.public))
	if _, known := s.public[name]; !known {
		n++
	}
	return max(0, percentOf(s.limit, PublicIdentityPercent)-s.trusted) / n
}

// ErrCrowded says that events bring identities or links that the store has no memory for. What brings none is taken.
var ErrCrowded = errors.New("the store knows too many identities")

// CrowdedError is ErrCrowded of a batch, of which nothing was stored.
type CrowdedError struct {
	// Refused are the events that are to blame, by their place in the batch, in order. The others may be sent again at once.
	Refused []int32
	// Why in words.
	Why string
}

func (e *CrowdedError) Error() string { return ErrCrowded.Error() + ": " + e.Why }

// Is makes it an ErrCrowded.
func (e *CrowdedError) Is(target error) bool { return target == ErrCrowded }

// Gate refuses what a table of identities has no memory for. It looks at batches that are added to the table soon after; one is made for these. Nil lets
// everything in.
type Gate struct {
	shares *Shares
	room   *persons.Room
	// known are the entries with those that were let in, coming how many all batches bring at most.
	known, coming int64
	// brought are those that were let in of public sources.
	brought map[string]int64
}

// NewGate returns the gate for batches that bring at most so many entries; nil where these have room in any case, whoever sends them.
func NewGate(people *persons.Table, shares *Shares, coming int64) *Gate {
	if shares.limit <= 0 {
		return nil
	}
	known, roomy := people.Entries(), true
	share := shares.Share("") // nobody has this name, so there may be one more
	for _, n := range shares.public {
		roomy = roomy && n+coming <= share
	}
	if roomy && coming <= share && known+coming <= percentOf(shares.limit, PublicIdentityPercent) {
		return nil
	}
	return &Gate{shares: shares, room: people.Room(), known: known, coming: coming, brought: map[string]int64{}}
}

// MostEntries returns how many entries the events bring at most.
func MostEntries(events []event.Event) (n int64) {
	for i := range events {
		n += 2 * int64(len(events[i].Identities))
	}
	return n
}

// Refuse tells, in a CrowdedError, which of a source's events have no room. Places are those of the events in their batch.
func (g *Gate) Refuse(source string, public bool, events []event.Event, places []int32) error {
	if g == nil {
		return nil
	}
	most, own, share := MostIdentities(g.shares.limit, public), int64(0), g.shares.limit
	if public {
		own, share = g.shares.public[source]+g.brought[source], g.shares.Share(source)
	}
	if own+g.coming <= share && g.known+g.coming <= most {
		return nil
	}
	var refused []int32
	for i := range events {
		fresh, taken := g.room.Take(identity.EdgesOf(&events[i]), min(most-g.known, share-own))
		if !taken {
			refused = append(refused, places[i])
			continue
		}
		g.known, own = g.known+fresh, own+fresh
		if public {
			g.brought[source] += fresh
		}
	}
	if len(refused) == 0 {
		return nil
	}
	who := "every source"
	if public {
		who = fmt.Sprintf("public sources, of which this one has a share of %d,", share)
	}
	return &CrowdedError{Refused: refused, Why: fmt.Sprintf(
		"its memory allows %d identities and links, and from %d on it accepts from %s only events with known ones; %d events have new ones",
		g.shares.limit, most, who, len(refused))}
}
