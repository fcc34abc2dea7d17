// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Tally counts what is sent, by source.
type Tally map[world.Source]*Count

// Count of one source.
type Count struct {
	// Events is the number of distinct events, and Again the number of redelivered ones.
	Events int64 `json:"events"`
	Again  int64 `json:"again"`
	// Uncorrected counts those of both that are replayed with a sentAt that corrects nothing. For UncorrectedUnsure, that depends on the time of sending.
	Uncorrected       int64 `json:"uncorrected,omitempty"`
	UncorrectedUnsure int64 `json:"uncorrectedUnsure,omitempty"`
	// Dropped documents, and Rejected ones by reason.
	Dropped  int64            `json:"dropped,omitempty"`
	Rejected map[string]int64 `json:"rejected,omitempty"`
}

// Accepted returns the number of events that a source counts as accepted, if none had to be sent a third time.
func (c *Count) Accepted() int64 { return c.Events + c.Again }

func newTally(sources []world.Source) Tally {
	t := Tally{}
	for _, s := range sources {
		t[s] = &Count{Rejected: map[string]int64{}}
	}
	return t
}

// replayedEdge is how close to the end of a world events have to be sent for the age of a replayed message to be uncertain.
const replayedEdge = 24 * time.Hour

// event counts an event of a world that ends at a time.
func (t Tally) event(it item, end time.Time) {
	c := t[it.e.Source]
	if it.again {
		c.Again++
	} else {
		c.Events++
	}
	if it.e.Source != world.Web || !it.e.Replayed {
		return
	}
	switch age := end.Sub(it.e.SentAt()); {
	case age > replayedAfter+replayedEdge:
		c.Uncorrected++
	case age > replayedAfter-replayedEdge:
		c.UncorrectedUnsure++
	}
}

func (t Tally) bad(r *Request) {
	c := t[r.Source]
	c.Dropped += int64(r.Dropped)
	for reason, n := range r.Bad {
		c.Rejected[reason] += int64(n)
	}
}
