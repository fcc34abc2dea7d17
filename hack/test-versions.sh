#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Tests that depend on the API server, with the oldest version in the docs: schemas, defaults and rules of the CRDs, the admission policy, what the
# operator applies and reads, and the writes of the analysis job. All other test runs use the newest version.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
ensure_build_packages
collect_failures
trap repeat_failures EXIT
build_specs api
build_specs operator
for version in ${VERSIONS:-1.35}; do
  why=$(no_time_for "tests with the API server of $version" "one-node-cluster/bin/kube-apiserver-$version" 3 10)
  if [ -n "$why" ]; then
    echo "$why"
    continue
  fi
  KUBEBUILDER_ASSETS=$(hack/cluster/prepare.sh --envtest "$version")
  export KUBEBUILDER_ASSETS
  say "API server $("$KUBEBUILDER_ASSETS/kube-apiserver" --version)"
  timed "Specs of test/api, with $version" specs api "api-$version" "$(parallel_specs)"
  # -count 1, because go test does not notice another server and would return the cached result.
  timed "Writes of the analysis job, with $version" \
    tested go test -count 1 -p 1 -timeout 20m ${TESTFLAGS:-} ./internal/analysis -run 'TwoWriters|Kubectl|Superseded|Conflict|Requested'
  timed "Specs of test/operator, with $version" specs operator "operator-$version" --only versions "$(parallel_specs)"
done
