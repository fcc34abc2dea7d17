// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// The table of identities is in memory and never shrinks, so it has a limit: identities and links together. Strangers reach it last: what public
// sources bring is refused from PublicIdentityPercent on, so that the rest stays for those whom the namespace trusts.

// PublicIdentityPercent of the limit is what is known, at most, after a public source has brought somebody new.
const PublicIdentityPercent = 70

// MostIdentities gives how many identities and links may be known after an event of a source brought new ones. A limit of 0 is none.
func MostIdentities(limit int64, public bool) int64 {
	if public {
		return limit/100*PublicIdentityPercent + limit%100*PublicIdentityPercent/100
	}
	return limit
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
	room  *identity.Room
	limit int64
}

// NewGate gives the gate for batches that bring at most so many entries; nil where these have room in any case, which is most of the time.
func NewGate(people *identity.Table, limit, coming int64) *Gate {
	if limit <= 0 || people.Entries()+coming <= MostIdentities(limit, true) {
		return nil
	}
	return &Gate{room: people.Room(), limit: limit}
}

// MostEntries gives how many entries the events bring at most.
func MostEntries(events []event.Event) (n int64) {
	for i := range events {
		n += 2 * int64(len(events[i].Identities))
	}
	return n
}

// Refuse tells, in a CrowdedError, which of a source's events have no room. Places are those of the events in their batch.
func (g *Gate) Refuse(public bool, events []event.Event, places []int32) error {
	if g == nil {
		return nil
	}
	most := MostIdentities(g.limit, public)
	var refused []int32
	for i := range events {
		if !g.room.Take(identity.EdgesOf(&events[i]), most) {
			refused = append(refused, places[i])
		}
	}
	if len(refused) == 0 {
		return nil
	}
	who := "every source"
	if public {
		who = "public sources"
	}
	return &CrowdedError{Refused: refused, Why: fmt.Sprintf(
		"its memory allows %d identities and links, and from %d on it takes of %s only events of known ones; %d events bring others",
		g.limit, most, who, len(refused))}
}
