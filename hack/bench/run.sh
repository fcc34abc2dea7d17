#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make bench: CPU time and acknowledgement times of ingestion, time and memory of the analysis, with the real programs as
# processes of this machine. BENCH=short for a quick look; BENCH_DIR is where the data lie (default: a new folder that is removed).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$ROOT"
ensure_build_packages
say "Programs"
hack/build.sh store ingest metrics
dir=${BENCH_DIR:-}
if [ -z "$dir" ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
fi
go run ./hack/bench -bin "$ROOT/bin" -dir "$dir" -samples config/samples ${BENCH:+-size "$BENCH"} "$@"
