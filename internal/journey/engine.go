// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// lateAfter is how long after its time an event may be received without counting as late, in microseconds: one hour.
const lateAfter int64 = 3600 * 1_000_000

// Engine computes a plan from rows. It serves one goroutine.
type Engine struct {
	plan        Plan
	progression *Progression
	matcher     *matcher
	personas    *personas
	readers     *readers
	exclude     []condition
	exclusions  map[string][]exclusionRule
	hold        []Key
	breakdowns  []*breakdown
	placers     []placer
	placed      [][]Placement // of the last person
	found       []Attempt
	counted     []Counted
	filters     [][]condition

	names, channels, sources *Texts
	texts                    *Texts // of hits
	infos                    map[string]*nameInfo
	codes                    codes
	byClass                  map[Class]*classInfo
	classes                  []*classInfo // by their number
	apart                    bool         // rows are looked at one by one
	ignored                  map[uint32]bool
	touchpoints              []uint16
	values                   Values
	person                   Person
	open                     bool
	last                     place
	source                   uint32  // number of the source of the last row
	bySource                 []int64 // events by the number of their source
	disorder                 error
	asOf                     int64
	span                     Span

	counts Counts
	evals  []*Evaluation
}

// nameInfo is what the engine knows of an event name, so that a row costs one look-up.
type nameInfo struct {
	number     uint32
	candidates []candidate
	hits       []hitRule
	exclusions []exclusionRule
	// firsts are the touchpoints, counted from 0 among those that want the first event ever, that look at the name.
	firsts []uint16
}

// Span is a time with both ends included.
type Span struct{ From, To int64 }

// place is where a row stands in the order of a scan.
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

// Counts are about rows, whoever they belong to. All but Rows speak of the analysed time of the first period.
type Counts struct {
	// Rows taken.
	Rows int64
	// Late events were received over an hour after they happened.
	Late int64
	// Excluded events: by a rule, or as test or bot.
	Excluded int64
	// Future events lie after the time of analysis.
	Future int64
	// Oversized is the number of persons left out because of over MaxEvents events.
	Oversized int64
	// Sources counts the events by source; complete after Close.
	Sources map[string]int64
}

// Evaluation holds the sums of one period.
type Evaluation struct {
	// Period that was evaluated.
	Period Period
	// Seen is the number of persons who did something, or came by a stage, in the time in which mature attempts begin.
	Seen int64
	// Funnel of the stages.
	Funnel *Funnel
	// Coverage of the map.
	Coverage *Coverage
	// KPIs in the order of the plan.
	KPIs []Accumulator
	// Tables in the order of the plan.
	Tables []TableAccumulator
	// Breakdowns in the order of the plan.
	Breakdowns []*BreakdownSums
}

// NewEngine compiles a plan; an error names the field of the spec that is wrong.
func NewEngine(plan Plan) (*Engine, error) {
	if len(plan.Periods) == 0 {
		return nil, fmt.Errorf("a plan has at least one period")
	}
	e := &Engine{
		plan: plan, names: newTexts(), channels: newTexts(), sources: newTexts(), texts: newTexts(),
		infos: map[string]*nameInfo{}, byClass: map[Class]*classInfo{}, ignored: map[uint32]bool{}, counts: Counts{Sources: map[string]int64{}},
	}
	var err error
	if e.matcher, err = newMatcher(plan.Map.Stages); err != nil {
		return nil, err
	}
	if e.progression, err = NewProgression(plan.Map.Stages, plan.Policy); err != nil {
		return nil, err
	}
	if e.personas, err = newPersonas(plan.Map.Personas); err != nil {
		return nil, err
	}
	if e.readers, err = newReaders(&e.plan); err != nil {
		return nil, err
	}
	if e.exclusions, err = compileExclusionRules(plan.Policy.Exclusions); err != nil {
		return nil, err
	}
	if e.hold, err = compileHold(plan.Policy.Hold); err != nil {
		return nil, err
	}
	e.person.firsts = make([]int32, e.matcher.firsts)
	e.person.hits = make([][]Hit, len(e.readers.list))
	e.values.person, e.values.Texts = &e.person, e.texts
	e.values.names = e.matcher.touchpoints
	if e.filters, err = compileClauses(plan.Filters, "spec.filters"); err != nil {
		return nil, err
	}
	if e.breakdowns, err = compileBreakdowns(plan.Breakdowns, &plan.Map, plan.Policy.Order); err != nil {
		return nil, err
	}
	for _, b := range e.breakdowns {
		e.placers = append(e.placers, placer{breakdown: b})
	}
	if e.exclude, err = compileConditions(plan.Exclude, "spec.exclude"); err != nil {
		return nil, err
	}
	e.apart = e.apartAll()
	for _, name := range plan.IgnoreEvents {
		e.ignored[e.names.Number(name)] = true
	}
	e.asOf = plan.Periods[0].AsOf
	e.span = Span{From: plan.Periods[0].From, To: plan.Periods[0].SpanEnd(plan.Policy)}
	for _, period := range plan.Periods {
		e.asOf = max(e.asOf, period.AsOf)
		if err := e.addPeriod(period); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *Engine) addPeriod(period Period) error {
	eval := &Evaluation{
		Period:   period,
		Funnel:   newFunnel(&e.plan.Map, e.progression, e.personas.names, e.channels),
		Coverage: newCoverage(len(e.matcher.touchpoints), e.names),
	}
	for i, k := range e.plan.KPIs {
		accumulator, err := k.Measure.NewAccumulator(&e.plan.Map, e.plan.Policy)
		if err != nil {
			return fmt.Errorf("spec.kpis[%d].measure.%w", i, err)
		}
		eval.KPIs = append(eval.KPIs, accumulator)
	}
	context := &TableContext{
		Map: &e.plan.Map, Policy: e.plan.Policy, Period: &eval.Period, Calendar: &e.plan.Calendar,
		Personas: append(slices.Clone(e.personas.names), OtherName), Texts: e.texts, Channels: e.channels,
	}
	for i, t := range e.plan.Tables {
		accumulator, err := t.Table.NewAccumulator(context)
		if err != nil {
			return fmt.Errorf("spec.tables[%d].%w", i, err)
		}
		eval.Tables = append(eval.Tables, accumulator)
	}
	for i := range e.breakdowns {
		eval.Breakdowns = append(eval.Breakdowns, e.newBreakdownSums(i))
	}
	e.evals = append(e.evals, eval)
	return nil
}

// Add takes the next row, in the order of a scan. A row that is out of order, or there twice, makes Close fail.
func (e *Engine) Add(r *Row) {
	e.arrive(place{person: r.Person, time: r.Time, seq: r.Seq, index: r.Index}, r.Unit)
	e.counts.Rows++
	e.take(r)
}

// arrive notes the place of the next row, and begins its person when it is another one.
func (e *Engine) arrive(at place, unit string) {
	if e.open && !e.last.before(&at) {
		e.noteDisorder(e.counts.Rows + 1)
	}
	e.last = at
	if e.open && at.person == e.person.ID {
		return
	}
	e.flush()
	e.person.reset(at.person, unit)
	e.person.First = at.time
	e.open = true
}

func (e *Engine) noteDisorder(row int64) {
	if e.disorder == nil {
		e.disorder = fmt.Errorf("row %d is out of order, or there twice", row)
	}
}

// take counts a row of the open person, and keeps what matters of it.
func (e *Engine) take(r *Row) {
	if r.Time > e.asOf {
		e.counts.Future++
		return
	}
	e.values.reset(r)
	inSpan := r.Time >= e.span.From && r.Time <= e.span.To
	if r.Flags&(event.FlagTest|event.FlagBot) != 0 || len(e.exclude) > 0 && anyHolds(e.exclude, &e.values) {
		if inSpan {
			e.counts.Excluded++
		}
		return
	}
	if inSpan {
		e.countRow(r)
	}
	e.keep(r)
}

func (e *Engine) countRow(r *Row) {
	if r.ReceivedAt-r.Time > lateAfter {
		e.counts.Late++
	}
	e.countSource(r.Source, 1)
}

func (e *Engine) countSource(source string, n int64) {
	// Neighbours mostly come from the same source, which saves the look-up.
	if source != e.sources.Text(e.source) {
		e.source = e.sources.Number(source)
	}
	for int(e.source) >= len(e.bySource) {
		e.bySource = append(e.bySource, 0)
	}
	e.bySource[e.source] += n
}

// keep puts what matters of a row into the person.
func (e *Engine) keep(r *Row) {
	p := &e.person
	if p.Rows++; p.Rows > MaxEvents {
		return
	}
	p.traits.add(r.Time, r.Traits)
	p.groups.add(r.Time, r.Groups)
	if r.Kind != event.Track {
		return
	}
	info := e.infoOf(r)
	p.noteFirsts(info.firsts)
	if !passes(e.filters, &e.values) {
		return
	}
	var stages uint32
	e.touchpoints = e.touchpoints[:0]
	if len(info.candidates) > 0 {
		stages, e.touchpoints = match(info.candidates, &e.values, e.touchpoints)
	}
	e.values.touchpoints = e.touchpoints
	e.keepHits(info.hits, r)
	var excluded uint8
	if len(info.exclusions) > 0 {
		excluded = excluding(info.exclusions, &e.values)
	}
	if stages == 0 && excluded == 0 && !r.isCustomerEvent() {
		return
	}
	kept := Event{Time: r.Time, Stages: stages, Name: info.number, Customer: r.isCustomerEvent(), Excluded: excluded}
	if len(e.hold) > 0 {
		kept.Hold = p.holds.of(e.hold, &e.values)
	}
	if stages != 0 {
		kept.Channel = e.channelOf(r)
		kept.Personas = e.personas.match(&e.values)
	}
	e.keepGroups(&kept)
	for _, t := range e.touchpoints {
		p.Touches = append(p.Touches, Touch{Event: int32(len(p.Events)), Touchpoint: t})
	}
	p.Events = append(p.Events, kept)
}

func (e *Engine) info(name string) *nameInfo {
	if info, ok := e.infos[name]; ok {
		return info
	}
	info := &nameInfo{
		number: e.names.Number(name), candidates: e.matcher.of(name), hits: e.readers.of(name),
		exclusions: named(e.exclusions, name), firsts: e.matcher.firstsOf(name),
	}
	// Names that the plan speaks of are always kept, all others as long as the table takes them.
	if info.number != 0 || len(e.matcher.byName[name]) > 0 || len(e.readers.byName[name]) > 0 || len(e.exclusions[name]) > 0 {
		e.infos[strings.Clone(name)] = info
	}
	return info
}

// Close takes the last person. No row may follow. The error says that the rows were not in the order of a scan, so that the numbers
// mean nothing.
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

// flush adds the person to all evaluations. Rows out of order mean nothing, and the search for attempts relies on their order.
func (e *Engine) flush() {
	if !e.open || e.disorder != nil {
		return
	}
	if e.person.Rows > MaxEvents {
		e.counts.Oversized++
		return
	}
	for i, eval := range e.evals {
		v := e.evaluate(eval)
		if i == 0 && e.plan.Each != nil {
			e.plan.Each(&v)
		}
	}
}

// evaluate adds the person to one period.
func (e *Engine) evaluate(eval *Evaluation) View {
	p, period := &e.person, &eval.Period
	v := View{Person: p, Period: period, Progression: e.progression, Persona: len(e.personas.names)}
	eval.Funnel.addReach(eval.Coverage.add(p, period.From, period.SpanEnd(e.plan.Policy), e.ignored))
	if p.seen(period) {
		eval.Seen++
	}
	next := e.findAttempts(&v)
	for i := range v.Attempts {
		c := &v.Attempts[i]
		eval.Funnel.Add(p, &c.Attempt, c.Converted, c.Persona)
		if v.Attempt == nil || c.Attempt.Deeper(v.Attempt) {
			v.Attempt, v.Converted, v.Persona = &c.Attempt, c.Converted, c.Persona
		}
	}
	e.found, _ = e.progression.All(p.Events, next, period.YoungTo, period.YoungLimit, e.found[:0])
	for i := range e.found {
		eval.Funnel.addYoung(e.progression.Converted(&e.found[i]))
	}
	for k, accumulator := range eval.KPIs {
		v.Hits = p.hits[k]
		addTo(accumulator, &v)
	}
	for t, accumulator := range eval.Tables {
		v.Hits = p.hits[len(eval.KPIs)+t]
		accumulator.AddPerson(&v)
	}
	e.breakDown(eval, &v)
	return v
}

// findAttempts finds the mature attempts that count, and the instant from which on a further one could begin.
func (e *Engine) findAttempts(v *View) (next int64) {
	period := v.Period
	e.found, next = e.progression.All(v.Person.Events, period.From, period.To, period.Limit, e.found[:0])
	e.counted = e.counted[:0]
	for i := range e.found {
		a := &e.found[i]
		e.counted = append(e.counted, Counted{
			Attempt: *a, Converted: e.progression.Converted(a), Persona: e.personas.of(v.Person, e.entering(a).Personas, a.Entry),
		})
	}
	v.Attempts = e.counted
	return next
}

// addTo adds a person to a KPI.
func addTo(k Accumulator, v *View) {
	for i := range v.Attempts {
		k.AddAttempt(&v.Attempts[i].Attempt)
	}
	for i := range v.Hits {
		if v.InPeriod(v.Hits[i].Time) {
			k.AddHit(&v.Hits[i])
		}
	}
	if k, ok := k.(Personal); ok {
		k.AddPerson(v)
	}
}

// entering gives the event with which an attempt began.
func (e *Engine) entering(a *Attempt) *Event {
	if e.plan.Policy.Order != AnyOrder {
		return &e.person.Events[a.Event[0]]
	}
	first := a.Event[lowest(a.Stages)]
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		first = min(first, a.Event[lowest(rest)])
	}
	return &e.person.Events[first]
}

// Counts of rows so far.
func (e *Engine) Counts() *Counts { return &e.counts }

// Evaluations of the periods, in the order of the plan.
func (e *Engine) Evaluations() []*Evaluation { return e.evals }

// Touchpoints of the map, in the order in which Coverage counts them.
func (e *Engine) Touchpoints() []TouchpointName { return e.matcher.touchpoints }

// Merge adds the sums of an engine of the same plan over other persons. Both need to be closed.
func (e *Engine) Merge(other *Engine) {
	e.counts.Rows += other.counts.Rows
	e.counts.Late += other.counts.Late
	e.counts.Excluded += other.counts.Excluded
	e.counts.Future += other.counts.Future
	e.counts.Oversized += other.counts.Oversized
	for source, n := range other.counts.Sources {
		e.counts.Sources[source] += n
	}
	for i, eval := range e.evals {
		eval.Seen += other.evals[i].Seen
		eval.Funnel.Merge(other.evals[i].Funnel)
		eval.Coverage.Merge(other.evals[i].Coverage)
		for k, accumulator := range eval.KPIs {
			accumulator.Merge(other.evals[i].KPIs[k])
		}
		for t, accumulator := range eval.Tables {
			accumulator.Merge(other.evals[i].Tables[t])
		}
		for b, sums := range eval.Breakdowns {
			sums.merge(other.evals[i].Breakdowns[b])
		}
	}
}
