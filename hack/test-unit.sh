#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests, and the tests against a real API server (etcd and kube-apiserver are built from their Go modules
# the first time). Everything but test/e2e, test/helm and test/gitops, which test-e2e.sh runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
say "API server for the tests"
KUBEBUILDER_ASSETS=$(hack/cluster/prepare.sh --envtest)
export KUBEBUILDER_ASSETS
say "Helm for the tests of the chart"
hack/tools/build.sh helm
hack/tools/build.sh helm3
say "promtool for the tests of the alerts"
hack/tools/build.sh prometheus/promtool
JOURNEYMAN_CRDS=$(hack/tools/crds.sh)
export JOURNEYMAN_CRDS
say "Expressions of alerts and dashboards, by Prometheus' parser"
(cd hack/tools/prometheus && GOFLAGS=-mod=readonly go test ./...)
say "Tests"
# What packs a release is a module of its own.
(cd hack/tools/release && GOFLAGS=-mod=readonly go test ./...)
# Two packages at once: some start an API server or a store of their own.
go list ./... | grep -Ev '/test/(e2e|helm|gitops)$' | xargs go test -p 2 -timeout 25m ${TESTFLAGS:-}
