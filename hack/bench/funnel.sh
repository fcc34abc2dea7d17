#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make bench-funnel: measures a funnel of five stages over many events, with the store and the analysis job as processes, and with ClickHouse and
# DuckDB.
# EVENTS is the number of events (16 million); BENCH=short uses one million. CLICKHOUSE=host:port is an HTTP interface to use instead of a local
# server.
# BENCH_DIR keeps the filled folders for later runs (default: a temporary folder). Arguments are passed to the program.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
cd "$ROOT"
ensure_build_packages
command -v g++ >/dev/null || die "preflight: gcc and g++ are missing, which linking DuckDB needs; on Debian and Ubuntu: apt-get install gcc g++"
# Debian's server is installed but not started as a service: the benchmark starts its own server with its own folder.
if [ -z "${CLICKHOUSE:-}" ] && ! command -v clickhouse-server >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "preflight: installing clickhouse-server"
    { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends clickhouse-server >/dev/null; } ||
      echo "preflight: clickhouse-server could not be installed"
  else
    echo "preflight: clickhouse-server is missing; on Debian and Ubuntu: apt-get install clickhouse-server"
  fi
fi
say "Programs"
hack/build.sh store analysis
dir=${BENCH_DIR:+$(realpath "$BENCH_DIR")}
if [ -z "$dir" ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
fi
events=${EVENTS:-16000000}
[ "${BENCH:-full}" != short ] || events=${EVENTS:-1000000}
keep=true
[ -n "${BENCH_DIR:-}" ] || keep=false
# A separate module, because of DuckDB.
cd hack/bench/funnel
CGO_ENABLED=1 GOFLAGS="-mod=readonly -tags=netgo,osusergo,duckdb_arrow" \
  go run . -bin "$ROOT/bin" -dir "$(realpath "$dir")" -samples "$ROOT/config/samples" -events "$events" -keep="$keep" "$@"
