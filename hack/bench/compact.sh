#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# compact.sh BEFORE [AFTER]: compares the cost of flushing the log and merging files at two commits. The default of AFTER is HEAD. The commits
# alternate RUNS times (3). JOURNEYMAN_BENCH_FLUSH and JOURNEYMAN_BENCH_MERGE are millions of events (2 and 8). BENCH_DIR keeps the stores for later
# runs. Each commit has its own, because formats can differ.
# Commits that link DuckDB need gcc and g++.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
before=${1:?usage: compact.sh BEFORE [AFTER]}
after=${2:-HEAD}
work=$(mktemp -d)
trap 'for of in before after; do git worktree remove --force "$work/$of" 2>/dev/null || true; done; rm -rf "$work"' EXIT
stores=${BENCH_DIR:-$work/stores}
build() {
  git worktree add -q --detach "$work/$1" "$2"
  (cd "$work/$1" && CGO_ENABLED=1 GOFLAGS=-tags=netgo,osusergo,duckdb_arrow go test -c -o "$work/$1.test" ./internal/store/embedded)
}
build before "$before"
build after "$after"
for _ in $(seq "${RUNS:-3}"); do
  for of in before after; do
    (cd "$work/$of/internal/store/embedded" && JOURNEYMAN_BENCH_DIR=$stores/$of "$work/$of.test" -test.run '^$' -test.bench BenchmarkCompact -test.benchtime 1x) |
      sed -n "s/^BenchmarkCompact/$of /p"
  done
done
