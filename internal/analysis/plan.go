// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"cmp"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// defaultLookback is the length of the time in which attempts begin, where the spec says nothing.
const defaultLookback = 30 * 24 * time.Hour

// plan is all that one run computes.
type plan struct {
	journey    engine.Plan
	scan       store.ScanRequest
	asOf       time.Time
	heldBackBy string
	marks      []Watermark
	// length of the time in which attempts begin.
	length time.Duration
	// byRange says that the spec gives that time by a range.
	byRange bool
}

// newPlan decides what to compute. Errors of the spec wrap ErrConfig.
//
// file says that the store holds a file: all of it is read, and covered where the spec gives neither lookback nor range.
func newPlan(doc *podconfig.Analysis, scheduled time.Time, state store.State, file bool) (*plan, error) {
	p := &plan{marks: watermarks(doc.Sources, state)}
	analysis := doc.Map.Analysis
	if doc.Report != nil {
		analysis = doc.Report.Analysis
	}
	if analysis == nil {
		analysis = &v1alpha1.Analysis{}
	}
	p.byRange = analysis.Range != nil
	if analysis.AsOf != nil {
		p.asOf = analysis.AsOf.UTC().Truncate(time.Second)
	} else {
		p.asOf, p.heldBackBy = holdBack(scheduled, complete(p.marks, file))
	}
	if oldest := p.oldest(); file && analysis.Range == nil && analysis.Lookback == "" && oldest.Before(p.asOf) && !oldest.IsZero() {
		analysis = analysis.DeepCopy()
		analysis.Range = &v1alpha1.TimeRange{From: metav1.NewTime(oldest), To: metav1.NewTime(p.asOf.Add(time.Microsecond))}
	}
	if err := p.fill(doc, analysis); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	for _, s := range state.Sources {
		if s.Public {
			p.journey.PublicSources = append(p.journey.PublicSources, s.Name)
		}
	}
	p.scan = p.request(doc, analysis.AsOf != nil && !file)
	if file || state.Health.Events <= maxWhole {
		p.scan.From = 0
	}
	return p, nil
}

// oldest gives the time of the oldest event of the sources; zero when there is none.
func (p *plan) oldest() (at time.Time) {
	for _, w := range p.marks {
		if !w.OldestEvent.IsZero() && (at.IsZero() || w.OldestEvent.Before(at)) {
			at = w.OldestEvent
		}
	}
	return at
}

func (p *plan) fill(doc *podconfig.Analysis, analysis *v1alpha1.Analysis) error {
	rules, err := policy(&doc.Map)
	if err != nil {
		return err
	}
	if rules.CountBy, err = countBy(doc); err != nil {
		return err
	}
	p.journey = engine.Plan{
		Map: journeyMap(&doc.Map), Policy: rules, Exclude: conditions(doc.Exclude), Filters: filters(doc.Map.Filters),
	}
	if p.journey.Calendar, err = calendar(analysis); err != nil {
		return err
	}
	if f := doc.Map.Freshness; f != nil && doc.Report == nil { // a report shows no coverage
		p.journey.IgnoreEvents = f.IgnoreEvents
	}
	period, length, err := periodOf(analysis, p.asOf, rules)
	if err != nil {
		return err
	}
	p.journey.Periods, p.length = []journey.Period{period}, length
	if doc.Report == nil {
		if rules.Order != journey.AnyOrder {
			p.journey.Tables = append(p.journey.Tables, metric.Named{Name: stageDays, Metric: stages.Days{}})
		}
		ways, err := waysTables(&doc.Map)
		p.journey.Tables = append(p.journey.Tables, ways...)
		return err
	}
	p.journey.Filters = append(p.journey.Filters, filters(doc.Report.Filters)...)
	if p.journey.KPIs, err = kpis(doc.Report); err != nil {
		return err
	}
	if p.journey.Tables, err = tables(doc.Report); err != nil {
		return err
	}
	p.journey.Breakdowns = breakdowns(doc.Report)
	if doc.Report.Compare == v1alpha1.PreviousPeriod {
		// Shifting the time of analysis as well gives every window of the previous period the same age.
		p.journey.Periods = append(p.journey.Periods, period.Shift(-length.Microseconds()))
	}
	return nil
}

// periodOf gives the period that is asked for and its length.
func periodOf(analysis *v1alpha1.Analysis, asOf time.Time, rules journey.Policy) (journey.Period, time.Duration, error) {
	if r := analysis.Range; r != nil {
		if !r.From.Before(&r.To) {
			return journey.Period{}, 0, fmt.Errorf("spec.analysis.range: from has to be before to")
		}
		return journey.Range(r.From.UnixMicro(), r.To.UnixMicro(), asOf.UnixMicro(), rules), r.To.Sub(r.From.Time), nil
	}
	lookback, err := analysis.Lookback.Parse()
	if err != nil {
		return journey.Period{}, 0, fmt.Errorf("spec.analysis.lookback: %w", err)
	}
	lookback = cmp.Or(lookback, defaultLookback)
	return journey.Lookback(asOf.UnixMicro(), lookback.Microseconds(), rules), lookback, nil
}

// request asks the store for no more than the plan needs. What lies after the time of analysis is read and counted, unless
// that time was given: then all that came since would be.
func (p *plan) request(doc *podconfig.Analysis, asOfGiven bool) store.ScanRequest {
	needs := p.journey.Needs()
	r := store.ScanRequest{Columns: columns(needs)}
	r.By = p.journey.Policy.CountBy
	r.From = p.journey.Since()
	if asOfGiven {
		r.To = p.asOf.UnixMicro() + 1
	}
	for _, s := range doc.Map.Sources {
		r.Sources = append(r.Sources, string(s.Name))
	}
	return r
}

func columns(needs match.Needs) []string {
	list := []string{
		store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent,
		store.ColumnReceivedAt, store.ColumnFlags,
	}
	for _, c := range []struct {
		needed bool
		names  []string
	}{
		{needs.Properties, []string{store.ColumnProperties}},
		{needs.Traits, []string{store.ColumnTraits}},
		{needs.Groups, []string{store.ColumnGroups}},
		{needs.SessionID, []string{store.ColumnSessionID}},
		{needs.Money, []string{store.ColumnOrderID, store.ColumnAmount, store.ColumnCurrency}},
		{needs.Survey, []string{store.ColumnSurveyKind, store.ColumnScore, store.ColumnScale}},
	} {
		if c.needed {
			list = append(list, c.names...)
		}
	}
	return list
}
