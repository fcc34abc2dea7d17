// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/silence"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// Bounds of lists in status, as the CRDs have them.
const (
	maxChannels  = 16
	maxUnmatched = 10
	maxSilent    = 10
	maxSources   = 64
)

// mapStatus writes the sums of a run as the status of a JourneyMap, without what the operator writes.
func (o *outcome) mapStatus() *v1alpha1.JourneyMapStatus {
	eval := o.engine.Evaluations()[0]
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
	anyOrder := o.plan.journey.Policy.Order == journey.AnyOrder
	for i := range funnel.Stages {
		status.Stages = append(status.Stages, stage(&funnel.Stages[i], anyOrder))
		status.Trace.SecondsToNext = append(status.Trace.SecondsToNext, secondsToNext(&funnel.Stages[i])...)
	}
	for i, t := range o.plan.journey.Tables {
		if t.Name == stageDays {
			addAnomalies(status.Stages, eval.Tables[i].(*stages.DaySums), funnel.Goal(), &o.plan.journey.Calendar)
		}
	}
	o.addWays(status)
	if anyOrder {
		status.Depth = depth(funnel.Depth)
	}
	if len(o.doc.Map.Personas) > 0 {
		status.Personas = personas(funnel.Personas)
	}
	return status
}

func (o *outcome) summary(f *funnel.Funnel, seen int64) *v1alpha1.JourneySummary {
	s := &v1alpha1.JourneySummary{Customers: f.Customers, Seen: seen, Period: o.period(0), Outside: o.outside(), Duplicates: o.duplicatesShown(), Note: o.note()}
	s.Period.EventsFrom, s.Period.EventsTo = nil, nil // a map counts no events by themselves
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
			Channel: safeText(c.Channel, maxChannel), Entered: c.Entered, Converted: c.Converted,
		})
	}
	return out
}

// secondsToNext gives the times of a stage as numbers; nothing when nobody went on.
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

func (o *outcome) coverage(eval *engine.Evaluation) *v1alpha1.CoverageResult {
	c := eval.Coverage
	out := &v1alpha1.CoverageResult{
		Matched: c.Matched, Unmatched: c.Unmatched,
		Ratio: v1alpha1.Ratio(number.Ratio(c.Matched, c.Matched+c.Unmatched)),
	}
	for _, n := range c.TopUnmatched(maxUnmatched, mask.Name) {
		out.TopUnmatched = append(out.TopUnmatched, v1alpha1.EventCount{Event: safeText(n.Name, maxEventName), Count: n.Count})
	}
	a := o.silence(eval)
	out.Since = stamp(a.Since)
	out.SilentCount, out.SilentTouchpoints = int32(len(a.Silent)), a.Silent[:min(len(a.Silent), maxSilent)]
	out.QuietCount, out.QuietTouchpoints = int32(len(a.Quiet)), a.Quiet[:min(len(a.Quiet), maxSilent)]
	return out
}

// silence judges the touchpoints without events.
func (o *outcome) silence(eval *engine.Evaluation) silence.Answer {
	q := silence.Question{
		From: time.UnixMicro(eval.Period.From).UTC(), AsOf: o.plan.asOf, Lookback: o.plan.length,
	}
	for _, w := range o.plan.marks {
		q.Sources = append(q.Sources, silence.Source{Channel: w.Channel, Oldest: w.OldestEvent, Newest: w.NewestEvent, Received: w.NewestReceived})
	}
	channels := map[journey.TouchpointName]string{}
	for i := range o.doc.Map.Stages {
		for _, t := range o.doc.Map.Stages[i].Touchpoints {
			channels[journey.TouchpointName{Stage: string(o.doc.Map.Stages[i].Name), Touchpoint: string(t.Name)}] = string(t.Channel)
		}
	}
	var list []silence.Touchpoint
	for i, name := range o.engine.Touchpoints() {
		list = append(list, silence.Touchpoint{
			Name: name.Stage + "/" + name.Touchpoint, Channel: channels[name], Events: eval.Coverage.Touchpoints[i], Ahead: o.engine.Ahead(i),
		})
	}
	return q.Judge(list)
}

// freshness gives nil when there is no source, and no review is due ever.
func (o *outcome) freshness() *v1alpha1.FreshnessResult {
	due, _ := o.doc.Map.Freshness.ReviewDue(o.doc.MapCreatedAt.Time)
	out := v1alpha1.FreshnessResult{ReviewDue: stamp(due)}
	for _, w := range o.plan.marks[:min(len(o.plan.marks), maxSources)] {
		out.Sources = append(out.Sources, v1alpha1.SourceFreshness{Name: v1alpha1.LocalName(w.Source), NewestEventTime: stamp(w.NewestEvent)})
	}
	if out.ReviewDue == nil && out.Sources == nil {
		return nil
	}
	return &out
}
