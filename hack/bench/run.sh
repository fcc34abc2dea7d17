#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make bench: measures CPU time and acknowledgement times of ingestion, time and memory of the analysis, and memory and writes of the operator, with
# the real programs as processes of this machine. BENCH=short is a short run. BENCH_DIR is the folder of the data (default: a temporary folder).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$ROOT"
ensure_build_packages
say "Programs"
hack/build.sh store ingest analysis operator kubectl-journey
dir=${BENCH_DIR:-}
if [ -z "$dir" ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
fi
go run ./hack/bench -bin "$ROOT/bin" -dir "$dir" -samples config/samples ${BENCH:+-size "$BENCH"} "$@"
if [ $# -eq 0 ]; then # arguments choose among the parts above
  say "Operator"
  KUBEBUILDER_ASSETS=$(hack/cluster/prepare.sh --envtest)
  export KUBEBUILDER_ASSETS
  many=(-maps 1000 -sources 1000 -minutes 10)
  [ "${BENCH:-full}" != short ] || many=(-maps 50 -sources 50 -minutes 1)
  mkdir -p "$dir/operator"
  go run ./hack/bench/operator -bin bin/operator -dir "$dir/operator" "${many[@]}"
fi
