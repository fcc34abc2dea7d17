// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package argocd does with the samples what Argo CD does, on a real API server with the real operator: waves, comparisons with Git, updates that
// are ignored.
package argocd
