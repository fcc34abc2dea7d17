// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"math/big"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Emotions measures the emotions of customers in each stage by the answers to surveys at its touchpoints. It is the mean of all answers in the
// analysed time, on the scale of the expected emotion from -2 to 2. The lowest answer to a question is -2, the highest 2: NPS goes from 0 to 10, all
// other kinds from 1 to their scale. An answer counts for the first stage whose touchpoint it matches.
type Emotions struct{}

// bestEmotion is the best emotion, in micro-units; the worst is its negative.
const bestEmotion = 2 * event.MicroUnits

// Matches lists the events by role.
func (Emotions) Matches() [][]journey.Match {
	return [][]journey.Match{{{Where: []journey.Condition{{Key: "survey.kind", Operator: journey.Exists}}}}}
}

// Since returns the time from which the metric needs events.
func (Emotions) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// Needs marks the columns that Read uses.
func (Emotions) Needs(n *match.Needs) { n.Survey = true }

// Read records what the metric needs of an event.
func (Emotions) Read(v *match.Values, _ uint8, h *metric.Hit) {
	emotion, ok := emotionOf(v.Row)
	stage := v.Stage()
	if !ok || stage == "" {
		return
	}
	h.Usable, h.Amount = true, emotion
	h.Text = v.Texts.Number(stage)
}

// emotionOf returns an answer in micro-units from -2 to 2, rounded down. It returns false if the answer is not on its scale.
func emotionOf(r *journey.Row) (int64, bool) {
	low, high := event.MicroUnits, r.Scale
	if r.SurveyKind == journey.SurveyNPS {
		low = 0
		if high == 0 {
			high = 10 * event.MicroUnits
		}
	}
	if high <= low || r.Score < low || r.Score > high || high > 1_000*event.MicroUnits {
		return 0, false
	}
	return 2*bestEmotion*(r.Score-low)/(high-low) - bestEmotion, true
}

// NewSums returns empty sums. An error names the invalid field.
func (Emotions) NewSums(c *metric.Context) (metric.Sums, error) {
	s := &EmotionSums{end: c.Period.SpanEnd(c.Policy)}
	for _, stage := range c.Map.Stages {
		s.stages = append(s.stages, stageEmotion{name: stage.Name, number: c.Texts.Number(stage.Name)})
	}
	return s, nil
}

// EmotionSums are the answers of an Emotions.
type EmotionSums struct {
	end    int64
	stages []stageEmotion
}

type stageEmotion struct {
	name   string
	number uint32
	sums   stats.Sums
}

// OfEvents marks that an answer counts no matter who gave it.
func (*EmotionSums) OfEvents() {}

// AddPerson adds a person.
func (s *EmotionSums) AddPerson(v *metric.View) {
	for i := range v.Hits {
		h := &v.Hits[i]
		if !h.Usable || h.Time < v.Period.From || h.Time > s.end {
			continue
		}
		for k := range s.stages {
			if s.stages[k].number == h.Text {
				s.stages[k].sums.Add(h.Amount)
			}
		}
	}
}

// Merge adds the answers of others.
func (s *EmotionSums) Merge(other metric.Sums) {
	for i := range s.stages {
		s.stages[i].sums.Merge(&other.(*EmotionSums).stages[i].sums)
	}
}

// Stage returns the mean emotion of a stage and the number of answers; ok is false if there is none.
func (s *EmotionSums) Stage(stage int) (mean number.Decimal, answers int64, ok bool) {
	sums := &s.stages[stage].sums
	mean, ok = number.DivideBig(sums.Sum.Big(), big.NewInt(sums.N*event.MicroUnits), number.MoneyDigits)
	return mean, sums.N, ok
}

// Grid has one row for each stage with an answer.
func (s *EmotionSums) Grid() metric.Grid {
	g := metric.Grid{Columns: []metric.Column{
		{Name: "stage", Unit: metric.UnitText}, {Name: "emotion", Unit: metric.UnitPoints}, {Name: "answers", Unit: metric.UnitCount},
	}}
	for i := range s.stages {
		if mean, answers, ok := s.Stage(i); ok {
			g.Samples += answers
			g.Rows = append(g.Rows, metric.GridRow{Values: []string{s.stages[i].name, mean.String(), number.Whole(answers)}})
		}
	}
	return g
}
