// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package previewtest has what the tests of previews share: a map and a report, and files.
package previewtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/manifest"
)

// Manifests are a map of two stages and a report.
const Manifests = `
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: shop}
spec:
  storeRef: {name: default}
  stages:
  - {name: look, touchpoints: [{name: look, match: [{event: Looked, where: [{key: properties.price, operator: GreaterThan, values: ["1"]}]}]}]}
  - {name: buy, touchpoints: [{name: buy, match: [{event: Order Completed}]}]}
  progression: {order: Ordered, window: 1d}
  analysis: {lookback: 30d}
---
apiVersion: journeyman.dev/v1alpha1
kind: MetricReport
metadata: {name: kpis}
spec:
  journeyMapRef: {name: shop}
  analysis: {lookback: 30d}
  currency: EUR
  kpis:
  - {name: conversion, measure: {conversionRate: {from: look, to: buy}}, target: {atLeast: "0.6"}}
  - {name: order-value, measure: {averageOrderValue: {}}}
`

// SourceOf returns the manifest of a source, behind others.
func SourceOf(name, rest string) string {
	return "\n---\napiVersion: journeyman.dev/v1alpha1\nkind: TouchpointSource\nmetadata: {name: " + name + "}\nspec:\n  storeRef: {name: default}\n  channel: web\n" + rest
}

// Load reads manifests that are right.
func Load(t *testing.T, text string) *manifest.Set {
	t.Helper()
	set, err := manifest.Load(t.Context(), []string{"-"}, strings.NewReader(text))
	require.NoError(t, err)
	return set
}

// Write makes a file, and gives its path.
func Write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
