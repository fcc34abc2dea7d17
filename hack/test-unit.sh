#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Unit tests by go test, and the suites that start an API server by Ginkgo's CLI (etcd and kube-apiserver are built from their Go modules
# the first time). LABELS takes a part of the suites, TESTFLAGS are flags of go test, JOURNEYMAN_SEED fixes what property tests draw.
# test-e2e.sh runs what needs a cluster. With --tools, it only builds what the tests need.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
prepare() {
  KUBEBUILDER_ASSETS=$(hack/cluster/prepare.sh --envtest) && hack/tools/build.sh helm && hack/tools/build.sh helm3 &&
    hack/tools/build.sh prometheus/promtool && JOURNEYMAN_CRDS=$(hack/tools/crds.sh) || return
  hack/tools/build.sh versitygw || say "Tests with versitygw: not run, it cannot be built here"
  hack/tools/build.sh nats-server || say "Tests with nats-server: not run, it cannot be built here"
}
if [ "${1:-}" = --tools ]; then
  prepare
  exit
fi
collect_failures
trap repeat_failures EXIT
timed "API server, Helm and promtool for the tests" prepare
export KUBEBUILDER_ASSETS JOURNEYMAN_CRDS
prometheus() { (cd hack/tools/prometheus && GOFLAGS=-mod=readonly tested go test ./...); }
timed "Expressions of alerts and dashboards, by Prometheus' parser" prometheus
suites=(api operator argocd chart)
# packages: prints the packages for go test, one per line, followed by "drawn" if the package has property tests.
packages() {
  go list -f '{{.ImportPath}}{{range .TestImports}}{{if eq . "pgregory.net/rapid"}} drawn{{end}}{{end}}{{range .XTestImports}}{{if eq . "pgregory.net/rapid"}} drawn{{end}}{{end}}' ./... |
    grep -Ev "/test/($(IFS='|'; echo "${suites[*]}")|e2e|helm|netpol|gitops)( drawn)*\$"
}
# unit FLAGS: tests the packages that stdin lists, two at a time, because some start an API server or a store.
unit() { tested go test -p 2 -timeout "$([ -z "${JOURNEYMAN_FULL:-}" ] && echo 25m || echo 90m)" ${TESTFLAGS:-} $(cat) "$@"; }
units() {
  # hack/tools/release is a Go module of its own.
  (cd hack/tools/release && GOFLAGS=-mod=readonly tested go test ./...) || return
  if [ -n "${JOURNEYMAN_SEED:-}" ]; then
    # With a fixed seed, property tests draw the same values in each run, so that a change cannot fail for an older bug by chance.
    packages | awk '!/ drawn/ {print $1}' | unit && packages | awk '/ drawn/ {print $1}' | unit -rapid.seed="$JOURNEYMAN_SEED"
  else
    packages | awk '{print $1}' | unit
  fi
}
timed "Unit tests" units
# make test-full draws twenty times as many values, with a new seed each time.
drawn() { packages | awk '/ drawn/ {print $1}' | unit -rapid.checks=2000; }
[ -z "${JOURNEYMAN_FULL:-}" ] || timed "Property tests, longer" drawn
# A Go module of its own tests that DuckDB can read the store's files. Only this module needs a C++ compiler.
duckdb() { (cd hack/bench/funnel && CGO_ENABLED=1 GOFLAGS="-mod=readonly -tags=netgo,osusergo,duckdb_arrow" tested go test ./...); }
if command -v g++ >/dev/null; then
  timed "DuckDB reads the store's files" duckdb
else
  say "DuckDB reads the store's files: not run, g++ is missing"
fi
suite() { build_specs "$1" && specs "$1" "$1" "$(parallel_specs)"; }
for name in "${suites[@]}"; do
  timed "Specs of test/$name, with an API server" suite "$name"
done
[ -z "${JOURNEYMAN_FULL:-}" ] || FUZZTIME=${FUZZTIME:-1m} timed "Fuzz targets" hack/fuzz.sh
