// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package helm installs, upgrades and uninstalls the chart on a real cluster with Helm. hack/test-e2e.sh runs it.
package helm
