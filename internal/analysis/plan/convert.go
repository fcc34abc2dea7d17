// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Default event names of measures.
const (
	defaultOrderEvent  = "Order Completed"
	defaultAnswerEvent = "Survey Responded"
)

// journeyMap converts a spec to the types of the journey package.
func journeyMap(spec *v1alpha1.JourneyMapSpec) journey.Map {
	var m journey.Map
	for _, p := range spec.Personas {
		m.Personas = append(m.Personas, journey.Persona{Name: string(p.Name), Where: conditions(p.Where)})
	}
	for _, s := range spec.Stages {
		stage := journey.Stage{Name: string(s.Name), Optional: s.Optional != nil && *s.Optional}
		for _, t := range s.Touchpoints {
			stage.Touchpoints = append(stage.Touchpoints, journey.Touchpoint{
				Name: string(t.Name), Channel: string(t.Channel), Match: matches(t.Match),
				FirstEver: t.FirstEver != nil && *t.FirstEver,
			})
		}
		m.Stages = append(m.Stages, stage)
	}
	return m
}

func matches(list []v1alpha1.EventMatch) []journey.Match {
	out := make([]journey.Match, 0, len(list))
	for _, m := range list {
		out = append(out, journey.Match{Event: m.Event, Where: conditions(m.Where)})
	}
	return out
}

func conditions(list []v1alpha1.EventCondition) []journey.Condition {
	out := make([]journey.Condition, 0, len(list))
	for _, c := range list {
		out = append(out, journey.Condition{Key: c.Key, Operator: journey.Operator(c.Operator), Values: c.Values})
	}
	return out
}

// kpis converts the measures of a report to the types of the journey package.
func kpis(report *v1alpha1.MetricReportSpec) ([]metric.Named, error) {
	var out []metric.Named
	events := namedEvents(report)
	for i := range report.KPIs {
		k := &report.KPIs[i]
		events.path = fmt.Sprintf("spec.kpis[%d].measure", i)
		m := measure(&k.Measure, report, events)
		if events.err != nil {
			return nil, events.err
		}
		if m == nil {
			return nil, fmt.Errorf("%s: set exactly one measure", events.path)
		}
		out = append(out, metric.Named{Name: string(k.Name), Metric: m})
	}
	return out, nil
}

func measure(m *v1alpha1.Measure, report *v1alpha1.MetricReportSpec, events *eventNames) metric.Metric {
	switch {
	case m.ConversionRate != nil:
		return kpi.ConversionRate{From: string(m.ConversionRate.From), To: string(m.ConversionRate.To)}
	case m.DropOffRate != nil:
		return kpi.DropOffRate{Stage: string(m.DropOffRate.Stage)}
	case m.AverageOrderValue != nil:
		return kpi.AverageOrderValue(orders(report, v1alpha1.EventRef(m.AverageOrderValue.Event), "averageOrderValue.event", events))
	case m.NetPromoterScore != nil:
		return kpi.NetPromoterScore{Match: events.or(m.NetPromoterScore.Event, "netPromoterScore.event", defaultAnswerEvent)}
	case m.EventCount != nil:
		return kpi.EventCount{Match: events.of(m.EventCount.Event, "eventCount.event")}
	case m.Ratio != nil:
		return kpi.EventRatio{
			Numerator:   events.of(m.Ratio.Numerator, "ratio.numerator"),
			Denominator: events.of(m.Ratio.Denominator, "ratio.denominator"),
		}
	}
	return customerMeasure(m, report, events)
}
