// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitops lets Flux's own controllers install and keep chart and journeys on a cluster, from a real Git server. hack/test-gitops.sh runs it.
package gitops
