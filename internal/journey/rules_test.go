// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// This file states single rules by example.

// runMap runs a map over rows as of second 100, over entries from second 0 on.
func runMap(t *testing.T, m Map, policy Policy, change func(*Plan), rows ...Row) *Engine {
	plan := Plan{Map: m, Policy: policy, Periods: []Period{Range(0, 1000*Second, 100*Second, policy)}}
	if change != nil {
		change(&plan)
	}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return Run(t, plan, rows)
}

func funnelOf(e *Engine) *Funnel { return e.Evaluations()[0].Funnel }

func TestFarEdgeOfTheWindow(t *testing.T) {
	f := funnelOf(runMap(t, TwoStages(), Plain, nil, Did(1, 0, "See"), Did(1, 10, "Buy"), Did(2, 0, "See"), Did(2, 11, "Buy")))
	require.EqualValues(t, 2, f.Customers)
	require.EqualValues(t, 1, f.Converted)
}

func TestMatureAndYoungAtTheEdge(t *testing.T) {
	// As of second 100 with a window of ten, second 90 is the last mature entry.
	f := funnelOf(runMap(t, TwoStages(), Plain, nil, Did(1, 90, "See"), Did(2, 91, "See"), Did(3, 100, "See"), Did(4, 101, "See")))
	require.EqualValues(t, 1, f.Customers)
	require.EqualValues(t, 2, f.YoungEntered)
	require.EqualValues(t, 2, f.YoungInProgress())
}

func TestOneCustomerMayBeMatureAndYoung(t *testing.T) {
	f := funnelOf(runMap(t, TwoStages(), Plain, nil, Did(1, 1, "See"), Did(1, 95, "See"), Did(1, 96, "Buy")))
	require.EqualValues(t, []int64{1, 0, 1, 1}, []int64{f.Customers, f.Converted, f.YoungEntered, f.YoungConverted})
}

func TestConversionsInRange(t *testing.T) {
	rows := []Row{Did(1, 45, "See"), Did(1, 51, "Buy")}
	for conversions, converted := range map[Conversions]int64{InWindow: 1, InRange: 0} {
		policy := Plain
		policy.Conversions = conversions
		f := funnelOf(runMap(t, TwoStages(), policy, func(p *Plan) {
			p.Periods = []Period{Range(0, 50*Second, 52*Second, policy)}
		}, rows...))
		if conversions == InRange {
			require.EqualValues(t, 1, f.Customers, "the range is over, so the attempt is final although its window is open")
			require.Zero(t, f.Converted)
		} else {
			require.EqualValues(t, 1, f.YoungEntered)
			require.Equal(t, converted, f.YoungConverted)
		}
	}
}

func TestFirstListedTouchpointAndChannelFilter(t *testing.T) {
	m := TwoStages()
	m.Stages[0].Touchpoints = []Touchpoint{
		{Name: "ad", Channel: "social", Match: []Match{{Event: "See"}}},
		{Name: "any", Match: []Match{{Event: "See"}}},
		{Name: "shadowed", Match: []Match{{Event: "See"}}},
	}
	social, web := Did(1, 1, "See"), Did(2, 1, "See")
	social.Channel, web.Channel = "social", "web"
	e := runMap(t, m, Plain, nil, social, web)
	require.Equal(t, []int64{1, 1, 0, 0}, e.Evaluations()[0].Coverage.Touchpoints)
	require.Equal(t, []TouchpointName{{"see", "ad"}, {"see", "any"}, {"see", "shadowed"}, {"buy", "buy"}}, e.Touchpoints())
	require.Equal(t, []ChannelSums{{"social", 1, 0}, {"web", 1, 0}}, funnelOf(e).Stages[0].Channels(16))
}

func TestCoverageCountsCustomerEventsOnly(t *testing.T) {
	brand := Did(1, 2, "Mail Sent")
	brand.Initiator = event.Brand
	identify := Did(1, 2, "Identify")
	identify.Kind = event.Identify
	e := runMap(t, TwoStages(), Plain, func(p *Plan) { p.IgnoreEvents = []string{"Ping"} },
		Did(1, 1, "See"), brand, identify, Did(1, 3, "Ping"), Did(1, 4, "Search"), Did(1, 5, "Search"), Did(2, 5, "Scroll"))
	c := e.Evaluations()[0].Coverage
	require.EqualValues(t, 1, c.Matched)
	require.EqualValues(t, 3, c.Unmatched)
	require.Equal(t, []NameCount{{"Search", 2}, {"Scroll", 1}}, c.TopUnmatched(10))
}

func TestExcludedFutureAndLate(t *testing.T) {
	staff, bot, late := Did(1, 1, "See"), Did(2, 1, "See"), Did(3, 1, "See")
	staff.Properties, bot.Flags, late.ReceivedAt = `{"staff":true}`, event.FlagBot, late.Time+2*3600*Second
	e := runMap(t, TwoStages(), Plain, func(p *Plan) {
		p.Exclude = []Condition{{Key: "properties.staff", Operator: In, Values: []string{"true"}}}
	}, staff, bot, late, Did(4, 101, "See"))
	c := e.Counts()
	require.Equal(t, []int64{4, 2, 1, 1}, []int64{c.Rows, c.Excluded, c.Future, c.Late})
	require.Equal(t, map[string]int64{"shop": 1}, c.Sources)
	require.EqualValues(t, 1, funnelOf(e).Customers)
}

func TestFutureFlagAloneExcludesNothing(t *testing.T) {
	// An event that came early is left out until its time has come, and counts then.
	early := Did(1, 1, "See")
	early.Flags = event.FlagFuture
	require.EqualValues(t, 1, funnelOf(runMap(t, TwoStages(), Plain, nil, early)).Customers)
}

func TestPersonasAreJudgedAsOfTheEntry(t *testing.T) {
	m := TwoStages()
	m.Personas = []Persona{
		{Name: "gold", Where: []Condition{{Key: "traits.tier", Operator: In, Values: []string{"gold"}}}},
		{Name: "tills", Where: []Condition{{Key: "channel", Operator: In, Values: []string{"store"}}}},
	}
	identify := func(person uint64, at int64, traits string) Row {
		r := Did(person, at, "")
		r.Kind, r.Traits = event.Identify, traits
		return r
	}
	till := Did(6, 5, "See")
	till.Channel = "store"
	f := funnelOf(runMap(t, m, Plain, nil,
		identify(1, 1, `{"tier":"gold"}`), identify(1, 2, `{"age":7}`), Did(1, 5, "See"), // known before, other news since
		Did(2, 5, "See"), identify(2, 6, `{"tier":"gold"}`), // known after
		identify(3, 1, `{"tier":"gold"}`), identify(3, 2, `{"tier":"silver"}`), Did(3, 5, "See"), // not any more
		identify(4, 1, `{"tier":"gold"}`), identify(4, 2, `{"tier":null}`), Did(4, 5, "See"), // taken back
		Did(5, 5, "See"), identify(5, 5, `{"tier":"gold"}`), // at the very instant
		till,
	))
	require.Equal(t, []PersonaSums{{"gold", 2, 0}, {"tills", 1, 0}, {OtherName, 3, 0}}, f.Personas)
}

func TestOversizedPersonsAreLeftOut(t *testing.T) {
	rows := []Row{Did(2, 1, "See"), Did(3, 1, "See")}
	for i := range MaxEvents + 1 {
		if i < MaxEvents {
			rows = append(rows, Did(3, 2, "Other"))
		}
		rows = append(rows, Did(1, int64(i%50), "See"))
	}
	// Person 3 has one more than the limit as well; without its first event it would just fit.
	e := runMap(t, TwoStages(), Plain, nil, rows...)
	require.EqualValues(t, 2, e.Counts().Oversized)
	require.EqualValues(t, 1, funnelOf(e).Customers)
	require.EqualValues(t, 1, e.Evaluations()[0].Coverage.Matched)
}

func TestTimeToNextAndSkippedStages(t *testing.T) {
	m := Map{Stages: []Stage{TwoStages().Stages[0],
		{Name: "try", Optional: true, Touchpoints: []Touchpoint{{Name: "try", Match: []Match{{Event: "Try"}}}}}, TwoStages().Stages[1]}}
	f := funnelOf(runMap(t, m, Plain, nil,
		Did(1, 0, "See"), Did(1, 2, "Try"), Did(1, 8, "Buy"), Did(2, 0, "See"), Did(2, 5, "Buy"), Did(3, 0, "See"), Did(3, 1, "Try")))
	var got [][3]int64
	for i := range f.Stages {
		median, _ := f.Stages[i].Next.Median()
		got = append(got, [3]int64{f.Stages[i].Entered, f.Stages[i].Converted, median})
	}
	require.Equal(t, [][3]int64{{3, 3, 2}, {2, 1, 6}, {2, 2, 0}}, got)
}

func TestReachIsWhateverCameBefore(t *testing.T) {
	f := funnelOf(runMap(t, TwoStages(), Plain, nil, Did(1, 5, "Buy"), Did(2, 5, "See"), Did(2, 50, "Buy"), Did(2, 51, "Buy")))
	require.EqualValues(t, 1, f.Stages[0].Reach)
	require.EqualValues(t, 2, f.Stages[1].Reach)
	require.Zero(t, f.Stages[1].Entered)
}

func TestPolicyIsSpelledOut(t *testing.T) {
	text := Policy{Order: AnyOrder, Window: 14 * 24 * time.Hour, Entry: First, Ties: Exact, Conversions: InRange}.String()
	require.Contains(t, text, "order=Any window=14d entry=First ties=Exact conversions=Range")
	require.LessOrEqual(t, len(text), 256)
	require.Equal(t, "90m", FormatWindow(90*time.Minute))
	for _, p := range []Policy{{}, {Order: Ordered}, {Order: Ordered, Window: 1}, {Order: Ordered, Window: 1, Entry: Best}, {Order: Ordered, Window: 1, Entry: Best, Ties: Exact}} {
		require.Error(t, p.Validate())
	}
}

func TestRulesOfAPolicyAreSpelledOutAndChecked(t *testing.T) {
	good := Policy{Order: Ordered, Window: time.Hour, Entry: Best, Ties: EitherOrder, Conversions: InWindow}
	full := good
	full.CountBy, full.Within, full.Exclusions, full.OnExclusion = "sessionId", []time.Duration{0, time.Minute}, make([]Exclusion, 2), Stop
	full.Hold, full.Count = []string{"channel", "properties.x"}, Entries
	require.NoError(t, full.Validate())
	require.Equal(t, "countBy=sessionId order=Ordered window=1h entry=Best ties=EitherOrder conversions=Window maturity=WindowEnded oneEvent=OneStage"+
		" touchpoint=FirstListed optional=RequiredFirst persona=AtEntry within[1]=1m exclusions=2 onExclusion=Stop holdConstant=channel,properties.x"+
		" count=Entries", full.String())
	other := good
	other.Grace, other.Compat = 2*time.Second, []Compat{StrictOrder, AllowReentry}
	require.Contains(t, other.String(), " grace=2s compat=StrictOrder,AllowReentry")
	for want, change := range map[string]func(p *Policy){
		"spec.progression.exclusions: at most 8 exclusions":                           func(p *Policy) { p.Exclusions, p.OnExclusion = make([]Exclusion, 9), Stop },
		`spec.progression.onExclusion: there is no choice ""`:                         func(p *Policy) { p.Exclusions = make([]Exclusion, 1) },
		"spec.progression.holdConstant: at most 3 keys":                               func(p *Policy) { p.Hold = make([]string, 4) },
		`spec.progression.count: there is no choice "x"`:                              func(p *Policy) { p.Count = "x" },
		"spec.progression.grace: has to be positive":                                  func(p *Policy) { p.Grace = -1 },
		"spec.progression.grace: needs the order Ordered, and no ties Exact":          func(p *Policy) { p.Grace, p.Ties = 1, Exact },
		"spec.progression.grace: cannot go with a stage's within":                     func(p *Policy) { p.Grace, p.Within = 1, []time.Duration{0, 1} },
		"spec.stages: within needs stages in an order":                                func(p *Policy) { p.Order, p.Within = AnyOrder, []time.Duration{0, 1} },
		`spec.progression.compat: there is no rule "x"`:                               func(p *Policy) { p.Compat = []Compat{"x"} },
		"spec.progression.compat: needs the order Ordered and the entry Best":         func(p *Policy) { p.Compat, p.Entry = []Compat{SharedEvents}, First },
		"spec.progression.compat: cannot go with exclusions, holdConstant":            func(p *Policy) { p.Compat, p.Count = []Compat{SharedEvents}, Entries },
		"spec.progression.compat: AllowReentry means something with StrictOrder only": func(p *Policy) { p.Compat = []Compat{AllowReentry} },
	} {
		p := good
		change(&p)
		require.ErrorContains(t, p.Validate(), want)
	}
	for want, x := range map[string]Exclusion{
		`spec.progression.exclusions[0].after: the map has no stage "none"`:                       {After: "none"},
		"spec.progression.exclusions[0]: the stage in after has to come before the one in before": {After: "buy", Before: "see"},
	} {
		p := good
		p.Exclusions, p.OnExclusion = []Exclusion{x}, Discard
		_, err := NewProgression(TwoStages().Stages, p)
		require.ErrorContains(t, err, want)
	}
	held := good
	held.Hold = []string{"nothing"}
	_, err := NewEngine(Plan{Map: TwoStages(), Policy: held, Periods: []Period{Lookback(100, 10, held)}})
	require.ErrorContains(t, err, `spec.progression.holdConstant[0]: there is no key "nothing"`)
	optional := TwoStages()
	optional.Stages = append(optional.Stages, Stage{Name: "rate", Optional: true})
	compat := good
	compat.Compat = []Compat{SharedEvents}
	_, err = NewProgression(optional.Stages, compat)
	require.ErrorContains(t, err, "spec.progression.compat: cannot go with optional stages")
}

func TestNeedsAskForNoMoreThanThePlanReads(t *testing.T) {
	plan := Plan{Map: TwoStages()}
	require.Equal(t, Needs{}, plan.Needs())
	plan.Exclude = []Condition{{Key: "properties.x", Operator: Exists}, {Key: "traits.x", Operator: Exists}}
	require.Equal(t, Needs{Properties: true, Traits: true, History: true}, plan.Needs())
	plan.Map.Personas = []Persona{{Name: "p", Where: []Condition{{Key: "groups.x", Operator: Exists}}}}
	plan.KPIs = []KPI{{Measure: AverageOrderValue{}}, {Measure: NetPromoterScore{}}}
	require.Equal(t, Needs{Properties: true, Traits: true, Groups: true, Money: true, Survey: true, History: true}, plan.Needs())
	plan.Map.Stages[0].Touchpoints[0].Match[0].Where = []Condition{{Key: "sessionId", Operator: Exists}}
	require.True(t, plan.Needs().SessionID)
}
