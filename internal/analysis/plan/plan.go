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

// ErrConfig means that the document or the spec is invalid. Do not retry.
var ErrConfig = errors.New("the configuration is wrong")

// StageDays is the table that the run of a map adds.
const StageDays = "stage-days"

// maxWhole is the number of events of a store up to which a run reads all of them, in order to count those who entered before its time. Larger stores
// are read from the time that the numbers need.
const maxWhole = 2_000_000

// defaultLookback is the default length of the time in which attempts start.
const defaultLookback = 30 * 24 * time.Hour

// Plan is everything that one run computes.
type Plan struct {
	// Journey is the plan of the engine, Scan its request to the store.
	Journey engine.Plan
	Scan    store.ScanRequest
	// AsOf is the time of analysis. HeldBackBy is the source that holds it back from the scheduled time, or empty.
	AsOf       time.Time
	HeldBackBy string
	// Marks of the map's sources.
	Marks []Watermark
	// Length of the time in which attempts start.
	Length time.Duration
	// ByRange is set if the spec has a range.
	ByRange bool
}

// New decides what to compute. Errors of the spec wrap ErrConfig.
//
// file is set if the store holds a file. All of it is read, and analysed if the spec has neither lookback nor range.
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

// oldest returns the time of the oldest event of the sources, or zero.
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
	if f := doc.Map.Freshness; f != nil && doc.Report == nil { // A report does not show coverage.
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
		// Shifting the time of analysis, too, gives every window of the previous period the same age.
		p.Journey.Periods = append(p.Journey.Periods, period.Shift(-length.Microseconds()))
	}
	return nil
}

// periodOf returns the requested period and its length.
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

// request returns a scan request for only what the plan needs. Events after the time of analysis are read and counted, unless that time was given:
// otherwise everything that arrived since would be.
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
