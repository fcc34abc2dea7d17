// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawPolicy(t *rapid.T, orders ...Order) Policy {
	return Policy{
		Order:       rapid.SampledFrom(orders).Draw(t, "order"),
		Window:      time.Duration(rapid.IntRange(1, 9).Draw(t, "window")) * time.Microsecond,
		Entry:       rapid.SampledFrom([]Entry{Best, First}).Draw(t, "entry"),
		Ties:        rapid.SampledFrom([]Ties{EitherOrder, Exact}).Draw(t, "ties"),
		Conversions: InWindow,
	}
}

// drawCase draws a small person on a short clock, so that ties and events of two stages are common.
func drawCase(t *rapid.T, orders ...Order) refCase {
	c := refCase{stages: rapid.IntRange(2, 4).Draw(t, "stages"), policy: drawPolicy(t, orders...)}
	if rapid.Bool().Draw(t, "hasOptional") {
		c.optional = uint32(rapid.IntRange(0, 1<<c.stages-1).Draw(t, "optional")) &^ 1
	}
	event := rapid.Custom(func(t *rapid.T) Event {
		e := Event{Time: int64(rapid.Uint8Range(0, 7).Draw(t, "time")), Customer: rapid.IntRange(0, 3).Draw(t, "who") > 0}
		if rapid.IntRange(0, 2).Draw(t, "many") == 2 {
			e.Stages = uint32(rapid.IntRange(0, 1<<c.stages-1).Draw(t, "mask"))
		} else {
			e.Stages = 1 << rapid.IntRange(0, c.stages-1).Draw(t, "stage")
		}
		return e
	})
	c.events = rapid.SliceOfN(event, 2, 7).Draw(t, "events")
	// Most cases should get somewhere, so one event begins an attempt.
	c.events[0].Stages |= 1
	slices.SortStableFunc(c.events, func(a, b Event) int { return cmp.Compare(a.Time, b.Time) })
	c.from = int64(rapid.IntRange(0, 3).Draw(t, "from"))
	c.to = 10 - int64(rapid.IntRange(0, 6).Draw(t, "toCut"))
	c.limit = 10 - int64(rapid.IntRange(0, 6).Draw(t, "limitCut"))
	return c
}

func (c *refCase) progression() (*Progression, error) {
	stages := make([]Stage, c.stages)
	for i := range stages {
		stages[i] = Stage{Name: fmt.Sprint("s", i), Optional: c.optional>>i&1 == 1}
	}
	return NewProgression(stages, c.policy)
}

func checkCase(t *rapid.T, c refCase) {
	p, err := c.progression()
	require.NoError(t, err)
	want := c.best()
	// The scratch memory of one call must not show in the next.
	for range 2 {
		got, ok := p.Best(c.events, c.from, c.to, c.limit)
		require.Equal(t, want != nil, ok)
		if !ok {
			continue
		}
		require.Empty(t, c.valid(&got))
		require.Equal(t, want.required, got.Required, "required stages")
		require.Equal(t, want.optional, got.Optional, "optional stages")
		require.Equal(t, want.entry, got.Entry, "entry")
		if c.policy.Order != AnyOrder {
			require.Equal(t, want.times, c.times(&got), "times of the stages")
		}
	}
}

func TestOrderedEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkCase(t, drawCase(t, Ordered)) })
}

func TestStrictEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkCase(t, drawCase(t, Strict)) })
}

func TestAnyEqualsReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkCase(t, drawCase(t, AnyOrder)) })
}
