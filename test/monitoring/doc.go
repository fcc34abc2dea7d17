// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package monitoring holds alerts, runbooks and dashboards to what they promise: rules by promtool's own tests, texts and pages by reading them.
// What takes Prometheus' parser is tested in hack/tools/prometheus, whose module pins it; what takes a cluster in test/helm.
package monitoring
