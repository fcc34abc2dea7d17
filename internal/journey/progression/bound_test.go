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

// A later entry can be better although it does not reach more of the required stages.
func TestLaterEntryWithOptionalStages(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0110, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.Within = time.Hour, []time.Duration{0, 5 * time.Microsecond, 5 * time.Microsecond, 5 * time.Microsecond}
	p, err := c.Progression()
	require.NoError(t, err)
	p.UseIndex(true)
	best, ok := p.Best([]journey.Event{{Time: 0, Stages: 1}, {Time: 100, Stages: 1}, {Time: 101, Stages: 2}, {Time: 102, Stages: 4}}, 0, 200, 200)
	require.True(t, ok)
	require.EqualValues(t, 100, best.Entry)
	require.Equal(t, [2]int{1, 2}, [2]int{best.Required, best.Optional})
}

// An entry can reach more stages without the optional ones in between.
func TestLaterEntryWithoutOptionalStages(t *testing.T) {
	c := journeytest.Case{Stages: 4, Optional: 0b0010, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.Within = time.Hour, []time.Duration{0, 0, 5 * time.Microsecond, 5 * time.Microsecond}
	p, err := c.Progression()
	require.NoError(t, err)
	p.UseIndex(true)
	best, ok := p.Best([]journey.Event{{Time: 0, Stages: 1}, {Time: 1, Stages: 4}, {Time: 10, Stages: 1}, {Time: 11, Stages: 4}, {Time: 12, Stages: 8}}, 0, 99, 99)
	require.True(t, ok)
	require.EqualValues(t, 10, best.Entry)
	require.Equal(t, 3, best.Required)
}

// An event is one stage of an attempt, and of two chains the one that ends earlier counts.
func TestGraceOfEventsThatFitTwoStages(t *testing.T) {
	c := journeytest.Case{Stages: 3, Policy: journeytest.Plain}
	c.Policy.Window, c.Policy.Grace = time.Hour, 2*time.Microsecond
	p, err := c.Progression()
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		events []journey.Event
		want   []int32
	}{
		"one event for three stages":        {[]journey.Event{{Time: 10, Stages: 7}}, []int32{0}},
		"one event for the last two stages": {[]journey.Event{{Time: 10, Stages: 1}, {Time: 11, Stages: 6}}, []int32{0, 1}},
		"another one for the last":          {[]journey.Event{{Time: 10, Stages: 1}, {Time: 11, Stages: 6}, {Time: 12, Stages: 6}}, []int32{0, 1, 2}},
		"the last one came a little before": {[]journey.Event{{Time: 9, Stages: 4}, {Time: 10, Stages: 1}, {Time: 11, Stages: 2}}, []int32{1, 2, 0}},
		"and too long before":               {[]journey.Event{{Time: 8, Stages: 4}, {Time: 10, Stages: 1}, {Time: 11, Stages: 2}}, []int32{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			best, ok := p.Best(tt.events, 0, 100, 100)
			require.True(t, ok)
			require.Equal(t, len(tt.want), best.Depth())
			require.Equal(t, tt.want, best.Event[:len(tt.want)])
		})
	}
}
