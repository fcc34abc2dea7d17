// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// Engine computes a plan from rows. It must not be used by several goroutines at once.
type Engine struct {
	plan        Plan
	progression *progression.Progression
	matcher     *match.Matcher
	personas    *match.Personas
	metrics     *metrics
	exclude     match.Conditions
	exclusions  match.ByName[match.ExclusionRule]
	hold        []match.Key
	breakdowns  []*breakdown.Grouping
	placed      [][]breakdown.Placement // of the last person
	found       []journey.Attempt
	view        metric.View
	counted     []metric.Counted
	filters     match.Filters

	names, channels, sources *journey.Texts
	texts                    *journey.Texts // of hits
	infos                    map[string]*nameInfo
	codes                    codes
	byClass                  map[event.Class]*classInfo
	classes                  []*classInfo // by their number
	apart                    bool         // rows are processed one by one
	units                    bool         // units are counted, no matter whose they are
	ignored                  map[uint32]bool
	touchpoints              []uint16
	ahead                    []bool // touchpoints that had an event after the time of analysis
	values                   *match.Values
	person                   subject
	open                     bool
	last                     place
	source                   uint32  // number of the source of the last row
	bySource                 []int64 // events by the number of their source
	disorder                 error
	asOf                     int64
	since                    int64 // earlier rows count for Outside only
	span                     event.Span

	counts  Counts
	outside Outside
	evals   []*Evaluation
}

// nameInfo is what the engine needs of an event name, so that a row needs one look-up.
type nameInfo struct {
	number     uint32
	candidates []match.Candidate
	hits       []hitRule
	exclusions []match.ExclusionRule
	// firsts are the touchpoints with firstEver that match the name, counted among those with firstEver from 0.
	firsts []uint16
}

// place is the position of a row in the order of a scan.
type place struct {
	person    uint64
	time, seq int64
	index     int32
}

func (p *place) before(q *place) bool {
	switch {
	case p.person != q.person:
		return p.person < q.person
	case p.time != q.time:
		return p.time < q.time
	case p.seq != q.seq:
		return p.seq < q.seq
	}
	return p.index < q.index
}

// Counts are numbers of rows, no matter whose they are. All but Rows are about the analysed time of the first period.
type Counts struct {
	// Rows is the number of rows read.
	Rows int64
	// Late events were received more than an hour after they happened.
	Late int64
	// Excluded events match a rule of exclusion, or are marked as test or bot.
	Excluded int64
	// Future events are after the time of analysis.
	Future int64
	// Unidentified events have no identity and belong to nobody. Where units are counted, nothing is missing because of them.
	Unidentified int64
	// Oversized is the number of persons that were left out because they have more than MaxEvents events.
	Oversized int64
	// Crowded is the number of persons who are known to trusted sources and have more than MaxEvents events of public ones. CrowdedOut is the number of
	// these events that were left out.
	Crowded, CrowdedOut int64
	// Sources counts the events by source. It is complete after Close.
	Sources map[string]int64
}

// Evaluation holds the sums of one period.
type Evaluation struct {
	// Period that was evaluated.
	Period journey.Period
	// Seen is the number of persons who did something, or reached a stage, in the time in which mature attempts start.
	Seen int64
	// Funnel of the stages.
	Funnel *funnel.Funnel
	// Coverage of the map.
	Coverage *funnel.Coverage
	// KPIs in the order of the plan.
	KPIs []metric.Numeric
	// Tables in the order of the plan.
	Tables []metric.Tabular
	// Breakdowns in the order of the plan.
	Breakdowns []*breakdown.Sums
	// sums of the KPIs, then those of the tables.
	sums []metric.Sums
}

// New compiles a plan. An error names the invalid field of the spec.
func New(plan Plan) (*Engine, error) {
	if len(plan.Periods) == 0 {
		return nil, fmt.Errorf("a plan has at least one period")
	}
	e := &Engine{
		plan: plan, names: journey.NewTexts(), channels: journey.NewTexts(), sources: journey.NewTexts(), texts: journey.NewTexts(),
		infos: map[string]*nameInfo{}, byClass: map[event.Class]*classInfo{}, ignored: map[uint32]bool{}, counts: Counts{Sources: map[string]int64{}},
	}
	if err := e.compile(&e.plan); err != nil {
		return nil, err
	}
	e.ahead = make([]bool, len(e.matcher.Touchpoints))
	e.person.hits = make([][]metric.Hit, len(e.metrics.list))
	e.person.Known = match.NewKnown(e.matcher.Firsts)
	e.values = match.NewValues(e.person.Known, e.matcher.Touchpoints, e.texts)
	e.apart = e.apartAll()
	e.units = plan.Policy.CountBy != ""
	for _, name := range plan.IgnoreEvents {
		e.ignored[e.names.Number(name)] = true
	}
	e.asOf, e.since = plan.Periods[0].AsOf, e.plan.Since()
	if e.since == 0 { // all rows count
		e.since = math.MinInt64
	}
	e.span = event.Span{From: plan.Periods[0].From, To: plan.Periods[0].SpanEnd(plan.Policy)}
	for _, period := range plan.Periods {
		e.asOf = max(e.asOf, period.AsOf)
		if err := e.addPeriod(period); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// compile creates the matchers of stages, personas, metrics and rows.
func (e *Engine) compile(plan *Plan) (err error) {
	if e.matcher, err = match.NewMatcher(plan.Map.Stages); err != nil {
		return err
	}
	if e.progression, err = progression.New(plan.Map.Stages, plan.Policy); err != nil {
		return err
	}
	if e.personas, err = match.NewPersonas(plan.Map.Personas); err != nil {
		return err
	}
	if e.metrics, err = newMetrics(plan); err != nil {
		return err
	}
	if e.exclusions, err = match.CompileExclusions(plan.Policy.Exclusions); err != nil {
		return err
	}
	if e.hold, err = match.CompileHold(plan.Policy.HoldConstant); err != nil {
		return err
	}
	if e.filters, err = match.CompileFilters(plan.Filters, "spec.filters"); err != nil {
		return err
	}
	if e.breakdowns, err = breakdown.Compile(plan.Breakdowns, &plan.Map, plan.Policy.Order); err != nil {
		return err
	}
	e.exclude, err = match.Compile(plan.Exclude, "spec.exclude")
	return err
}

func (e *Engine) addPeriod(period journey.Period) error {
	eval := &Evaluation{
		Period:   period,
		Funnel:   funnel.New(&e.plan.Map, e.progression, e.personas.Names, e.channels),
		Coverage: funnel.NewCoverage(len(e.matcher.Touchpoints), e.names),
	}
	context := &metric.Context{
		Map: &e.plan.Map, Policy: e.plan.Policy, Period: &eval.Period, Calendar: &e.plan.Calendar,
		Personas: append(slices.Clone(e.personas.Names), journey.OtherName), Texts: e.texts, Channels: e.channels,
	}
	var err error
	if eval.KPIs, err = newSums[metric.Numeric](e.plan.KPIs, context, "spec.kpis[%d].measure"); err != nil {
		return err
	}
	if eval.Tables, err = newSums[metric.Tabular](e.plan.Tables, context, "spec.tables[%d]"); err != nil {
		return err
	}
	for _, s := range eval.KPIs {
		eval.sums = append(eval.sums, s)
	}
	for _, s := range eval.Tables {
		eval.sums = append(eval.sums, s)
	}
	for _, g := range e.breakdowns {
		eval.Breakdowns = append(eval.Breakdowns, breakdown.NewSums(g, e.plan.KPIs, context, e.progression))
	}
	e.evals = append(e.evals, eval)
	return nil
}

// newSums returns empty sums of metrics. path is the place of the metrics in the spec, for errors.
func newSums[S metric.Sums](list []metric.Named, c *metric.Context, path string) ([]S, error) {
	var out []S
	for i, named := range list {
		sums, err := named.Metric.NewSums(c)
		if err != nil {
			return nil, fmt.Errorf(path+".%w", i, err)
		}
		own, ok := sums.(S)
		if !ok {
			return nil, fmt.Errorf(path+": %T returns %T, which cannot be used here", i, named.Metric, sums)
		}
		out = append(out, own)
	}
	return out, nil
}

// Close adds the last person. No row may follow. It fails if the rows were not in the order of a scan; the numbers are then meaningless.
func (e *Engine) Close() error {
	e.flush()
	e.open = false
	e.settle()
	for source, n := range e.bySource {
		if n > 0 {
			e.counts.Sources[e.sources.Text(uint32(source))] += n
		}
	}
	e.bySource = nil
	return e.disorder
}

// Counts returns the numbers of rows so far.
func (e *Engine) Counts() *Counts { return &e.counts }

// Evaluations returns the sums of the periods, in the order of the plan.
func (e *Engine) Evaluations() []*Evaluation { return e.evals }

// Touchpoints returns the touchpoints of the map, in the order in which Coverage counts them.
func (e *Engine) Touchpoints() []journey.TouchpointName { return e.matcher.Touchpoints }

// Ahead reports whether a touchpoint, given by its index in Touchpoints, had an event after the time of analysis. No number includes it, but the
// touchpoint is not silent.
func (e *Engine) Ahead(touchpoint int) bool { return e.ahead[touchpoint] }

// Merge adds the sums of an engine with the same plan and other persons. Both must be closed.
func (e *Engine) Merge(other *Engine) {
	e.counts.Rows += other.counts.Rows
	e.outside.merge(&other.outside)
	e.counts.Late += other.counts.Late
	e.counts.Excluded += other.counts.Excluded
	e.counts.Future += other.counts.Future
	e.counts.Unidentified += other.counts.Unidentified
	e.counts.Oversized += other.counts.Oversized
	e.counts.Crowded += other.counts.Crowded
	e.counts.CrowdedOut += other.counts.CrowdedOut
	for i, ahead := range other.ahead {
		e.ahead[i] = e.ahead[i] || ahead
	}
	for source, n := range other.counts.Sources {
		e.counts.Sources[source] += n
	}
	for i, eval := range e.evals {
		eval.Seen += other.evals[i].Seen
		eval.Funnel.Merge(other.evals[i].Funnel)
		eval.Coverage.Merge(other.evals[i].Coverage)
		for k, sums := range eval.sums {
			sums.Merge(other.evals[i].sums[k])
		}
		for b, sums := range eval.Breakdowns {
			sums.Merge(other.evals[i].Breakdowns[b])
		}
	}
}
