// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Queries in addition to the funnel. Retention is by day since the first event of a person. A gap of PathGap seconds ends a path, so that paths have
// about three events here. PathSteps is the number of items of a path, PathEdges the number of edges that are shown.
const (
	Cohorts   = Days + 1
	PathGap   = Day
	PathSteps = 5
	PathEdges = 50
)

// Answer is the result of the queries on one engine.
type Answer struct {
	// Reached[k] is the number of persons who reach at least k+1 stages.
	Reached [Stages]int64
	// Kept[i][j] is the number of persons whose first day is i and who were active on day i+j. Kept[i][0] is the size of the cohort.
	Kept [Cohorts][Cohorts]int64
	// Edges of the paths, largest first.
	Edges []Edge
}

// Edge of the paths.
type Edge struct {
	// Step is the position of Source in its session, from 1.
	Step           int
	Source, Target string
	// Sessions with this edge.
	Sessions int64
	// Average seconds from Source to Target, rounded half up to one digit.
	Average string
}

// Average divides two integers, and rounds half up to one digit.
func Average(seconds, sessions int64) string {
	tenths := (20*seconds + sessions) / (2 * sessions)
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// Shown returns the edges that are shown: the largest ones, except those that no shown edge connects with a first item.
func Shown(all []Edge) []Edge {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Step, b.Step), strings.Compare(a.Source, b.Source), strings.Compare(a.Target, b.Target))
	})
	all = all[:min(len(all), PathEdges)]
	// edges are visited by step, so the items that can be reached are known
	reached := [PathSteps + 1]map[string]bool{}
	for step := 1; step < PathSteps; step++ {
		reached[step+1] = map[string]bool{}
		for _, e := range all {
			if e.Step == step && (step == 1 || reached[step][e.Source]) {
				reached[step+1][e.Target] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(e Edge) bool { return e.Step > 1 && !reached[e.Step][e.Source] })
}

// Differs describes the first difference from the correct result, or returns an empty string. Without more, it compares only the funnel.
func (a *Answer) Differs(truth *Answer, more bool) string {
	if a.Reached != truth.Reached {
		return fmt.Sprintf("persons who reach the stages are %v, true is %v", a.Reached, truth.Reached)
	}
	if !more {
		return ""
	}
	for i := range a.Kept {
		if a.Kept[i] != truth.Kept[i] {
			return fmt.Sprintf("retention of day %d is %v, true is %v", i, a.Kept[i], truth.Kept[i])
		}
	}
	for i := range max(len(a.Edges), len(truth.Edges)) {
		var got, want Edge
		if i < len(a.Edges) {
			got = a.Edges[i]
		}
		if i < len(truth.Edges) {
			want = truth.Edges[i]
		}
		if got != want {
			return fmt.Sprintf("edge %d of the paths is %v, true is %v", i, got, want)
		}
	}
	return ""
}
