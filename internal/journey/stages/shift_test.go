// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// Friction, handoffs and emotions do not change when all times move by the same amount. Friction shows nothing for few customers, so its counts are
// compared, too.
func TestFrictionAndHandoffsMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, by := drawShop(t), journeytest.DrawShift(t)
		plan := waysPlan(Friction{}, Handoffs{}, Emotions{})
		plan.Policy.Order = rapid.SampledFrom([]journey.Order{journey.Ordered, journey.Strict}).Draw(t, "order")
		journeytest.RequireShift(t, plan, rows, by)
		counts := func(rows []journey.Row, by int64) []stageFriction {
			moved := plan
			moved.Periods = []journey.Period{plan.Periods[0].Shift(by)}
			return journeytest.Run(t, moved, rows).Evaluations()[0].Tables[0].(*FrictionSums).stages
		}
		want := counts(rows, 0)
		for i := range rows {
			rows[i].Time, rows[i].ReceivedAt = rows[i].Time+by, rows[i].ReceivedAt+by
		}
		require.Equal(t, want, counts(rows, by))
	})
}
