// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"errors"
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

// ErrConfig says that the document or the spec is wrong: trying again is no use.
var ErrConfig = errors.New("the configuration is wrong")

// StageDays is the table that a map's run adds for itself.
const StageDays = "stage-days"

// maxWhole is the number of events of a store up to which a run reads all of them, so as to count who entered before its time. Larger stores are read
// from where the numbers need them.
const maxWhole = 2_000_000

// defaultLookback is the length of the time in which attempts start, where the spec says nothing.
const defaultLookback = 30 * 24 * time.Hour

// Plan is all that one run computes.
type Plan struct {
	// Journey is the plan of the engine, Scan what it asks the store for.
	Journey engine.Plan
	Scan    store.ScanRequest
	// AsOf is the time of analysis. HeldBackBy names the source that keeps it before the scheduled time; empty for none.
	AsOf       time.Time
	HeldBackBy string
	// Marks of the map's sources.
	Marks []Watermark
	// Length of the time in which attempts start.
	Length time.Duration
	// ByRange says that the spec gives that time by a range.
	ByRange bool
}

// New decides what to compute. Errors of the spec wrap ErrConfig.
//
// file says that the store holds a file: all of it is read, and covered where the spec gives neither lookback nor range.
func New(doc *podconfig.Analysis, scheduled time.Time, state store.State, file bool) (*Plan, error) {
	p := &Plan{Marks: watermarks(doc.Sources, state)}
	analysis := doc.Map.Analysis
	if doc.Report != nil {
		analysis = doc.Report.Analysis
	}
	if analysis == nil {
		analysis = &v1alpha1.Analysis{}
	}
	p.ByRange = analysis.Range != nil
	if analysis.AsOf != nil {
		p.AsOf = analysis.AsOf.UTC().Truncate(time.Second)
	} else {
		p.AsOf, p.HeldBackBy = holdBack(scheduled, complete(p.Marks, file))
	}
	if oldest := p.oldest(); file && analysis.Range == nil && analysis.Lookback == "" && oldest.Before(p.AsOf) && !oldest.IsZero() {
		analysis = analysis.DeepCopy()
		analysis.Range = &v1alpha1.TimeRange{From: metav1.NewTime(oldest), To: metav1.NewTime(p.AsOf.Add(time.Microsecond))}
	}
	if err := p.fill(doc, analysis); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	for _, s := range state.Sources {
		if s.Public {
			p.Journey.PublicSources = append(p.Journey.PublicSources, s.Name)
		}
	}
	p.Scan = p.request(doc, analysis.AsOf != nil && !file)
	if file || state.Health.Events <= maxWhole {
		p.Scan.From = 0
	}
	return p, nil
}

// oldest returns the time of the oldest event of the sources; zero if there is none.
func (p *Plan) oldest() (at time.Time) {
	for _, w := range p.Marks {
		if !w.OldestEvent.IsZero() && (at.IsZero() || w.OldestEvent.Before(at)) {
			at = w.OldestEvent
		}
	}
	return at
}

func (p *Plan) fill(doc *podconfig.Analysis, analysis *v1alpha1.Analysis) error {
	rules, err := policy(&doc.Map)
	if err != nil {
		return err
	}
	if rules.CountBy, err = countBy(doc); err != nil {
		return err
	}
	p.Journey = engine.Plan{
		Map: journeyMap(&doc.Map), Policy: rules, Exclude: conditions(doc.Exclude), Filters: filters(doc.Map.Filters),
	}
	if p.Journey.Calendar, err = calendar(analysis); err != nil {
		return err
	}
	if f := doc.Map.Freshness; f != nil && doc.Report == nil { // a report shows no coverage
		p.Journey.IgnoreEvents = f.IgnoreEvents
	}
	period, length, err := periodOf(analysis, p.AsOf, rules)
	if err != nil {
		return err
	}
	p.Journey.Periods, p.Length = []journey.Period{period}, length
	if doc.Report == nil {
		if rules.Order != journey.AnyOrder {
			p.Journey.Tables = append(p.Journey.Tables, metric.Named{Name: StageDays, Metric: stages.Days{}})
		}
		ways, err := waysTables(&doc.Map)
		p.Journey.Tables = append(p.Journey.Tables, ways...)
		return err
	}
	p.Journey.Filters = append(p.Journey.Filters, filters(doc.Report.Filters)...)
	if p.Journey.KPIs, err = kpis(doc.Report); err != nil {
		return err
	}
	if p.Journey.Tables, err = tables(doc.Report); err != nil {
		return err
	}
	p.Journey.Breakdowns = breakdowns(doc.Report)
	if doc.Report.Compare == v1alpha1.PreviousPeriod {
		// Shifting the time of analysis as well gives every window of the previous period the same age.
		p.Journey.Periods = append(p.Journey.Periods, period.Shift(-length.Microseconds()))
	}
	return nil
}

// periodOf returns the period that is asked for and its length.
func periodOf(analysis *v1alpha1.Analysis, asOf time.Time, rules journey.Policy) (journey.Period, time.Duration, error) {
	if r := analysis.Range; r != nil {
		if !r.From.Before(&r.To) {
			return journey.Period{}, 0, fmt.Errorf("spec.analysis.range: from must be before to")
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
func (p *Plan) request(doc *podconfig.Analysis, asOfGiven bool) store.ScanRequest {
	needs := p.Journey.Needs()
	r := store.ScanRequest{Columns: columns(needs)}
	r.By = p.Journey.Policy.CountBy
	r.From = p.Journey.Since()
	if asOfGiven {
		r.To = p.AsOf.UnixMicro() + 1
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
