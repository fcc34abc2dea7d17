// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
)

// loaded gives the manifests and all that is wrong with them.
func loaded(t *testing.T, text string) (*manifest.Set, string) {
	t.Helper()
	set, err := manifest.Load(t.Context(), []string{"-"}, strings.NewReader(text))
	require.NotNil(t, set)
	var said []string
	if err != nil {
		said = append(said, err.Error())
	}
	if err := Check(set); err != nil {
		said = append(said, err.Error())
	}
	return set, strings.Join(said, "\n")
}

// TestStalled refuses what the operator would call Stalled, each with its field.
func TestStalled(t *testing.T) {
	for analysis, want := range map[string]string{
		`{schedule: "TZ=Asia/Tokyo 0 6 * * *"}`:       "spec.analysis.schedule",
		`{schedule: "CRON_TZ=UTC 0 6 * * *"}`:         "spec.analysis.schedule",
		`{schedule: "0 0 31 2 *"}`:                    "JourneyMap shop: spec.analysis.schedule: Invalid value: \"0 0 31 2 *\": no day fits this schedule",
		`{schedule: "0 6 * * * *"}`:                   "JourneyMap shop: spec.analysis.schedule",
		`{schedule: "@daily"}`:                        "spec.analysis.schedule",
		`{lookback: 30d, timeZone: Local}`:            "spec.analysis.timeZone",
		`{lookback: 30d, timeZone: Mars/Olympus}`:     "JourneyMap shop: spec.analysis.timeZone: Invalid value: \"Mars/Olympus\": this time zone is not known",
		`{schedule: "0 6 * * 1-5", timeZone: Africa}`: "JourneyMap shop: spec.analysis.timeZone",
	} {
		_, said := loaded(t, strings.Replace(manifests, "analysis: {lookback: 30d}\n---", "analysis: "+analysis+"\n---", 1))
		require.Contains(t, said, want, analysis)
	}
	_, said := loaded(t, manifests)
	require.Empty(t, said)
}

// TestAllMistakes are named at once: of the schema, of the rules, unknown fields, and what only the operator says, of all objects.
func TestAllMistakes(t *testing.T) {
	const more = `
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: till}
spec:
  storeRef: {name: other}
  chanel: store
  transport: {webhook: {unauthenticated: {}}}
  channel: store
  mapping:
  - {when: 'body.type ==', drop: {}}
  - {event: {name: nope(1), identities: {customerId: body.id}}}
---
apiVersion: journeyman.dev/v1alpha1
kind: MetricReport
metadata: {name: kpis}
spec:
  journeyMapRef: {name: shopp}
  analysis: {schedule: "0 0 30 2 *"}
  kpis: [{name: x, measure: {dropOffRate: {stage: nowhere}}}]
`
	text := strings.Replace(manifests, "storeRef: {name: default}\n", "storeRef: {name: default}\n  sources: [{name: till}]\n  goal: 7\n", 1)
	text = strings.Replace(text, "{from: look, to: buy}", "{from: look, to: by}", 1)
	text = strings.Replace(text, "analysis: {lookback: 30d}\n---", "analysis: {lookback: 30d, timeZone: Nowhere}\n---", 1)
	_, said := loaded(t, text+more)
	for _, want := range []string{
		"spec.goal", "spec.analysis.timeZone", "JourneyMap shop: spec.sources[0].name: TouchpointSource till feeds EventStore other",
		"spec.chanel", "spec.mapping[0].when", "spec.mapping[1].event.name",
		`MetricReport kpis: spec.kpis[0].measure.conversionRate.to: JourneyMap shop has no stage "by"; it has look, buy`,
		"MetricReport kpis: spec.analysis.schedule", `MetricReport kpis: spec.journeyMapRef.name: the manifests have no JourneyMap "shopp"`,
		"MetricReport kpis: metadata.name: the manifests have two of that name",
	} {
		require.Contains(t, said, want)
	}
}

// TestAccepted checks manifests without events.
func TestAccepted(t *testing.T) {
	set, said := loaded(t, manifests)
	require.Empty(t, said)
	objects, err := Accepted(t.Context(), set, time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Len(t, objects, 2)
	require.Equal(t, []string{"JourneyMap", "shop", "MetricReport", "kpis"},
		[]string{objects[0].Kind, objects[0].Metadata.Name, objects[1].Kind, objects[1].Metadata.Name})
	require.Nil(t, objects[0].Status)
	set, _ = loaded(t, strings.Replace(manifests, "JourneyMap\nmetadata: {name: shop}", "JourneyMap\nmetadata: {name: shop2}", 1))
	_, err = Accepted(t.Context(), set, time.Now())
	require.ErrorContains(t, err, `the manifests have no JourneyMap "shop"`)
}

// TestTableRows shows the rows that a status has no room for.
func TestTableRows(t *testing.T) {
	text := strings.Replace(manifests, "  kpis:\n", "  tables:\n  - {name: days, trend: {period: Day, from: look, to: buy}}\n  kpis:\n", 1)
	text = strings.ReplaceAll(text, "lookback: 30d", "lookback: 200d")
	events := "event,time,customerId,price\n"
	for day := range 150 {
		at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		events += fmt.Sprintf("Looked,%s,c%d,4\n", at.Format(time.RFC3339), day)
	}
	path := write(t, "events.csv", events)
	for rows, most := range map[int]int{0: 100, 120: 120, 5000: 5000} {
		set, said := loaded(t, text)
		require.Empty(t, said)
		p, err := Open(t.Context(), Options{Manifests: set, Events: Files(path), Rows: rows, Log: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		objects, err := p.Objects(t.Context())
		require.NoError(t, err)
		table := objects[1].Status.(*v1alpha1.MetricReportStatus).Tables[0]
		require.Greater(t, int64(len(table.Rows))+table.LeftOut, int64(140))
		require.Equal(t, most < 140, len(table.Rows) == most, "%d rows", len(table.Rows))
		require.Equal(t, "2026-05-30T00:00:00Z", table.Rows[len(table.Rows)-1].Values[0], "the newest ones are there")
		require.NoError(t, p.Close())
	}
}
