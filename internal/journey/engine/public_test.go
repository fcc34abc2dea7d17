// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// Public sources can set a trait of a customer only if no trusted source has set it.
func TestTraitsOfPublicSourcesByPlan(t *testing.T) {
	is := func(key, value string) journey.Condition {
		return journey.Condition{Key: key, Operator: journey.In, Values: []string{value}}
	}
	plan := engine.Plan{
		Map: journeytest.TwoStages(), Policy: journeytest.Plain, PublicSources: []string{journeytest.Page},
		Periods: []journey.Period{journey.Range(0, 100*journeytest.Second, 200*journeytest.Second, journeytest.Plain)},
	}
	plan.Map.Personas = []journey.Persona{
		{Name: "claimed", Where: []journey.Condition{is("traits.tier", "none")}},
		{Name: "known", Where: []journey.Condition{is("traits.tier", "gold"), is("groups.company", "acme")}},
	}
	crm, page := journeytest.Did(1, 1, "Other"), journeytest.Did(1, 2, "Other")
	crm.Traits = `{"tier":"gold"}`
	page.Source, page.Traits, page.Groups = journeytest.Page, `{"tier":"none"}`, `{"company":"acme"}`
	e := journeytest.Run(t, plan, []journey.Row{crm, page, journeytest.Did(1, 5, "See")})
	var customers []int64
	for _, p := range e.Evaluations()[0].Funnel.Personas {
		customers = append(customers, p.Customers)
	}
	require.Equal(t, []int64{0, 1, 0}, customers)
}
