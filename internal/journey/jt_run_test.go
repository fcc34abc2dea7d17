// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

const Second = int64(time.Second / time.Microsecond)

func InOrder(rows []Row) []Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Index, b.Index))
	})
	return rows
}

func Run(t require.TestingT, plan Plan, rows []Row) *Engine {
	e, err := NewEngine(plan)
	require.NoError(t, err)
	for _, r := range InOrder(rows) {
		e.Add(&r)
	}
	require.NoError(t, e.Close())
	return e
}

var Plain = Policy{Order: Ordered, Window: 10 * time.Second, Entry: Best, Ties: EitherOrder, Conversions: InWindow}

func TwoStages() Map {
	return Map{Stages: []Stage{
		{Name: "see", Touchpoints: []Touchpoint{{Name: "see", Match: []Match{{Event: "See"}}}}},
		{Name: "buy", Touchpoints: []Touchpoint{{Name: "buy", Match: []Match{{Event: "Buy"}}}}},
	}}
}

func Did(person uint64, at int64, name string) Row {
	return Row{Person: person, Time: at * Second, ReceivedAt: at * Second, Name: name, Source: "shop"}
}
