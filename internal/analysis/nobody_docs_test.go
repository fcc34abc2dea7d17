// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// everyNumber has every KPI and every table, named like its field in the API.
const everyNumber = `
analysis: {lookback: 10d}
currency: EUR
events:
- {name: visit, match: [{event: Visited}]}
- {name: order, match: [{event: Order Completed}]}
- {name: asked, match: [{event: Asked}]}
- {name: answered, match: [{event: Answered}]}
- {name: old, match: [{event: Visited, where: [{key: properties.variant, operator: In, values: [a]}]}]}
- {name: new, match: [{event: Visited, where: [{key: properties.variant, operator: In, values: [b]}]}]}
kpis:
- {name: conversionRate, measure: {conversionRate: {from: visit, to: buy}}}
- {name: dropOffRate, measure: {dropOffRate: {stage: visit}}}
- {name: averageOrderValue, measure: {averageOrderValue: {}}}
- {name: netPromoterScore, measure: {netPromoterScore: {}}}
- {name: eventCount, measure: {eventCount: {event: visit}}}
- {name: ratio, measure: {ratio: {numerator: order, denominator: visit}}}
- {name: revenue, measure: {revenue: {}}}
- {name: repeatPurchaseRate, measure: {repeatPurchaseRate: {}}}
- {name: purchaseFrequency, measure: {purchaseFrequency: {}}}
- {name: churnRate, measure: {churnRate: {event: visit, inactivity: 3d}}}
- {name: retentionRate, measure: {retentionRate: {event: visit}}}
- {name: customerLifetimeValue, measure: {customerLifetimeValue: {}}}
- {name: customerSatisfaction, measure: {customerSatisfaction: {}}}
- {name: customerEffortScore, measure: {customerEffortScore: {}}}
- {name: value, measure: {value: {event: visit, key: properties.minutes, statistic: Sum}}}
- {name: timeBetween, measure: {timeBetween: {from: asked, to: answered, within: 1d}}}
- {name: timeBetween-key, measure: {timeBetween: {from: asked, to: answered, key: properties.ticket, within: 1d}}}
- {name: share, measure: {share: {of: visit, event: order, within: 1d}}}
- {name: share-key, measure: {share: {of: asked, event: answered, key: properties.ticket, within: 1d}}}
- {name: bounceRate, measure: {bounceRate: {event: visit}}}
- {name: exitRate, measure: {exitRate: {event: visit}}}
tables:
- {name: funnel, funnel: {}}
- {name: trend, trend: {from: visit, to: buy, period: Day}}
- {name: time-to-convert, timeToConvert: {from: visit, to: buy, bins: 4}}
- {name: stickiness, stickiness: {event: visit, period: Day}}
- {name: paths, paths: {items: [{event: visit}, {event: order}], steps: 3, sessionGap: 2h}}
- {name: attribution, attribution: {touch: visit, conversion: order, by: Property, key: properties.campaign, model: Linear, credit: Revenue}}
- {name: transitions, transitions: {between: Events}}
- {name: drivers, drivers: {minCustomers: 1}}
- {name: retention, retention: {start: order, return: order, period: Day, cohorts: 9}}
- {name: lifecycle, lifecycle: {event: visit, period: Day}}
- {name: condition-retention, conditionRetention: {conditions: [{event: visit}, {event: order}]}}
- {name: rfm, rfm: {}}
- {name: lifetime-value, lifetimeValue: {months: 12}}
- {name: experiment, experiment: {control: {name: old, exposure: old}, variants: [{name: new, exposure: new}], conversion: order, within: 1d, method: FixedHorizon}}
`

// lifeOf returns events of a customer that all numbers count.
func lifeOf(p int) []event.Event {
	answer := func(kind string, score, scale int64) event.Event {
		e := say(p, "Survey Responded", 5*day-3*hour)
		e.Survey = event.Survey{Kind: kind, Score: score * event.MicroUnits, Scale: scale * event.MicroUnits}
		return e
	}
	list := []event.Event{
		say(p, "Visited", 15*day), say(p, "Visited", 12*day), say(p, "Visited", 5*day), bought(p, 5*day-hour, fmt.Sprint("o", p), int64(10*p)),
		bought(p, 4*day, fmt.Sprint("again", p), int64(p)), answer("nps", int64(p)%11, 10), answer("csat", 1+int64(p)%5, 5), answer("ces", 1+int64(p)%7, 7),
		say(p, "Asked", 5*day), say(p, "Answered", 5*day-time.Duration(p)*time.Minute),
	}
	for i := range list {
		list[i].SessionID = fmt.Sprint("s", p)
		list[i].Properties = fmt.Appendf(nil, `{"minutes":%d,"ticket":"t%d","campaign":"c%d","variant":"%s"}`, p, p, p, []string{"a", "b"}[p%2])
	}
	return list
}

// documentedForNobody reads the table of docs/numbers.md: whether a KPI, by its page, or "tables" counts unidentified events.
func documentedForNobody(t *testing.T) map[string]bool {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "numbers.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "### Events of nobody")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	out := map[string]bool{}
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[2]), "yes") && !strings.HasPrefix(strings.TrimSpace(cells[2]), "no") {
			continue
		}
		counts := strings.HasPrefix(strings.TrimSpace(cells[2]), "yes")
		for _, link := range regexp.MustCompile(`\(kpis/([a-z-]+\.md)\)`).FindAllStringSubmatch(cells[1], -1) {
			require.NotContains(t, out, link[1], "the table has it twice")
			out[link[1]] = counts
		}
		for _, word := range []string{"all tables", "countBy", "coverage", "summary"} {
			if strings.Contains(cells[1], word) {
				out[word] = counts
			}
		}
	}
	return out
}

// The KPIs that change with unidentified events are those that the docs name.
func TestUnidentifiedEventsCountAsDocumented(t *testing.T) {
	says := documentedForNobody(t)
	index, err := os.ReadFile(filepath.Join("..", "..", "docs", "kpis", "README.md"))
	require.NoError(t, err)
	var report v1alpha1.MetricReportSpec
	require.NoError(t, yaml.UnmarshalStrict([]byte(everyNumber), &report))
	requireAll[v1alpha1.Measure](t, len(report.KPIs), func(i int) any { return report.KPIs[i].Measure })
	requireAll[v1alpha1.Table](t, len(report.Tables), func(i int) any { return report.Tables[i] })

	var named, all []event.Event
	for _, p := range []int{1, 2, 3} {
		named = append(named, lifeOf(p)...)
	}
	all = append(all, named...)
	for _, p := range []int{14, 16} {
		for _, e := range lifeOf(p) {
			all = append(all, ofNobody(e))
		}
	}
	compute := func(countBy *v1alpha1.CountBy, events []event.Event) *v1alpha1.MetricReportStatus {
		spec := visitMap()
		spec.CountBy = countBy
		doc := mapDocument(spec)
		doc.Kind, doc.Report = v1alpha1.MetricReportKind, &report
		out, err := runOf(doc, storeWith(t, append([]event.Event(nil), events...)...)).Compute(t.Context())
		require.NoError(t, err)
		return out.(*v1alpha1.MetricReportStatus)
	}
	without, with := compute(nil, named), compute(nil, all)
	sessions := &v1alpha1.CountBy{Key: "sessionId"}
	fewer, more := compute(sessions, named), compute(sessions, all)
	require.True(t, says["countBy"])
	for i, k := range without.KPIs {
		name, _, _ := strings.Cut(string(k.Name), "-")
		link := regexp.MustCompile(`\[` + name + `\]\(([a-z-]+\.md)\)`).FindSubmatch(index)
		require.NotNil(t, link, name)
		counts, known := says[string(link[1])]
		require.True(t, known, "docs/numbers.md does not say whether %s counts events of nobody", name)
		require.NotEmpty(t, k.Value, "%s says nothing of the customers here", k.Name)
		require.Equal(t, counts, !reflect.DeepEqual(k, with.KPIs[i]), "%s: %v without, %v with events of nobody", k.Name, k, with.KPIs[i])
		require.NotEqual(t, fewer.KPIs[i], more.KPIs[i], "%s by session", k.Name)
	}
	for i, table := range without.Tables {
		require.Positive(t, table.Samples, table.Name)
		require.Equal(t, says["all tables"], !reflect.DeepEqual(table, with.Tables[i]), table.Name)
		require.NotEqual(t, fewer.Tables[i], more.Tables[i], "%s by session", table.Name)
	}
	require.EqualValues(t, 2*len(lifeOf(1))-2*2, with.Trace.Analysis.Unidentified, "those of the analysed time")
}

// requireAll requires that n values together set every pointer field of T.
func requireAll[T any](t *testing.T, n int, value func(i int) any) {
	for f := range reflect.TypeFor[T]().NumField() {
		field := reflect.TypeFor[T]().Field(f)
		set := field.Type.Kind() != reflect.Pointer
		for i := range n {
			set = set || !reflect.ValueOf(value(i)).Field(f).IsZero()
		}
		require.True(t, set, "%s is missing: say in docs/numbers.md whether it counts events of nobody, and add it here", field.Name)
	}
}
