// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package argocd deploys the samples like Argo CD, on a real API server with the real operator: in waves, with comparisons with Git, and with ignored
// updates.
package argocd
