// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// A shop that uses customer numbers and a till that uses cards have no customer in common. A drop-off of 100 % does not explain this, so the stage is
// reported.
func TestStagesWithoutCommonCustomers(t *testing.T) {
	rows := func(both uint64) (out []journey.Row) {
		for p := range uint64(20) {
			out = append(out, journeytest.Did(p+1, int64(p), "See"), journeytest.Did(p+101, int64(p)+100, "Buy"))
			if p < both {
				out = append(out, journeytest.Did(p+1, int64(p)+100, "Buy"))
			}
		}
		return out
	}
	plan := engine.Plan{
		Map: journeytest.TwoStages(), Policy: journeytest.Plain,
		Periods: []journey.Period{journey.Range(0, 1000*journeytest.Second, 2000*journeytest.Second, journeytest.Plain)},
	}
	apart := journeytest.Run(t, plan, rows(0)).Evaluations()[0].Funnel.Apart()
	require.NotNil(t, apart)
	require.EqualValues(t, 20, apart.Reach)
	require.Nil(t, journeytest.Run(t, plan, rows(1)).Evaluations()[0].Funnel.Apart(), "one is known")
}
