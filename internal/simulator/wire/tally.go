// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/journeyman-dev/journeyman/internal/simulator/world"

// Tally counts what is sent, by source.
type Tally map[world.Source]*Count

// Count of one source.
type Count struct {
	// Events that are different from each other, and Again the redelivered ones beside them.
	Events int64 `json:"events"`
	Again  int64 `json:"again"`
	// Dropped documents, and Rejected ones by reason.
	Dropped  int64            `json:"dropped,omitempty"`
	Rejected map[string]int64 `json:"rejected,omitempty"`
}

// Accepted is the number of events that a source counts as accepted, when none had to be sent a third time.
func (c *Count) Accepted() int64 { return c.Events + c.Again }

func newTally() Tally {
	t := Tally{}
	for _, s := range world.Sources {
		t[s] = &Count{Rejected: map[string]int64{}}
	}
	return t
}

func (t Tally) event(it item) {
	if it.again {
		t[it.e.Source].Again++
		return
	}
	t[it.e.Source].Events++
}

func (t Tally) bad(r *Request) {
	c := t[r.Source]
	c.Dropped += int64(r.Dropped)
	for reason, n := range r.Bad {
		c.Rejected[reason] += int64(n)
	}
}
