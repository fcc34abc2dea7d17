// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Worlds are sent slowly, so that events with corrected clocks arrive late. Every median is in its range. Some differ by more than the second that is
// always allowed.
func TestMediansOfASlowSending(t *testing.T) {
	moved, all := 0, 0
	for seed := range uint64(14) {
		p := world.Defaults(end)
		p.Seed, p.Persons = seed, 800
		w, err := world.New(p)
		require.NoError(t, err)
		q := Question{AsOf: end, Window: 7 * day, Lookback: 30 * day}
		exact, in := Compute(q, w), MedianRanges(q, w)
		for _, took := range []time.Duration{3 * time.Second, Transit} {
			slow := newReport(q)
			each(q, []*world.World{w}, func(events []*world.Event) {
				for _, p := range persons(q, events) {
					slow.add(p.late(took))
				}
			})
			slow.finish()
			for i := range slow.Stages {
				median := slow.Stages[i].MedianTimeToNext
				if median == nil {
					continue
				}
				require.NotNil(t, in[i])
				require.GreaterOrEqual(t, *median, in[i].From, "seed %d, stage %d, late by %s", seed, i, took)
				require.LessOrEqual(t, *median, in[i].To, "seed %d, stage %d, late by %s", seed, i, took)
				if off := *median - *exact.Stages[i].MedianTimeToNext; off > 1 || off < -1 {
					moved++
				}
				all++
			}
		}
	}
	t.Logf("%d of %d medians moved by more than a second", moved, all)
	require.Positive(t, moved)
}
