// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package review

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Advice reports probable mistakes that the operator accepts.
func TestAdvice(t *testing.T) {
	const more = `
---
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: main}
spec: {backend: {embedded: {storage: {size: 1Gi}}}}
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: till}
spec: {storeRef: {name: default}, channel: store, transport: {cloudEvents: {secretRef: {name: token}}}}
`
	text := strings.NewReplacer(
		"storeRef: {name: default}\n", "storeRef: {name: default}\n  sources: [{name: till}, {name: tills}]\n",
		"{name: buy, touchpoints: [{name: buy, match: [{event: Order Completed}]}]}",
		`{name: buy, within: 36h, touchpoints: [{name: buy, match: [{event: "Order Completed "}]}]}`,
	).Replace(manifests)
	set, said := loaded(t, text+more)
	require.Empty(t, said)
	want := []string{
		`TouchpointSource till: spec.storeRef.name: the manifests have no EventStore "default", but main; it must exist on the cluster`,
		`JourneyMap shop: spec.storeRef.name: the manifests have no EventStore "default", but main; it must exist on the cluster`,
		`JourneyMap shop: spec.sources[1].name: the manifests have no TouchpointSource "tills", but till; it must exist on the cluster`,
		`JourneyMap shop: spec.stages[1].within: 36h is longer than the window of 1d, which ends first`,
		`JourneyMap shop: it matches "Order Completed ", but names of events have no spaces around them. Use "Order Completed"`,
	}
	require.Equal(t, want, Advice(set))
	set, _ = loaded(t, manifests)
	require.Empty(t, Advice(set), "what manifests leave to the cluster as a whole is no slip")
}

// Duplicate names are refused like in the API server.
func TestDuplicateNames(t *testing.T) {
	for from, to := range map[string]string{
		"- {name: buy, touch":            "- {name: look, touch",
		"- {name: order-value":           "- {name: conversion",
		"storeRef: {name: default}\n  s": "storeRef: {name: default}\n  sources: [{name: web}, {name: web}]\n  s",
	} {
		require.Contains(t, manifests, from)
		_, said := loaded(t, strings.Replace(manifests, from, to, 1))
		require.Contains(t, said, "Duplicate value", to)
	}
}

// A report cannot use a map of another namespace. Objects without a namespace are in that of the others.
func TestMapInAnotherNamespace(t *testing.T) {
	in := func(ofMap, ofReport string) string {
		text := strings.Replace(manifests, "metadata: {name: shop}", "metadata: {name: shop"+ofMap+"}", 1)
		return strings.Replace(text, "metadata: {name: kpis}", "metadata: {name: kpis"+ofReport+"}", 1)
	}
	_, said := loaded(t, in(", namespace: east", ", namespace: west"))
	require.Contains(t, said, `MetricReport kpis: spec.journeyMapRef.name: JourneyMap "shop" is in the namespace east, but a report needs a map in its own namespace, which is west`)
	for _, text := range []string{in(", namespace: east", ""), in("", ", namespace: east"), in(", namespace: east", ", namespace: east"), in("", "")} {
		_, said := loaded(t, text)
		require.Empty(t, said)
	}
}

// Each invalid field is reported once, even if the schema, the operator and a report that inherits it all report it.
func TestEachErrorIsReportedOnce(t *testing.T) {
	for _, zone := range []string{"+02:00", "Mars/Olympus"} {
		text := strings.Replace(manifests, "analysis: {lookback: 30d}\n---", "analysis: {lookback: 30d, timeZone: \""+zone+"\"}\n---", 1)
		_, said := loaded(t, text)
		require.Equal(t, 1, strings.Count(said, "spec.analysis.timeZone: "), said)
		require.NotContains(t, said, "MetricReport")
	}
}
