// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Defaults of a paths table.
const (
	defaultPathSteps  = 5
	defaultPathEdges  = 50
	defaultSessionGap = 30 * time.Minute
)

// paths converts a paths table to the types of the journey package.
func paths(t *v1alpha1.PathsTable, events *eventNames) (metric.Metric, error) {
	p := table.Paths{
		Groupings: t.Groupings, Exclude: t.Exclude, Start: t.Start, End: t.End,
		Steps: int(valueOr(t.Steps, defaultPathSteps)), Limit: int(valueOr(t.Edges, defaultPathEdges)),
		MinSessions: valueOr(t.MinSessions, 0), MaxSessions: valueOr(t.MaxSessions, 0),
		SessionGap: t.SessionGap.Or(defaultSessionGap),
	}
	for _, item := range t.Items {
		p.Items = append(p.Items, table.PathItem{
			Match: events.of(item.Event, "paths.items.event"), Key: item.Key,
			TrimSlash: valueOr(item.TrimSlash, false), LeaveOut: valueOr(item.LeaveOut, false),
		})
	}
	if len(t.Items) == 0 {
		p.Items = []table.PathItem{{Match: []journey.Match{{}}}}
	}
	return p, events.err
}

// valueOr dereferences a pointer, or returns a default for nil.
func valueOr[T any](p *T, or T) T {
	if p == nil {
		return or
	}
	return *p
}

// transitionsTable converts a transitions table to the types of the journey package.
func transitionsTable(t *v1alpha1.TransitionsTable, events *eventNames) (metric.Metric, error) {
	return table.Transitions{
		Event: events.of(t.Event, "transitions.event"), Between: table.Between(t.Between),
		SessionGap: t.SessionGap.Or(0), Collapse: valueOr(t.Collapse, false),
	}, events.err
}

// driversTable converts a drivers table to the types of the journey package.
func driversTable(t *v1alpha1.DriversTable, events *eventNames) (metric.Metric, error) {
	return table.Drivers{
		Event: events.of(t.Event, "drivers.event"), Key: cmp.Or(t.Key, "event"), MinCustomers: valueOr(t.MinCustomers, stats.MinSegment),
	}, events.err
}
