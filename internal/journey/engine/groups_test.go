// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// For attributions that put a person into one group, the groups add up to the whole.
func TestGroupsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, rows := drawPlan(t), drawRows(t)
		plan.Breakdowns = []journey.Breakdown{
			{By: journey.ByChannel, Attribution: journey.FirstValue}, {By: journey.ByPersona}, {By: journey.ByProperty, Keys: []string{"properties.ok", "traits.tier"}, Attribution: journey.LastValue},
		}
		for _, eval := range journeytest.Run(t, plan, rows).Evaluations() {
			for i, sums := range eval.Breakdowns {
				whole := funnel.NewLean(&plan.Map, mustProgression(t, &plan))
				for _, g := range sums.Largest(rapid.IntRange(0, 3).Draw(t, "limit")) {
					whole.Merge(g.Funnel)
				}
				require.Equal(t, eval.Funnel.Customers, whole.Customers)
				require.Equal(t, eval.Funnel.Converted, whole.Converted)
				require.Equal(t, eval.Funnel.Depth, whole.Depth)
				for s := range whole.Stages {
					require.Equal(t, eval.Funnel.Stages[s].Entered, whole.Stages[s].Entered)
					require.Equal(t, eval.Funnel.Stages[s].Converted, whole.Stages[s].Converted)
				}
				if i == 1 {
					require.Equal(t, plan.Breakdowns[i].By, journey.ByPersona)
					for _, p := range eval.Funnel.Personas {
						if p.Customers > 0 {
							require.Equal(t, p.Customers, sums.Of([]string{p.Name}).Funnel.Customers)
						}
					}
				}
			}
		}
	})
}

func mustProgression(t require.TestingT, plan *engine.Plan) *progression.Progression {
	p, err := progression.New(plan.Map.Stages, plan.Policy)
	require.NoError(t, err)
	return p
}
