// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"time"
	_ "time/tzdata" // The image has no time zone database.

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// calendar returns the calendar of an analysis.
func calendar(a *v1alpha1.Analysis) (journey.Calendar, error) {
	c := journey.Calendar{Location: time.UTC, WeekStart: time.Monday}
	if a.WeekStart == v1alpha1.Sunday {
		c.WeekStart = time.Sunday
	}
	if a.TimeZone != "" {
		location, err := time.LoadLocation(a.TimeZone)
		if err != nil {
			return c, fmt.Errorf("spec.analysis.timeZone: %w", err)
		}
		c.Location = location
	}
	return c, nil
}

func filters(list []v1alpha1.EventFilter) []journey.Clause {
	var out []journey.Clause
	for _, f := range list {
		out = append(out, journey.Clause{AnyOf: conditions(f.AnyOf)})
	}
	return out
}

// tables converts the tables of a report to the types of the journey package.
func tables(report *v1alpha1.MetricReportSpec) ([]metric.Named, error) {
	var out []metric.Named
	events := namedEvents(report)
	for i := range report.Tables {
		events.path = fmt.Sprintf("spec.tables[%d]", i)
		t, err := tableOf(&report.Tables[i], report, events)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, fmt.Errorf("%s: set exactly one kind of table", events.path)
		}
		out = append(out, metric.Named{Name: string(report.Tables[i].Name), Metric: t})
	}
	return out, nil
}

// tableOf returns nil if no kind of table is set.
func tableOf(t *v1alpha1.Table, report *v1alpha1.MetricReportSpec, events *eventNames) (out metric.Metric, err error) {
	switch {
	case t.Funnel != nil:
		out = table.Funnel{}
	case t.Trend != nil:
		out = table.Trend{From: string(t.Trend.From), To: string(t.Trend.To), Period: journey.Unit(t.Trend.Period)}
	case t.TimeToConvert != nil:
		out = table.TimeToConvert{
			From: string(t.TimeToConvert.From), To: string(t.TimeToConvert.To), Bins: Whole(t.TimeToConvert.Bins, 0),
		}
	case t.Stickiness != nil:
		s := t.Stickiness
		out = table.Stickiness{Event: events.of(s.Event, "stickiness.event"), Period: journey.Unit(s.Period), Cumulative: s.Cumulative}
	case t.Paths != nil:
		return paths(t.Paths, events)
	case t.Experiment != nil:
		return experimentTable(t.Experiment, events)
	case t.Attribution != nil:
		return attributionTable(t.Attribution, report, events)
	case t.Transitions != nil:
		return transitionsTable(t.Transitions, events)
	case t.Drivers != nil:
		return driversTable(t.Drivers, events)
	default:
		out = customerTable(t, report, events)
	}
	return out, events.err
}
