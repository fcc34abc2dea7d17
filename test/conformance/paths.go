// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// pathsQuery is the query of a paths case.
type pathsQuery struct {
	span
	StepLimit  *int32   `json:"step_limit"`
	Start      string   `json:"start"`
	End        string   `json:"end"`
	Include    []string `json:"include"`
	Exclude    []string `json:"exclude"`
	Groupings  []string `json:"groupings"`
	EdgeLimit  *int32   `json:"edge_limit"`
	MinEdge    *int64   `json:"min_edge"`
	MaxEdge    *int64   `json:"max_edge"`
	SessionGap *float64 `json:"session_gap_min"`
	Filters    []Filter `json:"filters"`
}

// pathsWant is what a case expects of paths.
type pathsWant struct {
	Edges []struct {
		Source  string   `json:"source"`
		Target  string   `json:"target"`
		Value   *int64   `json:"value"`
		Average *float64 `json:"average_s"`
	} `json:"edges"`
	NEdges *int `json:"n_edges"`
}

func runPaths(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var q pathsQuery
	var want pathsWant
	if err := errors.Join(json.Unmarshal(c.Query, &q), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	report, err := q.spec(c)
	if err != nil {
		return nil, err
	}
	engine, err := w.ask(ctx, anyMap(report.Analysis), report, nil)
	if err != nil {
		return nil, err
	}
	want.compare(&found, engine.Evaluations()[0].Tables[0].(*table.PathsSums).Edges())
	return found, nil
}

// spec converts the query to a report.
func (q *pathsQuery) spec(c *Case) (*v1alpha1.MetricReportSpec, error) {
	analysis, err := q.analysis(c.Events)
	if err != nil {
		return nil, err
	}
	filters, err := clausesOf(q.Filters)
	if err != nil {
		return nil, err
	}
	table := &v1alpha1.PathsTable{
		Groupings: q.Groupings, Exclude: q.Exclude, Start: pathPoint(q.Start), End: pathPoint(q.End),
		Steps: q.StepLimit, Edges: q.EdgeLimit, MinSessions: q.MinEdge, MaxSessions: q.MaxEdge,
	}
	if q.SessionGap != nil {
		table.SessionGap = v1alpha1.Duration(strconv.Itoa(int(*q.SessionGap*60)) + "s")
	}
	table.Items = q.items()
	return &v1alpha1.MetricReportSpec{
		Analysis: analysis, Filters: filters, Tables: []v1alpha1.Table{{Name: "paths", Paths: table}},
		Events: []v1alpha1.NamedEvent{
			{Name: "page", Match: []v1alpha1.EventMatch{{Event: "$pageview"}}},
			{Name: "screen", Match: []v1alpha1.EventMatch{{Event: "$screen"}}},
			{Name: "system", Match: []v1alpha1.EventMatch{{Where: []v1alpha1.EventCondition{
				{Key: "event", Operator: v1alpha1.StartsWith, Values: []string{"$"}},
			}}}},
		},
	}, nil
}

// items returns the rules for the items of paths: events of the included kinds, or all events.
func (q *pathsQuery) items() []v1alpha1.PathItem {
	yes := true
	page := v1alpha1.PathItem{Event: "page", Key: "properties.$current_url", TrimSlash: &yes}
	screen := v1alpha1.PathItem{Event: "screen", Key: "properties.$screen_name"}
	if len(q.Include) == 0 {
		return []v1alpha1.PathItem{page, screen, {}}
	}
	var out []v1alpha1.PathItem
	if slices.Contains(q.Include, "page") {
		out = append(out, page)
	}
	if slices.Contains(q.Include, "screen") {
		out = append(out, screen)
	}
	if slices.Contains(q.Include, "custom") {
		out = append(out, v1alpha1.PathItem{Event: "system", LeaveOut: &yes}, v1alpha1.PathItem{})
	}
	return out
}

// pathPoint formats a start or an end like the items.
func pathPoint(s string) string {
	if len(s) > 1 {
		return strings.TrimSuffix(s, "/")
	}
	return s
}

// compare requires exactly the edges of the case, unless the case counts more edges than it lists.
func (want *pathsWant) compare(found *Disagreements, got []table.PathEdge) {
	if want.NEdges != nil {
		found.equal("number of edges", *want.NEdges, len(got))
	}
	byEnds := map[string]*table.PathEdge{}
	for i := range got {
		e := &got[i]
		byEnds[fmt.Sprintf("%d_%s > %d_%s", e.Step, e.Source, e.Step+1, e.Target)] = e
	}
	for _, e := range want.Edges {
		name := e.Source + " > " + e.Target
		edge := byEnds[name]
		if edge == nil {
			found.addf("edge %s: there is none", name)
			continue
		}
		delete(byEnds, name)
		if e.Value != nil {
			found.equal("value of "+name, *e.Value, edge.Sessions)
		}
		if e.Average != nil {
			found.near("average time of "+name, *e.Average, edge.AverageSeconds(), 0.5)
		}
	}
	if want.Edges == nil || want.NEdges != nil && len(want.Edges) < *want.NEdges {
		return
	}
	for name := range byEnds {
		found.addf("edge %s: it should not be there", name)
	}
}
