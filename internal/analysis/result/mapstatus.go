// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/analysis/silence"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// Limits of texts in the status, in characters, as in the CRDs.
const (
	maxEventName = 128
	maxChannel   = 32
)

// Limits of lists in the status, as in the CRDs.
const (
	maxChannels  = 16
	maxUnmatched = 10
	maxSilent    = 10
	maxSources   = 64
)

// mapStatus returns the sums of a run as the status of a JourneyMap, without the fields of the operator.
func (o *Outcome) mapStatus() *v1alpha1.JourneyMapStatus {
	eval := o.Engine.Evaluations()[0]
	funnel := eval.Funnel
	status := &v1alpha1.JourneyMapStatus{
		Summary: o.summary(funnel, eval.Seen),
		Provisional: &v1alpha1.ProvisionalResult{
			Entered: funnel.YoungEntered, InProgress: funnel.YoungInProgress(), Converted: funnel.YoungConverted,
		},
		Coverage:  o.coverage(eval),
		Freshness: o.freshness(),
		Trace:     o.trace(),
	}
	anyOrder := o.Plan.Journey.Policy.Order == journey.AnyOrder
	for i := range funnel.Stages {
		status.Stages = append(status.Stages, stage(&funnel.Stages[i], anyOrder))
		status.Trace.SecondsToNext = append(status.Trace.SecondsToNext, secondsToNext(&funnel.Stages[i])...)
	}
	for i, t := range o.Plan.Journey.Tables {
		if t.Name == plan.StageDays {
			addAnomalies(status.Stages, eval.Tables[i].(*stages.DaySums), funnel.Goal(), &o.Plan.Journey.Calendar)
		}
	}
	o.addWays(status)
	if anyOrder {
		status.Depth = depth(funnel.Depth)
	}
	if len(o.Doc.Map.Personas) > 0 {
		status.Personas = personas(funnel.Personas)
	}
	return status
}

func (o *Outcome) summary(f *funnel.Funnel, seen int64) *v1alpha1.JourneySummary {
	s := &v1alpha1.JourneySummary{Customers: f.Customers, Seen: seen, Period: o.Period(0), Outside: o.outside(), Duplicates: o.duplicatesShown(), Note: o.Note()}
	s.Period.EventsFrom, s.Period.EventsTo = nil, nil // A map does not count events alone.
	if shown := conversionShown(f.Customers, f.Converted, f.YoungEntered, f.YoungConverted); shown != "" {
		s.Display = &v1alpha1.SummaryDisplay{Conversion: shown}
	}
	if f.Customers == 0 {
		return s
	}
	s.Conversion = v1alpha1.Ratio(number.Ratio(f.Converted, f.Customers))
	if worst, ok := f.Worst(); ok {
		w := &f.Stages[worst]
		s.WorstStage = w.Name
		s.WorstDropOff = v1alpha1.Ratio(number.Ratio(w.Dropped(), w.Entered))
		s.Display.DropOff = number.Percent(w.Dropped(), w.Entered)
	}
	return s
}

func stage(s *funnel.StageSums, anyOrder bool) v1alpha1.StageResult {
	out := v1alpha1.StageResult{
		Name: v1alpha1.ItemName(s.Name), Entered: s.Entered, Converted: s.Converted, Dropped: s.Dropped(), Reach: s.Reach,
	}
	if !anyOrder {
		out.DropOff = v1alpha1.Ratio(number.Ratio(s.Dropped(), s.Entered))
	}
	median, some := s.Next.Median()
	if mean, ok := s.Next.Mean(); ok && some {
		out.MedianTimeToNext, out.MeanTimeToNext = number.Words(median), number.Words(mean)
	}
	for _, c := range s.Channels(maxChannels) {
		out.ByChannel = append(out.ByChannel, v1alpha1.ChannelCount{
			Channel: fit.Text(c.Channel, maxChannel), Entered: c.Entered, Converted: c.Converted,
		})
	}
	return out
}

// secondsToNext returns the times of a stage as numbers, or nothing if nobody continued.
func secondsToNext(s *funnel.StageSums) []v1alpha1.SecondsToNext {
	median, some := s.Next.Median()
	mean, ok := s.Next.Mean()
	if !some || !ok {
		return nil
	}
	return []v1alpha1.SecondsToNext{{Stage: v1alpha1.ItemName(s.Name), Median: median, Mean: mean}}
}

func depth(counts []int64) []v1alpha1.DepthResult {
	var out []v1alpha1.DepthResult
	for i, n := range counts {
		d := v1alpha1.DepthResult{Stages: int32(i + 1), Customers: n}
		if i+1 < len(counts) {
			d.DropOff = v1alpha1.Ratio(number.Ratio(n-counts[i+1], n))
		}
		out = append(out, d)
	}
	return out
}

func personas(sums []funnel.PersonaSums) []v1alpha1.PersonaResult {
	var out []v1alpha1.PersonaResult
	for _, p := range sums {
		out = append(out, v1alpha1.PersonaResult{
			Name: p.Name, Customers: p.Customers, Converted: p.Converted,
			Conversion: v1alpha1.Ratio(number.Ratio(p.Converted, p.Customers)),
		})
	}
	return out
}

func (o *Outcome) coverage(eval *engine.Evaluation) *v1alpha1.CoverageResult {
	c := eval.Coverage
	out := &v1alpha1.CoverageResult{
		Matched: c.Matched, Unmatched: c.Unmatched,
		Ratio: v1alpha1.Ratio(number.Ratio(c.Matched, c.Matched+c.Unmatched)),
	}
	for _, n := range c.TopUnmatched(maxUnmatched, mask.Name) {
		out.TopUnmatched = append(out.TopUnmatched, v1alpha1.EventCount{Event: fit.Text(n.Name, maxEventName), Count: n.Count})
	}
	a := o.silence(eval)
	out.Since = Stamp(a.Since)
	out.SilentCount, out.SilentTouchpoints = int32(len(a.Silent)), a.Silent[:min(len(a.Silent), maxSilent)]
	out.QuietCount, out.QuietTouchpoints = int32(len(a.Quiet)), a.Quiet[:min(len(a.Quiet), maxSilent)]
	return out
}

// silence evaluates the touchpoints without events.
func (o *Outcome) silence(eval *engine.Evaluation) silence.Answer {
	q := silence.Question{
		From: time.UnixMicro(eval.Period.From).UTC(), AsOf: o.Plan.AsOf, Lookback: o.Plan.Length,
	}
	for _, w := range o.Plan.Marks {
		q.Sources = append(q.Sources, silence.Source{Channel: w.Channel, Oldest: w.OldestEvent, Newest: w.NewestEvent, Received: w.NewestReceived})
	}
	channels := map[journey.TouchpointName]string{}
	for i := range o.Doc.Map.Stages {
		for _, t := range o.Doc.Map.Stages[i].Touchpoints {
			channels[journey.TouchpointName{Stage: string(o.Doc.Map.Stages[i].Name), Touchpoint: string(t.Name)}] = string(t.Channel)
		}
	}
	var list []silence.Touchpoint
	for i, name := range o.Engine.Touchpoints() {
		list = append(list, silence.Touchpoint{
			Name: name.Stage + "/" + name.Touchpoint, Channel: channels[name], Events: eval.Coverage.Touchpoints[i], Ahead: o.Engine.Ahead(i),
		})
	}
	return q.Evaluate(list)
}

// freshness returns nil if there are no sources and a review is never due.
func (o *Outcome) freshness() *v1alpha1.FreshnessResult {
	due, _ := o.Doc.Map.Freshness.ReviewDue(o.Doc.MapCreatedAt.Time)
	out := v1alpha1.FreshnessResult{ReviewDue: Stamp(due)}
	for _, w := range o.Plan.Marks[:min(len(o.Plan.Marks), maxSources)] {
		out.Sources = append(out.Sources, v1alpha1.SourceFreshness{Name: v1alpha1.LocalName(w.Source), NewestEventTime: Stamp(w.NewestEvent)})
	}
	if out.ReviewDue == nil && out.Sources == nil {
		return nil
	}
	return &out
}
