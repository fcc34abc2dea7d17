// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// eventNames looks up the named events of a report and keeps the first error.
type eventNames struct {
	// path of the KPI or table, for errors.
	path   string
	events map[v1alpha1.ItemName][]journey.Match
	err    error
}

// namedEvents returns the events of a report by name. The empty name means any event.
func namedEvents(report *v1alpha1.MetricReportSpec) *eventNames {
	n := &eventNames{events: map[v1alpha1.ItemName][]journey.Match{"": {{}}}}
	for _, e := range report.Events {
		n.events[e.Name] = matches(e.Match)
	}
	return n
}

// of returns the events with a name.
func (n *eventNames) of(name v1alpha1.ItemName, field string) []journey.Match {
	list, ok := n.events[name]
	if !ok && n.err == nil {
		n.err = fmt.Errorf("%s.%s: there is no %q in spec.events", n.path, field, name)
	}
	return list
}

// or returns the events with a name, or those called byDefault if the name is empty.
func (n *eventNames) or(name v1alpha1.ItemName, field, byDefault string) []journey.Match {
	if name == "" {
		return []journey.Match{{Event: byDefault}}
	}
	return n.of(name, field)
}
