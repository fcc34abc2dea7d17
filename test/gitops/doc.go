// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitops tests Flux's own controllers on a cluster: they install the chart and the journeys from a real Git server, and keep them in sync.
// hack/test-gitops.sh runs it.
package gitops
