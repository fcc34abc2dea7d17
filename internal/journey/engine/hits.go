// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// hitRule is one match of one metric.
type hitRule struct {
	// metric is the index among the metrics of the plan: the KPIs first, then the tables.
	metric, role uint8
	where        match.Conditions
}

// metrics holds the matchers of the events of the KPIs and tables.
type metrics struct {
	list  []metric.Metric
	rules match.ByName[hitRule]
}

func newMetrics(plan *Plan) (*metrics, error) {
	m := &metrics{rules: match.ByName[hitRule]{}}
	if len(plan.KPIs) > journey.MaxKPIs {
		return nil, fmt.Errorf("spec.kpis: at most %d KPIs", journey.MaxKPIs)
	}
	if len(plan.Tables) > journey.MaxTables {
		return nil, fmt.Errorf("spec.tables: at most %d tables", journey.MaxTables)
	}
	for i, k := range plan.KPIs {
		if err := m.add(k.Metric, fmt.Sprintf("spec.kpis[%d].measure", i)); err != nil {
			return nil, err
		}
	}
	for i, t := range plan.Tables {
		if err := m.add(t.Metric, fmt.Sprintf("spec.tables[%d]", i)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) add(x metric.Metric, path string) error {
	for role, matches := range x.Matches() {
		for i, wanted := range matches {
			where, err := match.Compile(wanted.Where, fmt.Sprintf("%s, match %d, where", path, i))
			if err != nil {
				return err
			}
			m.rules[wanted.Event] = append(m.rules[wanted.Event], hitRule{metric: uint8(len(m.list)), role: uint8(role), where: where})
		}
	}
	m.list = append(m.list, x)
	return nil
}

// keepHits records the event of a row for each metric that matches it, once for each role.
func (e *Engine) keepHits(rules []hitRule, r *journey.Row) {
	for i := range rules {
		rule := &rules[i]
		hits := e.person.hits[rule.metric]
		if hasHit(hits, rule.role, r) || !rule.where.AllHold(e.values) {
			continue
		}
		// Read fills the hit in place: a local hit would be allocated on the heap for each event.
		hits = append(hits, metric.Hit{Role: rule.role, Time: r.Time, ReceivedAt: r.ReceivedAt, Seq: r.Seq, Index: r.Index})
		e.person.hits[rule.metric] = hits
		h := &hits[len(hits)-1]
		e.metrics.list[rule.metric].Read(e.values, rule.role, h)
		h.Public = h.HasOrder && slices.Contains(e.plan.PublicSources, r.Source)
	}
}

// hasHit reports whether the row is already recorded in that role.
func hasHit(hits []metric.Hit, role uint8, r *journey.Row) bool {
	for i := len(hits) - 1; i >= 0; i-- {
		h := &hits[i]
		if h.Seq != r.Seq || h.Index != r.Index || h.Time != r.Time {
			return false
		}
		if h.Role == role {
			return true
		}
	}
	return false
}
