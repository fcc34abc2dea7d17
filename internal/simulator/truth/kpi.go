// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// KPI is one number of a report.
type KPI struct {
	Name string `json:"name"`
	// Value is the exact value, as a fraction; nil if there is nothing to compute it from.
	Value   *big.Rat `json:"value,omitempty"`
	Samples int64    `json:"samples"`
	LeftOut int64    `json:"leftOut"`
	// Unsure is the number of persons or events that the sending can have moved across an edge of the time.
	Unsure int64 `json:"unsure"`
}

// KPIs answers a question about a report for all worlds that were sent to one store: its numbers, and those of the time of the same length just
// before. It returns an error for measures that the simulator does not support.
func KPIs(q Question, spec v1alpha1.MetricReportSpec, worlds ...*world.World) (now, before []KPI, err error) {
	if now, err = kpisOf(q, spec, worlds); err != nil {
		return nil, nil, err
	}
	before, err = kpisOf(q.before(), spec, worlds)
	return now, before, err
}

func kpisOf(q Question, spec v1alpha1.MetricReportSpec, worlds []*world.World) ([]KPI, error) {
	journey := Compute(q, worlds...)
	var recent []*world.Event
	each(q, worlds, func(events []*world.Event) {
		for _, e := range events {
			if e.Kind == world.Track && (q.recent(e.Time) || e.Skewed && q.recent(e.Time.Add(Transit))) {
				recent = append(recent, e)
			}
		}
	})
	named := map[v1alpha1.ItemName][]v1alpha1.EventMatch{}
	for _, e := range spec.Events {
		named[e.Name] = e.Match
	}
	out := make([]KPI, len(spec.KPIs))
	for i, k := range spec.KPIs {
		s := sum{q: q, events: recent, currency: spec.Currency, named: named}
		kpi, err := s.measure(k.Measure, journey)
		if err != nil {
			return nil, fmt.Errorf("kpi %s: %w", k.Name, err)
		}
		kpi.Name = string(k.Name)
		out[i] = kpi
	}
	return out, nil
}

// sum iterates over the events in the time of the report.
type sum struct {
	q        Question
	events   []*world.Event
	currency string
	// named holds the events that the report gives names to.
	named map[v1alpha1.ItemName][]v1alpha1.EventMatch
}

func (s sum) measure(m v1alpha1.Measure, journey *Report) (KPI, error) {
	switch {
	case m.ConversionRate != nil:
		from, to := stage(journey, m.ConversionRate.From), stage(journey, m.ConversionRate.To)
		return share(to.Entered, from.Entered, journey.Unsure), nil
	case m.DropOffRate != nil:
		from := stage(journey, m.DropOffRate.Stage)
		return share(from.Dropped, from.Entered, journey.Unsure), nil
	case m.AverageOrderValue != nil:
		return s.orderValue(s.named[m.AverageOrderValue.Event])
	case m.NetPromoterScore != nil:
		return s.promoters(s.named[m.NetPromoterScore.Event])
	case m.EventCount != nil:
		n, unsure, err := s.count(s.named[m.EventCount.Event])
		return KPI{Value: big.NewRat(n, 1), Samples: n, Unsure: unsure}, err
	default:
		above, a, err := s.count(s.named[m.Ratio.Numerator])
		if err != nil {
			return KPI{}, err
		}
		below, b, err := s.count(s.named[m.Ratio.Denominator])
		return share(above, below, a+b), err
	}
}

func stage(journey *Report, name v1alpha1.ItemName) Stage {
	i := slices.IndexFunc(journey.Stages, func(s Stage) bool { return s.Name == string(name) })
	if i < 0 {
		return Stage{}
	}
	return journey.Stages[i]
}

func share(part, whole, unsure int64) KPI {
	k := KPI{Samples: whole, Unsure: unsure}
	if whole != 0 {
		k.Value = big.NewRat(part, whole)
	}
	return k
}

// each calls take for the events of any of the matches, and returns the number of those that can be on either side of an edge. Matches have an event
// name, and optionally a channel.
func (s sum) each(matches []v1alpha1.EventMatch, byDefault string, take func(*world.Event)) (unsure int64, err error) {
	if len(matches) == 0 {
		matches = []v1alpha1.EventMatch{{Event: byDefault}}
	}
	for _, m := range matches {
		for _, c := range m.Where {
			if c.Key != "channel" || c.Operator != v1alpha1.In {
				return 0, fmt.Errorf("the simulator knows conditions on the channel by In only, not %s %s", c.Key, c.Operator)
			}
		}
	}
	for _, e := range s.events {
		if !slices.ContainsFunc(matches, func(m v1alpha1.EventMatch) bool { return wants(m, e) }) {
			continue
		}
		if e.Skewed && s.q.recent(e.Time) != s.q.recent(e.Time.Add(Transit)) {
			unsure++
		}
		if s.q.recent(e.Time) {
			take(e)
		}
	}
	return unsure, nil
}

func wants(m v1alpha1.EventMatch, e *world.Event) bool {
	if m.Event != e.Name {
		return false
	}
	for _, c := range m.Where {
		if !slices.Contains(c.Values, e.Source.Channel()) {
			return false
		}
	}
	return true
}

func (s sum) count(matches []v1alpha1.EventMatch) (n, unsure int64, err error) {
	unsure, err = s.each(matches, "", func(*world.Event) { n++ })
	return n, unsure, err
}

// orderValue returns the mean of the orders in the currency of the report. Each order of the world has its own id.
func (s sum) orderValue(matches []v1alpha1.EventMatch) (KPI, error) {
	var k KPI
	var cents int64
	var err error
	k.Unsure, err = s.each(matches, "Order Completed", func(e *world.Event) {
		if e.Currency != s.currency {
			k.LeftOut++
			return
		}
		k.Samples++
		cents += e.Cents
	})
	if k.Samples > 0 {
		k.Value = big.NewRat(cents, 100*k.Samples)
	}
	return k, err
}

// promoters returns the percentage of nines and tens minus that of zeros to sixes.
func (s sum) promoters(matches []v1alpha1.EventMatch) (KPI, error) {
	var k KPI
	var balance int64
	var err error
	k.Unsure, err = s.each(matches, "Survey Responded", func(e *world.Event) {
		k.Samples++
		switch {
		case e.Score >= 9:
			balance++
		case e.Score <= 6:
			balance--
		}
	})
	if k.Samples > 0 {
		k.Value = big.NewRat(100*balance, k.Samples)
	}
	return k, err
}
