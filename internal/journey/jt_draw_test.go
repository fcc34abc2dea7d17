// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"
)

func DrawPolicy(t *rapid.T, orders ...Order) Policy {
	return Policy{
		Order:       rapid.SampledFrom(orders).Draw(t, "order"),
		Window:      time.Duration(rapid.IntRange(1, 9).Draw(t, "window")) * time.Microsecond,
		Entry:       rapid.SampledFrom([]Entry{Best, First}).Draw(t, "entry"),
		Ties:        rapid.SampledFrom([]Ties{EitherOrder, Exact}).Draw(t, "ties"),
		Conversions: InWindow,
	}
}

// DrawCase draws a small person on a short clock, so that ties and events of two stages are common.
func DrawCase(t *rapid.T, orders ...Order) Case {
	c := Case{Stages: rapid.IntRange(2, 4).Draw(t, "stages"), Policy: DrawPolicy(t, orders...)}
	if rapid.Bool().Draw(t, "hasOptional") {
		c.Optional = uint32(rapid.IntRange(0, 1<<c.Stages-1).Draw(t, "optional")) &^ 1
	}
	event := rapid.Custom(func(t *rapid.T) Event {
		e := Event{Time: int64(rapid.Uint8Range(0, 7).Draw(t, "time")), Customer: rapid.IntRange(0, 3).Draw(t, "who") > 0}
		if rapid.IntRange(0, 2).Draw(t, "many") == 2 {
			e.Stages = uint32(rapid.IntRange(0, 1<<c.Stages-1).Draw(t, "mask"))
		} else {
			e.Stages = 1 << rapid.IntRange(0, c.Stages-1).Draw(t, "stage")
		}
		return e
	})
	c.Events = rapid.SliceOfN(event, 2, 7).Draw(t, "events")
	// Most cases should get somewhere, so one event begins an attempt.
	c.Events[0].Stages |= 1
	slices.SortStableFunc(c.Events, func(a, b Event) int { return cmp.Compare(a.Time, b.Time) })
	c.From = int64(rapid.IntRange(0, 3).Draw(t, "from"))
	c.To = 10 - int64(rapid.IntRange(0, 6).Draw(t, "toCut"))
	c.Limit = 10 - int64(rapid.IntRange(0, 6).Draw(t, "limitCut"))
	return c
}

func (c *Case) Progression() (*Progression, error) {
	stages := make([]Stage, c.Stages)
	for i := range stages {
		stages[i] = Stage{Name: fmt.Sprint("s", i), Optional: c.Optional>>i&1 == 1}
	}
	return NewProgression(stages, c.Policy)
}
