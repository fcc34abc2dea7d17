// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package monitoring tests alerts, runbooks and dashboards: rules with promtool's own tests, texts and pages by reading them. Tests that need the
// parser of Prometheus are in hack/tools/prometheus, whose module pins it, and those that need a cluster in test/helm.
package monitoring
