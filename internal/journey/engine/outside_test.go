// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
)

// The counts of customers outside the period agree with a reference that examines all rows of each customer. No other number uses rows from before
// the period. Rows and runs of classes give the same result.
func TestOutsideAgreesWithReference(t *testing.T) {
	names := []string{"see", "buy", "other"}
	classes := make([]event.Class, 0, len(names))
	for _, n := range names {
		classes = append(classes, event.Class{Source: "s", Channel: "web", Name: n, Kind: event.Track, Initiator: event.Customer})
	}
	stage := func(name string) journey.Stage {
		return journey.Stage{Name: name, Touchpoints: []journey.Touchpoint{{Name: name, Match: []journey.Match{{Event: name}}}}}
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SampledFrom([]journey.Order{journey.Ordered, journey.Strict, journey.AnyOrder}).Draw(t, "order")
		policy := journey.Policy{
			Order: order, Window: 5 * time.Microsecond, Entry: journey.Best, Ties: journey.Exact, Conversions: journey.InWindow,
			OnExclusion: journey.Discard, Count: journey.Customers,
		}
		period := journey.Range(100, 110, rapid.Int64Range(100, 125).Draw(t, "asOf"), policy)
		plan := engine.Plan{
			Map: journey.Map{Stages: []journey.Stage{stage("see"), stage("buy")}}, Policy: policy, Periods: []journey.Period{period},
		}
		var rows []journey.Row
		var want engine.Outside
		for person := range uint64(rapid.IntRange(1, 5).Draw(t, "persons")) {
			var own []journey.Row
			for range rapid.IntRange(1, 6).Draw(t, "events") {
				own = append(own, journey.Row{
					Person: person + 1, Time: rapid.Int64Range(80, 130).Draw(t, "time"), Source: "s", Channel: "web",
					Name: rapid.SampledFrom(names).Draw(t, "name"), Kind: event.Track, Initiator: event.Customer,
				})
			}
			slices.SortStableFunc(own, func(a, b journey.Row) int { return cmp.Compare(a.Time, b.Time) })
			addOutside(&want, own, &period, order)
			rows = append(rows, own...)
		}
		byRow, byRun, counting := engineOf(t, plan), engineOf(t, plan), engineOf(t, plan)
		byRun.NewClasses(classes)
		for i := range rows {
			rows[i].Seq = int64(i) + 1
			rows[i].ReceivedAt = rows[i].Time
			byRow.Add(&rows[i])
			if rows[i].Time >= period.From {
				counting.Add(&rows[i])
			}
			if i > 0 && rows[i-1].Person == rows[i].Person {
				continue
			}
			var times []int64
			var codes []uint16
			for k := i; k < len(rows) && rows[k].Person == rows[i].Person; k++ {
				times = append(times, rows[k].Time)
				codes = append(codes, uint16(slices.Index(names, rows[k].Name)))
			}
			byRun.AddRun(rows[i].Person, times, codes)
		}
		for _, e := range []*engine.Engine{byRow, byRun, counting} {
			require.NoError(t, e.Close())
		}
		require.Equal(t, want, *byRow.Outside())
		require.Equal(t, want, *byRun.Outside())
		a, b := byRow.Evaluations()[0], counting.Evaluations()[0]
		require.Equal(t, b.Seen, a.Seen)
		require.Equal(t, b.Funnel.Customers, a.Funnel.Customers)
		require.Equal(t, b.Funnel.YoungEntered, a.Funnel.YoungEntered)
		require.Equal(t, b.Funnel.Depth, a.Funnel.Depth)
		require.Equal(t, b.Coverage.Matched, a.Coverage.Matched)
		require.Equal(t, b.Coverage.Unmatched, a.Coverage.Unmatched)
	})
}

func engineOf(t *rapid.T, plan engine.Plan) *engine.Engine {
	e, err := engine.New(plan)
	require.NoError(t, err)
	return e
}

// addOutside counts one customer by brute force.
func addOutside(o *engine.Outside, rows []journey.Row, p *journey.Period, order journey.Order) {
	var inside, after bool
	var before, young int64
	for _, r := range rows {
		if r.Name != "see" && (order != journey.AnyOrder || r.Name != "buy") {
			continue
		}
		switch {
		case r.Time < p.From:
			before = r.Time
		case r.Time < p.To:
			inside = true
		case r.Time < p.YoungTo:
			if young == 0 {
				young = r.Time
			}
		default:
			after = true
		}
	}
	switch {
	case young != 0:
		if o.First == 0 || young < o.First {
			o.First = young
		}
	case inside:
	case before != 0:
		o.Before++
		o.NewestBefore = max(o.NewestBefore, before)
	case after:
		o.After++
	}
}
