// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// This file tests single rules with examples.

// runMap runs a map with rows as of second 100, with entries from second 0.
func runMap(t *testing.T, m journey.Map, policy journey.Policy, change func(*engine.Plan), rows ...journey.Row) *engine.Engine {
	plan := engine.Plan{Map: m, Policy: policy, Periods: []journey.Period{journey.Range(0, 1000*journeytest.Second, 100*journeytest.Second, policy)}}
	if change != nil {
		change(&plan)
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return journeytest.Run(t, plan, rows)
}

func funnelOf(e *engine.Engine) *funnel.Funnel { return e.Evaluations()[0].Funnel }

func TestEndOfTheWindow(t *testing.T) {
	f := funnelOf(runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, journeytest.Did(1, 0, "See"), journeytest.Did(1, 10, "Buy"), journeytest.Did(2, 0, "See"), journeytest.Did(2, 11, "Buy")))
	require.EqualValues(t, 2, f.Customers)
	require.EqualValues(t, 1, f.Converted)
}

func TestMatureAndProvisionalAtTheLimit(t *testing.T) {
	// As of second 100 with a window of ten, the last mature entry is at second 90.
	f := funnelOf(runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, journeytest.Did(1, 90, "See"), journeytest.Did(2, 91, "See"), journeytest.Did(3, 100, "See"), journeytest.Did(4, 101, "See")))
	require.EqualValues(t, 1, f.Customers)
	require.EqualValues(t, 2, f.YoungEntered)
	require.EqualValues(t, 2, f.YoungInProgress())
}

func TestOneCustomerCanBeMatureAndProvisional(t *testing.T) {
	f := funnelOf(runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, journeytest.Did(1, 1, "See"), journeytest.Did(1, 95, "See"), journeytest.Did(1, 96, "Buy")))
	require.EqualValues(t, []int64{1, 0, 1, 1}, []int64{f.Customers, f.Converted, f.YoungEntered, f.YoungConverted})
}

func TestConversionsInRange(t *testing.T) {
	rows := []journey.Row{journeytest.Did(1, 45, "See"), journeytest.Did(1, 51, "Buy")}
	for conversions, converted := range map[journey.Conversions]int64{journey.InWindow: 1, journey.InRange: 0} {
		policy := journeytest.Plain
		policy.Conversions = conversions
		f := funnelOf(runMap(t, journeytest.TwoStages(), policy, func(p *engine.Plan) {
			p.Periods = []journey.Period{journey.Range(0, 50*journeytest.Second, 52*journeytest.Second, policy)}
		}, rows...))
		if conversions == journey.InRange {
			require.EqualValues(t, 1, f.Customers, "the range is over, so the attempt is final although its window is open")
			require.Zero(t, f.Converted)
		} else {
			require.EqualValues(t, 1, f.YoungEntered)
			require.Equal(t, converted, f.YoungConverted)
		}
	}
}

func TestFirstListedTouchpointAndChannelFilter(t *testing.T) {
	m := journeytest.TwoStages()
	m.Stages[0].Touchpoints = []journey.Touchpoint{
		{Name: "ad", Channel: "social", Match: []journey.Match{{Event: "See"}}},
		{Name: "any", Match: []journey.Match{{Event: "See"}}},
		{Name: "shadowed", Match: []journey.Match{{Event: "See"}}},
	}
	social, web := journeytest.Did(1, 1, "See"), journeytest.Did(2, 1, "See")
	social.Channel, web.Channel = "social", "web"
	e := runMap(t, m, journeytest.Plain, nil, social, web)
	require.Equal(t, []int64{1, 1, 0, 0}, e.Evaluations()[0].Coverage.Touchpoints)
	require.Equal(t, []journey.TouchpointName{{Stage: "see", Touchpoint: "ad"}, {Stage: "see", Touchpoint: "any"}, {Stage: "see", Touchpoint: "shadowed"}, {Stage: "buy", Touchpoint: "buy"}}, e.Touchpoints())
	require.Equal(t, []funnel.ChannelSums{{Channel: "social", Entered: 1, Converted: 0}, {Channel: "web", Entered: 1, Converted: 0}}, funnelOf(e).Stages[0].Channels(16))
}

func TestCoverageCountsCustomerEventsOnly(t *testing.T) {
	brand := journeytest.Did(1, 2, "Mail Sent")
	brand.Initiator = event.Brand
	identify := journeytest.Did(1, 2, "Identify")
	identify.Kind = event.Identify
	e := runMap(t, journeytest.TwoStages(), journeytest.Plain, func(p *engine.Plan) { p.IgnoreEvents = []string{"Ping"} },
		journeytest.Did(1, 1, "See"), brand, identify, journeytest.Did(1, 3, "Ping"), journeytest.Did(1, 4, "Search"), journeytest.Did(1, 5, "Search"), journeytest.Did(2, 5, "Scroll"))
	c := e.Evaluations()[0].Coverage
	require.EqualValues(t, 1, c.Matched)
	require.EqualValues(t, 3, c.Unmatched)
	require.Equal(t, []funnel.NameCount{{Name: "Search", Count: 2}, {Name: "Scroll", Count: 1}}, c.TopUnmatched(10, strings.Clone))
}

func TestExcludedFutureAndLate(t *testing.T) {
	staff, bot, late := journeytest.Did(1, 1, "See"), journeytest.Did(2, 1, "See"), journeytest.Did(3, 1, "See")
	staff.Properties, bot.Flags, late.ReceivedAt = `{"staff":true}`, event.FlagBot, late.Time+2*3600*journeytest.Second
	e := runMap(t, journeytest.TwoStages(), journeytest.Plain, func(p *engine.Plan) {
		p.Exclude = []journey.Condition{{Key: "properties.staff", Operator: journey.In, Values: []string{"true"}}}
	}, staff, bot, late, journeytest.Did(4, 101, "See"))
	c := e.Counts()
	require.Equal(t, []int64{4, 2, 1, 1}, []int64{c.Rows, c.Excluded, c.Future, c.Late})
	require.Equal(t, map[string]int64{"shop": 1}, c.Sources)
	require.EqualValues(t, 1, funnelOf(e).Customers)
}

func TestFutureFlagAloneExcludesNothing(t *testing.T) {
	// An early event is left out until its time has come.
	early := journeytest.Did(1, 1, "See")
	early.Flags = event.FlagFuture
	require.EqualValues(t, 1, funnelOf(runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, early)).Customers)
}

func TestPersonasAreEvaluatedAtTheEntry(t *testing.T) {
	m := journeytest.TwoStages()
	m.Personas = []journey.Persona{
		{Name: "gold", Where: []journey.Condition{{Key: "traits.tier", Operator: journey.In, Values: []string{"gold"}}}},
		{Name: "tills", Where: []journey.Condition{{Key: "channel", Operator: journey.In, Values: []string{"store"}}}},
	}
	identify := func(person uint64, at int64, traits string) journey.Row {
		r := journeytest.Did(person, at, "")
		r.Kind, r.Traits = event.Identify, traits
		return r
	}
	till := journeytest.Did(6, 5, "See")
	till.Channel = "store"
	f := funnelOf(runMap(t, m, journeytest.Plain, nil,
		identify(1, 1, `{"tier":"gold"}`), identify(1, 2, `{"age":7}`), journeytest.Did(1, 5, "See"), // set before, and another trait since
		journeytest.Did(2, 5, "See"), identify(2, 6, `{"tier":"gold"}`), // set after
		identify(3, 1, `{"tier":"gold"}`), identify(3, 2, `{"tier":"silver"}`), journeytest.Did(3, 5, "See"), // replaced
		identify(4, 1, `{"tier":"gold"}`), identify(4, 2, `{"tier":null}`), journeytest.Did(4, 5, "See"), // removed
		journeytest.Did(5, 5, "See"), identify(5, 5, `{"tier":"gold"}`), // set at the same time
		till,
	))
	require.Equal(t, []funnel.PersonaSums{{Name: "gold", Customers: 2, Converted: 0}, {Name: "tills", Customers: 1, Converted: 0}, {Name: journey.OtherName, Customers: 3, Converted: 0}}, f.Personas)
}

func TestOversizedPersonsAreLeftOut(t *testing.T) {
	rows := []journey.Row{journeytest.Did(2, 1, "See"), journeytest.Did(3, 1, "See")}
	for i := range journey.MaxEvents + 1 {
		if i < journey.MaxEvents {
			rows = append(rows, journeytest.Did(3, 2, "Other"))
		}
		rows = append(rows, journeytest.Did(1, int64(i%50), "See"))
	}
	// Person 3 also has one event more than the limit. Without the first event, it would fit.
	e := runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, rows...)
	require.EqualValues(t, 2, e.Counts().Oversized)
	require.EqualValues(t, 1, funnelOf(e).Customers)
	require.EqualValues(t, 1, e.Evaluations()[0].Coverage.Matched)
}

// Anybody with the write key of a web page can send any number of events of a customer. This does not exclude a customer whom a trusted source knows,
// however the store returns the rows.
func TestPublicEventsExcludeNobody(t *testing.T) {
	flood := func(person uint64, n int, source string) (rows []journey.Row) {
		for range n {
			row := journeytest.Did(person, 3, "Other")
			row.Source = source
			rows = append(rows, row)
		}
		return rows
	}
	rows := []journey.Row{journeytest.Did(1, 1, "See"), journeytest.Did(1, 5, "Buy"), journeytest.Did(2, 1, "See"), journeytest.Did(4, 1, "See")}
	rows = append(rows, flood(1, journey.MaxEvents+7, "web")...)
	rows = append(rows, flood(2, journey.MaxEvents, "till")...)
	rows = append(rows, flood(3, journey.MaxEvents+1, "web")...)
	check := func(e *engine.Engine) {
		require.Equal(t, []int64{2, 1, 7}, []int64{e.Counts().Oversized, e.Counts().Crowded, e.Counts().CrowdedOut},
			"2 has too many of trusted sources, 3 is known from nowhere else, 1 stays")
		f := funnelOf(e)
		require.EqualValues(t, 2, f.Customers)
		require.EqualValues(t, 1, f.Stages[1].Entered)
	}
	public := func(p *engine.Plan) { p.PublicSources = []string{"web"} }
	check(runMap(t, journeytest.TwoStages(), journeytest.Plain, public, rows...))
	inRuns := runMap(t, journeytest.TwoStages(), journeytest.Plain, public)
	addRuns(inRuns, journeytest.InOrder(rows))
	require.NoError(t, inRuns.Close())
	check(inRuns)
}

func TestTimeToNextAndSkippedStages(t *testing.T) {
	m := journey.Map{Stages: []journey.Stage{journeytest.TwoStages().Stages[0],
		{Name: "try", Optional: true, Touchpoints: []journey.Touchpoint{{Name: "try", Match: []journey.Match{{Event: "Try"}}}}}, journeytest.TwoStages().Stages[1]}}
	f := funnelOf(runMap(t, m, journeytest.Plain, nil,
		journeytest.Did(1, 0, "See"), journeytest.Did(1, 2, "Try"), journeytest.Did(1, 8, "Buy"), journeytest.Did(2, 0, "See"), journeytest.Did(2, 5, "Buy"), journeytest.Did(3, 0, "See"), journeytest.Did(3, 1, "Try")))
	var got [][3]int64
	for i := range f.Stages {
		median, _ := f.Stages[i].Next.Median()
		got = append(got, [3]int64{f.Stages[i].Entered, f.Stages[i].Converted, median})
	}
	require.Equal(t, [][3]int64{{3, 3, 2}, {2, 1, 6}, {2, 2, 0}}, got)
}

func TestReachIgnoresEarlierStages(t *testing.T) {
	f := funnelOf(runMap(t, journeytest.TwoStages(), journeytest.Plain, nil, journeytest.Did(1, 5, "Buy"), journeytest.Did(2, 5, "See"), journeytest.Did(2, 50, "Buy"), journeytest.Did(2, 51, "Buy")))
	require.EqualValues(t, 1, f.Stages[0].Reach)
	require.EqualValues(t, 2, f.Stages[1].Reach)
	require.Zero(t, f.Stages[1].Entered)
}

func TestPolicyTextAndValidation(t *testing.T) {
	good := journey.Policy{Order: journey.Ordered, Window: time.Hour, Entry: journey.Best, Ties: journey.EitherOrder, Conversions: journey.InWindow}
	full := good
	full.CountBy, full.Within, full.Exclusions, full.OnExclusion = "sessionId", []time.Duration{0, time.Minute}, make([]journey.Exclusion, 2), journey.Stop
	full.HoldConstant, full.Count = []string{"channel", "properties.x"}, journey.Entries
	require.NoError(t, full.Validate())
	require.Equal(t, "countBy=sessionId order=Ordered window=1h entry=Best ties=EitherOrder conversions=Window maturity=WindowEnded oneEvent=OneStage"+
		" touchpoint=FirstListed optional=RequiredFirst persona=AtEntry within[1]=1m exclusions=2 onExclusion=Stop holdConstant=channel,properties.x"+
		" count=Entries", full.String())
	other := good
	other.Grace, other.Compat = 2*time.Second, []journey.Compat{journey.StrictOrder, journey.AllowReentry}
	require.Contains(t, other.String(), " grace=2s compat=StrictOrder,AllowReentry")
	for want, change := range map[string]func(p *journey.Policy){
		"spec.progression.exclusions: at most 8 exclusions":                               func(p *journey.Policy) { p.Exclusions, p.OnExclusion = make([]journey.Exclusion, 9), journey.Stop },
		`spec.progression.onExclusion: unsupported value ""`:                              func(p *journey.Policy) { p.Exclusions = make([]journey.Exclusion, 1) },
		"spec.progression.holdConstant: at most 3 keys":                                   func(p *journey.Policy) { p.HoldConstant = make([]string, 4) },
		`spec.progression.count: unsupported value "x"`:                                   func(p *journey.Policy) { p.Count = "x" },
		"spec.progression.grace: must be positive":                                        func(p *journey.Policy) { p.Grace = -1 },
		"spec.progression.grace: needs the order Ordered, and cannot have the ties Exact": func(p *journey.Policy) { p.Grace, p.Ties = 1, journey.Exact },
		"spec.progression.grace: cannot go with a stage's within":                         func(p *journey.Policy) { p.Grace, p.Within = 1, []time.Duration{0, 1} },
		"spec.stages: within needs stages in an order":                                    func(p *journey.Policy) { p.Order, p.Within = journey.AnyOrder, []time.Duration{0, 1} },
		`spec.progression.compat: there is no rule "x"`:                                   func(p *journey.Policy) { p.Compat = []journey.Compat{"x"} },
		"spec.progression.compat: needs the order Ordered and the entry Best":             func(p *journey.Policy) { p.Compat, p.Entry = []journey.Compat{journey.SharedEvents}, journey.First },
		"spec.progression.compat: cannot go with exclusions, holdConstant":                func(p *journey.Policy) { p.Compat, p.Count = []journey.Compat{journey.SharedEvents}, journey.Entries },
		"spec.progression.compat: AllowReentry needs StrictOrder":                         func(p *journey.Policy) { p.Compat = []journey.Compat{journey.AllowReentry} },
	} {
		p := good
		change(&p)
		require.ErrorContains(t, p.Validate(), want)
	}
	for want, x := range map[string]journey.Exclusion{
		`spec.progression.exclusions[0].after: the map has no stage "none"`:                     {After: "none"},
		"spec.progression.exclusions[0]: the stage in after must come before the one in before": {After: "buy", Before: "see"},
	} {
		p := good
		p.Exclusions, p.OnExclusion = []journey.Exclusion{x}, journey.Discard
		_, err := progression.New(journeytest.TwoStages().Stages, p)
		require.ErrorContains(t, err, want)
	}
	held := good
	held.HoldConstant = []string{"nothing"}
	_, err := engine.New(engine.Plan{Map: journeytest.TwoStages(), Policy: held, Periods: []journey.Period{journey.Lookback(100, 10, held)}})
	require.ErrorContains(t, err, `spec.progression.holdConstant[0]: there is no key "nothing"`)
	optional := journeytest.TwoStages()
	optional.Stages = append(optional.Stages, journey.Stage{Name: "rate", Optional: true})
	compat := good
	compat.Compat = []journey.Compat{journey.SharedEvents}
	_, err = progression.New(optional.Stages, compat)
	require.ErrorContains(t, err, "spec.progression.compat: cannot go with optional stages")
}

func TestStrictRulesUseEventsOfNoStage(t *testing.T) {
	plan := engine.Plan{Map: journeytest.TwoStages(), Policy: journey.Policy{Order: journey.Ordered}}
	require.True(t, plan.CountsRest())
	plan.Policy.Compat = []journey.Compat{journey.StrictDeduplication, journey.StrictIncrease, journey.SharedEvents}
	require.True(t, plan.CountsRest())
	plan.Policy.Compat = append(plan.Policy.Compat, journey.StrictOrder)
	require.False(t, plan.CountsRest())
	plan.Policy = journey.Policy{Order: journey.Strict}
	require.False(t, plan.CountsRest())
}

func TestNeedsAreMinimal(t *testing.T) {
	plan := engine.Plan{Map: journeytest.TwoStages()}
	require.Equal(t, match.Needs{}, plan.Needs())
	plan.Exclude = []journey.Condition{{Key: "properties.x", Operator: journey.Exists}, {Key: "traits.x", Operator: journey.Exists}}
	require.Equal(t, match.Needs{Properties: true, Traits: true, History: true}, plan.Needs())
	plan.Map.Personas = []journey.Persona{{Name: "p", Where: []journey.Condition{{Key: "groups.x", Operator: journey.Exists}}}}
	plan.KPIs = []metric.Named{{Metric: kpi.AverageOrderValue{}}, {Metric: kpi.NetPromoterScore{}}}
	require.Equal(t, match.Needs{Properties: true, Traits: true, Groups: true, Money: true, Survey: true, History: true}, plan.Needs())
	plan.Map.Stages[0].Touchpoints[0].Match[0].Where = []journey.Condition{{Key: "sessionId", Operator: journey.Exists}}
	require.True(t, plan.Needs().SessionID)
}

// A KPI must give a number, and a table a grid.
func TestKPIsAreNumbersAndTablesAreGrids(t *testing.T) {
	plan := engine.Plan{
		Map: journeytest.TwoStages(), Policy: journeytest.Plain, Periods: []journey.Period{journey.Range(0, 10, 20, journeytest.Plain)},
		KPIs: []metric.Named{{Metric: table.Funnel{}}},
	}
	_, err := engine.New(plan)
	require.ErrorContains(t, err, "spec.kpis[0].measure: table.Funnel returns *table.FunnelSums")
	plan.KPIs, plan.Tables = nil, []metric.Named{{Metric: kpi.EventCount{}}}
	_, err = engine.New(plan)
	require.ErrorContains(t, err, "spec.tables[0]: kpi.EventCount returns *kpi.eventCount")
}
