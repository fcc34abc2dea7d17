// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
)

// Second in microseconds.
const Second = int64(time.Second / time.Microsecond)

// InOrder returns rows in the order of a scan.
func InOrder(rows []journey.Row) []journey.Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b journey.Row) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Index, b.Index))
	})
	return rows
}

// Run computes a plan over rows in any order.
func Run(t require.TestingT, plan engine.Plan, rows []journey.Row) *engine.Engine {
	e, err := engine.New(plan)
	require.NoError(t, err)
	for _, r := range InOrder(rows) {
		e.Add(&r)
	}
	require.NoError(t, e.Close())
	return e
}

// Plain is a policy without special rules, with a window of ten seconds.
var Plain = journey.Policy{Order: journey.Ordered, Window: 10 * time.Second, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}

// TwoStages is a map with the stages see and buy, which the events See and Buy enter.
func TwoStages() journey.Map {
	return journey.Map{Stages: []journey.Stage{
		{Name: "see", Touchpoints: []journey.Touchpoint{{Name: "see", Match: []journey.Match{{Event: "See"}}}}},
		{Name: "buy", Touchpoints: []journey.Touchpoint{{Name: "buy", Match: []journey.Match{{Event: "Buy"}}}}},
	}}
}

// Did returns an event of a customer at a time in seconds.
func Did(person uint64, at int64, name string) journey.Row {
	return journey.Row{Person: person, Time: at * Second, ReceivedAt: at * Second, Name: name, Source: "shop"}
}
