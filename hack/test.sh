#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make test: all tests, and how many minutes each step took. Unit tests and suites with an API server run in parallel with those of the cluster, which
# mostly wait. The output of each of the two lanes is shown when it ends. make test-full ("full"): the long ones as well: all of GitOps, a thousand
# kills of the store, an hour without a Warning, a minute for each fuzz target, and 2,000 draws for each property.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
if [ "${1:-}" = full ]; then
  export JOURNEYMAN_FULL=1 JOURNEYMAN_FIRST_MINUTES=${JOURNEYMAN_FIRST_MINUTES:-60}
fi
mkdir -p "$REPORTS"
rm -f "$REPORTS"/steps*.tsv "$REPORTS"/lane-*.log
steps() { echo "$REPORTS/steps${1:+-$1}.tsv"; } # of a lane
export JOURNEYMAN_STEPS
JOURNEYMAN_STEPS=$(steps)
collect_failures

# minutes: prints the steps, those of each lane together.
minutes() {
  say "Minutes of each step"
  local name file
  for name in '' "${names[@]}"; do
    file=$(steps "$name")
    [ -s "$file" ] || continue
    [ -z "$name" ] || echo "$name, in parallel:"
    awk -F'\t' '$2 != "" { printf "%6.1f  %s%s\n", $1 / 60, $3, $2 == 0 ? "" : " (failed)" }' "$file"
  done
  printf '%6.1f  in all\n' "$(awk "BEGIN { print $SECONDS / 60 }")"
}

# lane NAME COMMAND...: starts a command in parallel with others, in a process group of its own, so that all of it can be ended.
names=()
declare -A lane_of=()
lane() {
  local name=$1
  shift
  set -m
  JOURNEYMAN_STEPS=$(steps "$name") "$@" > "$REPORTS/lane-$name.log" 2>&1 &
  set +m
  lane_of[$name]=$!
  names+=("$name")
}

# news NAME: prints the steps of a lane that began or ended since the last call.
declare -A seen=()
news() {
  local file lines
  file=$(steps "$1")
  [ -e "$file" ] || return 0
  lines=$(wc -l < "$file")
  tail -n "+$((${seen[$1]:-0} + 1))" "$file" | head -n "$((lines - ${seen[$1]:-0}))" | awk -F'\t' -v lane="$1" -v now="$((SECONDS / 60))" \
    '{ printf "[%d min] %s: %s%s\n", now, lane, $3, $2 == "" ? " …" : ($2 == 0 ? ": passed" : ": FAILED") sprintf(" in %.1f min", $1 / 60) }'
  seen[$1]=$lines
}

# join: waits for all lanes, shows the output of each when it ends, and fails if one failed.
join() {
  local name rc failed=0
  while [ ${#lane_of[@]} -gt 0 ]; do
    sleep 1
    for name in "${!lane_of[@]}"; do
      if kill -0 "${lane_of[$name]}" 2>/dev/null; then
        news "$name"
        continue
      fi
      rc=0
      wait "${lane_of[$name]}" || rc=$?
      unset "lane_of[$name]"
      news "$name"
      say "Output of $name, exit code $rc"
      cat "$REPORTS/lane-$name.log"
      [ "$rc" = 0 ] || failed=$rc
    done
  done
  return "$failed"
}

at_end() {
  local name
  for name in "${!lane_of[@]}"; do # where this script is ended
    kill -TERM -- "-${lane_of[$name]}" 2>/dev/null && wait "${lane_of[$name]}" || true
  done
  minutes
  repeat_failures
}
trap at_end EXIT
trap 'exit 130' INT TERM

# Both lanes need these. What is there already takes a few seconds.
tools() { hack/test-unit.sh --tools && hack/test-e2e.sh --tools; }
timed "Tools, API server and cluster for the tests" tools
# What computes gives way to the cluster, whose kubelet and probes have deadlines.
lane unit nice -n 10 hack/test-unit.sh
lane cluster hack/test-e2e.sh
join
[ "${1:-}" != full ] || hack/test-gitops.sh
