// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// The exposures are A and C, the conversion is B.
func TestExperimentAgainstReference(t *testing.T) {
	draw := func(t *rapid.T) metric.Metric {
		return Experiment{
			Variants:   []Variant{{Name: "old", Exposure: journeytest.EventA(), Weight: 1}, {Name: "new", Exposure: []journey.Match{{Event: "C"}}, Weight: 1}},
			Conversion: journeytest.EventB(), Within: time.Duration(rapid.IntRange(1, 100).Draw(t, "within")) * time.Hour, Level: 0.95,
		}
	}
	checkTable(t, draw, func(t *rapid.T, table metric.Metric, period *journey.Period, _ *journey.Calendar, byPerson [][]journey.Row, got metric.Sums) {
		within := table.(Experiment).Within.Microseconds()
		want := ExperimentSums{Persons: []int64{0, 0}, Converted: []int64{0, 0}}
		for _, rows := range byPerson {
			seen := map[string]bool{}
			var first *journey.Row
			for i, r := range rows {
				if r.Name != "B" && r.Time >= period.EventsFrom && r.Time < period.EventsTo {
					seen[r.Name] = true
					if first == nil {
						first = &rows[i]
					}
				}
			}
			switch {
			case first == nil:
			case len(seen) > 1:
				want.Mixed++
			case first.Time+within > period.AsOf:
				want.Young++
			default:
				variant := map[string]int{"A": 0, "C": 1}[first.Name]
				want.Persons[variant]++
				for _, r := range rows {
					if r.Name == "B" && r.Time >= first.Time && r.Time <= first.Time+within {
						want.Converted[variant]++
						break
					}
				}
			}
		}
		s := got.(*ExperimentSums)
		require.Equal(t, want, ExperimentSums{Persons: s.Persons, Converted: s.Converted, Mixed: s.Mixed, Young: s.Young})
	})
}

// The verdicts of clear cases.
func TestExperimentGrid(t *testing.T) {
	e := Experiment{Variants: []Variant{{Name: "old", Weight: 1}, {Name: "new", Weight: 1}, {Name: "bad", Weight: 1}}, Level: 0.95, Within: time.Hour}
	grid := func(persons, converted []int64) [][]string {
		s := &ExperimentSums{experiment: e, Persons: persons, Converted: converted, Mixed: 3, Young: 4}
		g := s.Grid()
		require.EqualValues(t, 7, g.LeftOut)
		var verdicts [][]string
		for _, r := range g.Rows {
			require.Len(t, r.Values, len(g.Columns))
			verdicts = append(verdicts, []string{r.Values[0], r.Values[3], r.Values[4], r.Values[8]})
		}
		return verdicts
	}
	for _, fixed := range []bool{true, false} {
		e.FixedHorizon = fixed
		require.Equal(t, [][]string{
			{"old", "0.1000", "", "control"}, {"new", "0.1600", "0.0600", "better"}, {"bad", "0.0400", "-0.0600", "worse"},
			{"split", "", "", "as planned"},
		}, grid([]int64{2000, 2000, 2000}, []int64{200, 320, 80}), "fixed %v", fixed)
		require.Equal(t, "no difference shown", grid([]int64{2000, 2000, 2000}, []int64{200, 203, 199})[1][3])
		require.Equal(t, "not as planned: do not trust the other rows", grid([]int64{2000, 2400, 2000}, []int64{200, 240, 200})[3][3])
	}
	require.Equal(t, "too few", grid([]int64{2, 2, 2}, []int64{1, 1, 1})[1][3])
	// With one fixed look, 8 more in 1,000 are a difference. With sequential looks, they are not a difference yet.
	e.Variants = e.Variants[:2]
	e.FixedHorizon = true
	require.Equal(t, "better", grid([]int64{10000, 10000}, []int64{1000, 1090})[1][3])
	e.FixedHorizon = false
	require.Equal(t, "no difference shown", grid([]int64{10000, 10000}, []int64{1000, 1090})[1][3])
}

func TestInvalidExperiments(t *testing.T) {
	_, err := Experiment{Variants: []Variant{{Name: "old"}}, Within: time.Hour, Level: 0.9}.NewSums(nil)
	require.ErrorContains(t, err, "a control and 1 to 7 variants")
	_, err = Experiment{Variants: make([]Variant, 2), Within: time.Hour, Level: 1}.NewSums(nil)
	require.ErrorContains(t, err, "level between 0 and 1")
}
