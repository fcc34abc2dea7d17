// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/test/draws"
)

// number of cases of a property, because most rules apply in few of them
const cases = 1000

func checkCase(t *rapid.T, c journeytest.Case) {
	p, err := c.Progression()
	require.NoError(t, err)
	want := c.Best()
	// the buffers of one call must not affect the next
	for range 2 {
		got, ok := p.Best(c.Events, c.From, c.To, c.Limit)
		require.Equal(t, want != nil, ok)
		if !ok {
			continue
		}
		require.Empty(t, c.Valid(&got))
		require.Equal(t, want.Required, got.Required, "required stages")
		require.Equal(t, want.Optional, got.Optional, "optional stages")
		require.Equal(t, want.Entry, got.Entry, "entry")
		if c.Policy.Order != journey.AnyOrder {
			require.Equal(t, want.Times, c.Times(&got), "times of the stages")
		}
	}
}

func TestOrderedEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.Ordered)) })
}

func TestStrictEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.Strict)) })
}

func TestAnyEqualsReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) { checkCase(t, journeytest.DrawCase(t, journey.AnyOrder)) })
}

// Several optional stages, some of them simultaneous, and several entries.
func TestOptionalStagesEqualReference(t *testing.T) {
	draws.Check(t, cases, func(t *rapid.T) {
		c := journeytest.DrawCase(t, journey.Ordered, journey.Ordered, journey.Strict)
		c.Stages = 5
		c.Optional = rapid.SampledFrom([]uint32{0b00110, 0b01110, 0b01100, 0b01010, 0b11000, 0b11110}).Draw(t, "which")
		c.Policy.Window = time.Duration(rapid.IntRange(3, 12).Draw(t, "longer window")) * time.Microsecond
		c.From, c.To, c.Limit = 0, 20, 20
		times := rapid.SampledFrom([]int{2, 5, 14}).Draw(t, "times")
		c.Events = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Event {
			e := journey.Event{Time: int64(rapid.IntRange(0, times).Draw(t, "time")), Stages: 1 << rapid.IntRange(0, 4).Draw(t, "stage"), Customer: true}
			if rapid.IntRange(0, 5).Draw(t, "two") == 0 {
				e.Stages |= 1 << rapid.IntRange(0, 4).Draw(t, "other")
			}
			return e
		}), 4, 7).Draw(t, "many events")
		c.Events[0].Stages |= 1
		slices.SortStableFunc(c.Events, func(a, b journey.Event) int { return cmp.Compare(a.Time, b.Time) })
		if rapid.Bool().Draw(t, "has within") {
			drawWithin(t, &c)
		}
		checkCase(t, c)
	})
}
