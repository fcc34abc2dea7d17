// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// NetPromoterScore is the percentage of answers 9 and 10 minus the percentage of answers 0 to 6, from -100 to 100. Answers that are not whole numbers
// from 0 to 10, or are on another scale, are left out.
type NetPromoterScore struct {
	// Match lists the events with answers.
	Match []journey.Match
}

// Matches lists the events by role.
func (n NetPromoterScore) Matches() [][]journey.Match { return [][]journey.Match{n.Match} }

// Read records what the metric needs of an event.
func (NetPromoterScore) Read(v *match.Values, _ uint8, h *metric.Hit) {
	r := v.Row
	const unit = event.MicroUnits
	h.Amount = r.Score
	h.Usable = r.SurveyKind == journey.SurveyNPS && r.Score >= 0 && r.Score <= 10*unit && r.Score%unit == 0 &&
		(r.Scale == 0 || r.Scale == 10*unit)
}

// Needs marks the columns that Read uses.
func (NetPromoterScore) Needs(n *match.Needs) { n.Survey = true }

// NewSums returns empty sums. An error names the invalid field.
func (NetPromoterScore) NewSums(*metric.Context) (metric.Sums, error) {
	return &netPromoterScore{}, nil
}

type netPromoterScore struct {
	answers, promoters, detractors, leftOut int64
}

// OfEvents marks sums that count single events.
func (*netPromoterScore) OfEvents() {}

func (n *netPromoterScore) AddPerson(v *metric.View) {
	for h := range v.PeriodHits() {
		n.add(h)
	}
}

func (n *netPromoterScore) add(h *metric.Hit) {
	if !h.Usable {
		n.leftOut++
		return
	}
	n.answers++
	switch {
	case h.Amount >= 9*event.MicroUnits:
		n.promoters++
	case h.Amount <= 6*event.MicroUnits:
		n.detractors++
	}
}

func (n *netPromoterScore) Merge(other metric.Sums) {
	o := other.(*netPromoterScore)
	n.answers += o.answers
	n.promoters += o.promoters
	n.detractors += o.detractors
	n.leftOut += o.leftOut
}

func (n *netPromoterScore) Value() metric.Value {
	d, ok := number.Divide(100*(n.promoters-n.detractors), n.answers, number.ScoreDigits)
	v := metric.Value{Number: d, Known: ok, Unit: metric.UnitPoints, Samples: n.answers, LeftOut: n.leftOut}
	if score, ok := stats.NPS(n.promoters, n.detractors, n.answers, number.IntervalLevel); ok {
		v.Interval = number.IntervalOf(score.Interval, 1, number.ScoreDigits, number.ScoreMethod)
	}
	v.Note = answersLeftOut(n.leftOut, journey.SurveyNPS, 0, 10)
	return v
}
