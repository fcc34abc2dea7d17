// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Defaults of a paths table.
const (
	defaultPathSteps  = 5
	defaultPathEdges  = 50
	defaultSessionGap = 30 * time.Minute
)

// paths puts a paths table into the words of the journey package.
func paths(t *v1alpha1.PathsTable, events *eventNames) (journey.Table, error) {
	p := journey.Paths{
		Groupings: t.Groupings, Exclude: t.Exclude, Start: t.Start, End: t.End,
		Steps: int(valueOr(t.Steps, defaultPathSteps)), Limit: int(valueOr(t.Edges, defaultPathEdges)),
		MinSessions: valueOr(t.MinSessions, 0), MaxSessions: valueOr(t.MaxSessions, 0),
		SessionGap: config.Duration(t.SessionGap, defaultSessionGap),
	}
	for _, item := range t.Items {
		p.Items = append(p.Items, journey.PathItem{
			Match: events.of(item.Event, "paths.items.event"), Key: item.Key,
			TrimSlash: valueOr(item.TrimSlash, false), LeaveOut: valueOr(item.LeaveOut, false),
		})
	}
	if len(t.Items) == 0 {
		p.Items = []journey.PathItem{{Match: []journey.Match{{}}}}
	}
	return p, events.err
}

// valueOr gives what a pointer points to, or a default.
func valueOr[T any](p *T, or T) T {
	if p == nil {
		return or
	}
	return *p
}
