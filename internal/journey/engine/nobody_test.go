// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

// withNobody removes the identities of some rows. Each then has its own number.
func withNobody(t *rapid.T, rows []journey.Row) {
	for i := range rows {
		if rapid.IntRange(0, 4).Draw(t, "nobody") == 0 {
			rows[i].Person, rows[i].Kind = uint64(100+i), event.Track
			rows[i].Flags |= event.FlagUnidentified
		}
	}
}

// ofEvents are the KPIs of testPlan that count events.
var ofEvents = map[string]bool{"orders": true, "score": true, "count": true, "ratio": true}

// Compares a run that has unidentified events with one without these events, and with one in which each of them has its own customer. Numbers of
// customers are as without them, and numbers of events as if they had customers.
func TestUnidentifiedEventsAreNoCustomers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		plan.Map.Stages[0].Touchpoints[0].FirstEver = false // firstEver is known for a customer, but not for an unidentified event
		rows := drawSome(t, 1)
		var without, strangers []journey.Row
		unidentified := int64(0)
		for _, r := range rows {
			if r.Flags&event.FlagUnidentified == 0 {
				without = append(without, r)
			} else {
				r.Flags &^= event.FlagUnidentified
			}
			strangers = append(strangers, r)
		}
		got := journeytest.Run(t, plan, rows)
		customers, events := journeytest.Run(t, plan, without), journeytest.Run(t, plan, strangers)
		require.Equal(t, events.Counts().Rows, got.Counts().Rows)
		require.Equal(t, events.Counts().Sources, got.Counts().Sources)
		require.Equal(t, events.Counts().Late, got.Counts().Late)
		for _, r := range rows {
			span := plan.Periods[0]
			if r.Flags == event.FlagUnidentified && r.Properties != `{"staff":1}` && r.Time >= span.From && r.Time <= span.SpanEnd(plan.Policy) {
				unidentified++
			}
		}
		require.Equal(t, unidentified, got.Counts().Unidentified)
		require.Equal(t, customers.Outside(), got.Outside(), "nobody entered before or after")
		for i, eval := range got.Evaluations() {
			c, e := customers.Evaluations()[i], events.Evaluations()[i]
			require.Equal(t, c.Seen, eval.Seen)
			require.Equal(t, customersOf(c), customersOf(eval))
			require.Equal(t, e.Coverage.Matched, eval.Coverage.Matched)
			require.Equal(t, e.Coverage.Unmatched, eval.Coverage.Unmatched)
			require.Equal(t, e.Coverage.Touchpoints, eval.Coverage.Touchpoints)
			for k, sums := range eval.KPIs {
				want := c
				if ofEvents[plan.KPIs[k].Name] {
					want = e
				}
				require.Equal(t, want.KPIs[k].Value(), sums.Value(), plan.KPIs[k].Name)
			}
			for n, table := range eval.Tables {
				require.Equal(t, c.Tables[n].Grid(), table.Grid())
			}
			for n, b := range eval.Breakdowns {
				require.Equal(t, c.Breakdowns[n].Values(), b.Values())
			}
		}
	})
}

// customersOf returns the numbers of customers of a funnel.
func customersOf(eval *engine.Evaluation) []any {
	f := eval.Funnel
	out := []any{f.Customers, f.Converted, f.YoungEntered, f.YoungConverted, f.Personas}
	for i := range f.Stages {
		out = append(out, f.Stages[i].Entered, f.Stages[i].Converted, f.Stages[i].Reach)
	}
	return out
}
