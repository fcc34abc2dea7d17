// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// CustomerSatisfaction is the share of satisfied answers: on a scale of 1 to 5, usually 4 and 5. Answers that are not whole numbers of the scale, or
// are on another scale, are left out.
type CustomerSatisfaction struct {
	// Match lists the events with answers.
	Match []journey.Match
	// Scale is the highest answer; the lowest is 1.
	Scale int64
	// SatisfiedFrom is the lowest answer that counts as satisfied.
	SatisfiedFrom int64
}

// CustomerEffortScore is the mean of the answers to "the company made it easy for me", from 1 to Scale; higher is better. Answers that are not whole
// numbers of the scale, or are on another scale, are left out.
type CustomerEffortScore struct {
	// Match lists the events with answers.
	Match []journey.Match
	// Scale is the highest answer, usually 7; the lowest is 1.
	Scale int64
}

// Matches lists the events by role.
func (c CustomerSatisfaction) Matches() [][]journey.Match { return [][]journey.Match{c.Match} }

// Read records what the metric needs of an event.
func (c CustomerSatisfaction) Read(v *match.Values, _ uint8, h *metric.Hit) {
	readAnswer(v, h, journey.SurveyCSAT, c.Scale)
}

// Needs marks the columns that Read uses.
func (CustomerSatisfaction) Needs(n *match.Needs) { n.Survey = true }

// NewSums returns empty sums. An error names the invalid field.
func (c CustomerSatisfaction) NewSums(*metric.Context) (metric.Sums, error) {
	if c.Scale < 2 || c.SatisfiedFrom < 2 || c.SatisfiedFrom > c.Scale {
		return nil, fmt.Errorf("customerSatisfaction.satisfiedFrom: from 2 to the scale, which is %d", c.Scale)
	}
	return &satisfaction{scale: c.Scale, from: c.SatisfiedFrom * event.MicroUnits}, nil
}

// Matches lists the events by role.
func (c CustomerEffortScore) Matches() [][]journey.Match { return [][]journey.Match{c.Match} }

// Read records what the metric needs of an event.
func (c CustomerEffortScore) Read(v *match.Values, _ uint8, h *metric.Hit) {
	readAnswer(v, h, journey.SurveyCES, c.Scale)
}

// Needs marks the columns that Read uses.
func (CustomerEffortScore) Needs(n *match.Needs) { n.Survey = true }

// NewSums returns empty sums. An error names the invalid field.
func (c CustomerEffortScore) NewSums(*metric.Context) (metric.Sums, error) {
	if c.Scale < 2 {
		return nil, fmt.Errorf("customerEffortScore.scale: at least 2")
	}
	return &effort{scale: c.Scale}, nil
}

// readAnswer records an answer of a kind on a scale of whole numbers from 1.
func readAnswer(v *match.Values, h *metric.Hit, kind string, scale int64) {
	const unit = event.MicroUnits
	r := v.Row
	h.Amount = r.Score
	h.Usable = r.SurveyKind == kind && r.Score >= unit && r.Score <= scale*unit && r.Score%unit == 0 && (r.Scale == 0 || r.Scale == scale*unit)
}

// answersLeftOut describes why events that match are not answers. It is empty if all of them are.
func answersLeftOut(n int64, kind string, least, most int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("events without an answer of the kind %s in whole numbers from %d to %d on that scale are left out (%d)", kind, least, most, n)
}

type satisfaction struct {
	from, scale                 int64
	answers, satisfied, leftOut int64
}

// OfEvents marks sums that count single events.
func (*satisfaction) OfEvents() {}

func (s *satisfaction) AddPerson(v *metric.View) {
	for h := range v.PeriodHits() {
		s.add(h)
	}
}

func (s *satisfaction) add(h *metric.Hit) {
	switch {
	case !h.Usable:
		s.leftOut++
		return
	case h.Amount >= s.from:
		s.satisfied++
	}
	s.answers++
}

func (s *satisfaction) Merge(other metric.Sums) {
	o := other.(*satisfaction)
	s.answers, s.satisfied, s.leftOut = s.answers+o.answers, s.satisfied+o.satisfied, s.leftOut+o.leftOut
}

func (s *satisfaction) Value() metric.Value {
	v := shareWithInterval(s.satisfied, s.answers)
	v.LeftOut, v.Note = s.leftOut, answersLeftOut(s.leftOut, journey.SurveyCSAT, 1, s.scale)
	return v
}

type effort struct {
	answers        stats.Sums
	leftOut, scale int64
}

// OfEvents marks sums that count single events.
func (*effort) OfEvents() {}

func (e *effort) AddPerson(v *metric.View) {
	for h := range v.PeriodHits() {
		e.add(h)
	}
}

func (e *effort) add(h *metric.Hit) {
	if !h.Usable {
		e.leftOut++
		return
	}
	e.answers.Add(h.Amount)
}

func (e *effort) Merge(other metric.Sums) {
	o := other.(*effort)
	e.answers.Merge(&o.answers)
	e.leftOut += o.leftOut
}

func (e *effort) Value() metric.Value {
	v := meanOfSizes(&e.answers, effortDigits, metric.UnitPoints)
	v.LeftOut, v.Note = e.leftOut, answersLeftOut(e.leftOut, journey.SurveyCES, 1, e.scale)
	return v
}

// effortDigits is the number of digits of a mean answer.
const effortDigits = 2
