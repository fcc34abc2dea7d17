// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package review

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

const manifests = previewtest.Manifests

// loaded returns the manifests and all errors about them.
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

// Specs that the operator would reject as Stalled are reported with the field.
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

// All errors are reported at once: of the schema, of rules, unknown fields, and those of the operator, for all objects.
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
		"MetricReport kpis: metadata.name: the manifests have two objects of this name",
	} {
		require.Contains(t, said, want)
	}
}
