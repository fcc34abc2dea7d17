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

// The identity table is in memory and never shrinks, so the number of identities and links together is limited. Public sources cannot use all of it.
// What trusted sources leave of PublicIdentityPercent is divided equally among the public ones. If one source is flooded, only that source loses its
// share. The rest is reserved for trusted sources.

const (
	// PublicIdentityPercent of the limit is available to trusted sources and all public ones together, when a public one brings new identities.
	PublicIdentityPercent = 70
	// LateIdentityPercent is the limit for public sources that have not used their share although others have used up the rest, such as a source that
	// was added when the shares of earlier ones were larger.
	LateIdentityPercent = 80
)

// MostIdentities returns the maximum number of identities and links after an event of a source brought new ones, whoever brought the others. A limit
// of 0 means no limit. A public source has a lower maximum once it has used its share; see Shares.
func MostIdentities(limit int64, public bool) int64 {
	if public {
		return percentOf(limit, LateIdentityPercent)
	}
	return limit
}

func percentOf(n, percent int64) int64 { return n/100*percent + n%100*percent/100 }

// Shares records how many identities each source brought first: NewIdentities of its state, by trust.
type Shares struct {
	limit, trusted int64
	public         map[string]int64
}

// NewShares returns shares without sources.
func NewShares(limit int64) *Shares { return &Shares{limit: limit, public: map[string]int64{}} }

// Add adds a source.
func (s *Shares) Add(state *SourceState) {
	if state.Public {
		s.public[state.Name] = state.NewIdentities
		return
	}
	s.trusted += state.NewIdentities
}

// Share returns the number of new identities that a public source can bring. The source counts among the public ones even if it is not known yet. The
// share is 0 if trusted sources have used up what is available to both.
func (s *Shares) Share(name string) int64 {
	n := int64(len(s.public))
	if _, known := s.public[name]; !known {
		n++
	}
	return max(0, percentOf(s.limit, PublicIdentityPercent)-s.trusted) / n
}

// ErrCrowded means that the store has no memory for the new identities or links of some events. Events without new ones are accepted.
var ErrCrowded = errors.New("the store knows too many identities")

// CrowdedError is the ErrCrowded of a batch. Nothing of the batch was stored.
type CrowdedError struct {
	// Refused lists the events that caused it, by their index in the batch, in order. The others can be sent again at once.
	Refused []int32
	// Why is the reason in words.
	Why string
}

func (e *CrowdedError) Error() string { return ErrCrowded.Error() + ": " + e.Why }

// Is reports that it is an ErrCrowded.
func (e *CrowdedError) Is(target error) bool { return target == ErrCrowded }

// RefusedEvents returns the events of a batch that a store has refused, by their index, and a function for the error of some of them. The store accepts the
// others. It returns none for an error that is about the whole batch.
func RefusedEvents(err error) (refused []int32, of func([]int32) error) {
	var crowded *CrowdedError
	if errors.As(err, &crowded) {
		return crowded.Refused, func(some []int32) error { return &CrowdedError{Refused: some, Why: crowded.Why} }
	}
	var held *HeldError
	if errors.As(err, &held) {
		return held.Held, func(some []int32) error { return &HeldError{Held: some, Why: held.Why} }
	}
	return nil, nil
}

// Gate refuses events whose identities do not fit into the identity table. Create one for batches that are added to the table soon after. A nil Gate
// accepts everything.
type Gate struct {
	shares *Shares
	room   *persons.Room
	// known is the number of entries including those that were accepted, coming the maximum number that all batches bring.
	known, coming int64
	// brought counts those that were accepted of public sources.
	brought map[string]int64
}

// NewGate returns a gate for batches that bring at most coming entries. It returns nil if these have room in any case, whoever sends them.
func NewGate(people *persons.Table, shares *Shares, coming int64) *Gate {
	if shares.limit <= 0 {
		return nil
	}
	known, roomy := people.Entries(), true
	share := shares.Share("") // No source has this name, so it counts one more.
	for _, n := range shares.public {
		roomy = roomy && n+coming <= share
	}
	if roomy && coming <= share && known+coming <= percentOf(shares.limit, PublicIdentityPercent) {
		return nil
	}
	return &Gate{shares: shares, room: people.Room(), known: known, coming: coming, brought: map[string]int64{}}
}

// MostEntries returns the maximum number of entries that the events bring.
func MostEntries(events []event.Event) (n int64) {
	for i := range events {
		n += 2 * int64(len(events[i].Identities))
	}
	return n
}

// Refuse returns a CrowdedError with the events of a source that have no room. places are the indexes of the events in their batch.
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
