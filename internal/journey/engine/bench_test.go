// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
)

func BenchmarkEngine(b *testing.B) {
	const n = 1_000_000
	rows := journeytest.ManyRows(n)
	for _, order := range []journey.Order{journey.Ordered, journey.Strict, journey.AnyOrder} {
		for _, conditions := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/conditions=%v", order, conditions), func(b *testing.B) {
				policy := journeytest.Plain
				policy.Order, policy.Window = order, 7*24*time.Hour
				m := journeytest.TwoStages()
				m.Stages = []journey.Stage{m.Stages[0], {Name: "want", Touchpoints: []journey.Touchpoint{{Name: "w", Match: []journey.Match{{Event: "Want"}}}}}, m.Stages[1]}
				if conditions {
					m.Stages[2].Touchpoints[0].Match[0].Where = []journey.Condition{{Key: "properties.ok", Operator: journey.In, Values: []string{"true"}}}
				}
				plan := engine.Plan{Map: m, Policy: policy, Periods: []journey.Period{journey.Lookback(30*24*3600*journeytest.Second, 20*24*3600*journeytest.Second, policy)}}
				b.ReportAllocs()
				for b.Loop() {
					e, err := engine.New(plan)
					if err != nil {
						b.Fatal(err)
					}
					for i := range rows {
						e.Add(&rows[i])
					}
					if err := e.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
			})
		}
	}
}

// BenchmarkRuns uses rows with only person, time and class, like those for a report of a funnel.
func BenchmarkRuns(b *testing.B) {
	const n = 1_000_000
	rows := journeytest.ManyRows(n)
	numbers, classes, codes, times := map[event.Class]uint16{}, []event.Class{}, make([]uint16, n), make([]int64, n)
	for i := range rows {
		c := event.Class{Source: rows[i].Source, Channel: rows[i].Channel, Name: rows[i].Name}
		if _, known := numbers[c]; !known {
			numbers[c], classes = uint16(len(classes)), append(classes, c)
		}
		codes[i], times[i] = numbers[c], rows[i].Time
	}
	policy := journeytest.Plain
	policy.Window = 7 * 24 * time.Hour
	plan := engine.Plan{
		Map: journeytest.TwoStages(), Policy: policy,
		Periods: []journey.Period{journey.Lookback(30*24*3600*journeytest.Second, 20*24*3600*journeytest.Second, policy)},
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := engine.New(plan)
		if err != nil {
			b.Fatal(err)
		}
		e.NewClasses(classes)
		for i := 0; i < n; i += n / 20_000 {
			e.AddRun(rows[i].Person, times[i:i+n/20_000], codes[i:i+n/20_000])
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}
