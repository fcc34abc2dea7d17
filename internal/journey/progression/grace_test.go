// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// An excluded event within the grace of a stage, on either side, does not exclude.
func TestGraceAndExclusions(t *testing.T) {
	for name, tt := range map[string]struct {
		excluded, second int64
		want             int
	}{
		"between": {5, 10, 0}, "just after the first": {2, 10, 2}, "and one more": {3, 10, 0}, "just before the second": {8, 10, 2}, "and one less": {7, 10, 0},
		"close to both": {3, 4, 2}, "close to the second": {3, 5, 2}, "at the second": {5, 5, 2},
	} {
		c := journeytest.Case{Stages: 2, Policy: journeytest.Plain}
		c.Policy.Grace, c.Policy.OnExclusion = 2*time.Microsecond, journey.Discard
		c.Policy.Exclusions = []journey.Exclusion{{After: "s0", Before: "s1"}}
		p, err := c.Progression()
		require.NoError(t, err)
		best, ok := p.Best([]journey.Event{{Time: 0, Stages: 1}, {Time: tt.excluded, Excluded: 1}, {Time: tt.second, Stages: 2}}, 0, 100, 100)
		require.Equal(t, tt.want > 0, ok, name)
		require.Equal(t, tt.want, best.Depth(), name)
	}
}

// An event just before the entry enters a stage if it has the held value of the entry.
func TestGraceAndHold(t *testing.T) {
	for name, tt := range map[string]struct {
		before journey.Event
		want   int
	}{
		"the same value": {journey.Event{Time: 8, Stages: 2, Hold: 1}, 2}, "another value": {journey.Event{Time: 8, Stages: 2, Hold: 2}, 1},
		"too early": {journey.Event{Time: 7, Stages: 2, Hold: 1}, 1},
	} {
		c := journeytest.Case{Stages: 2, Policy: journeytest.Plain}
		c.Policy.Grace, c.Policy.HoldConstant = 2*time.Microsecond, []string{"properties.x"}
		p, err := c.Progression()
		require.NoError(t, err)
		best, ok := p.Best([]journey.Event{tt.before, {Time: 10, Stages: 1, Hold: 1}}, 0, 100, 100)
		require.True(t, ok, name)
		require.Equal(t, tt.want, best.Depth(), name)
	}
}

// Of two optional stages that exclude each other, the one that was reached earlier counts.
func TestGraceAndOptionalStages(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0110, Policy: journeytest.Plain}
	c.Policy.Grace = 2 * time.Microsecond
	p, err := c.Progression()
	require.NoError(t, err)
	for letters, want := range map[string]uint32{"acxxxb": 0b0101, "acxb": 0b0111, "abxxxc": 0b0111, "axbc": 0b0111, "acxxxbd": 0b1101, "acxbd": 0b1111} {
		best, ok := p.Best(steps(letters), 0, 99, 99)
		require.True(t, ok)
		require.Equal(t, want, best.Stages, letters)
	}
}

// A person with only entries and exclusions costs a few examined events per event.
func TestCostOfManyEntriesWithGrace(t *testing.T) {
	const n = 20_000
	c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.Grace, c.Policy.OnExclusion = time.Hour, 2*time.Microsecond, journey.Discard
	c.Policy.Exclusions = []journey.Exclusion{{After: "s0", Before: "s1"}}
	p, err := c.Progression()
	require.NoError(t, err)
	var events []journey.Event
	for i := range n {
		events = append(events, journey.Event{Time: int64(i), Customer: true, Stages: uint32(1 - i%2), Excluded: uint8(i % 2)})
	}
	p.All(0, events, 0, n, n, nil)
	require.Positive(t, p.Looked())
	require.Less(t, p.Looked(), 20*n)
}
