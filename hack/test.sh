#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# make test: all tests, and how many minutes each step took. make test-full ("full"): the long ones as well: all of GitOps, a thousand kills of the
# store, an hour without a Warning, a minute for each fuzz target, and 10,000 draws for each property.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
mkdir -p "$REPORTS"
export JOURNEYMAN_STEPS=$REPORTS/steps.tsv
: > "$JOURNEYMAN_STEPS"
# minutes: prints the steps in their order.
minutes() {
  say "Minutes of each step"
  awk -F'\t' '{ printf "%6.1f  %s%s\n", $1 / 60, $3, $2 == 0 ? "" : " (failed)" }' "$JOURNEYMAN_STEPS"
  printf '%6.1f  in all\n' "$(awk "BEGIN { print $SECONDS / 60 }")"
}
collect_failures
trap "minutes; repeat_failures" EXIT
if [ "${1:-}" = full ]; then
  export JOURNEYMAN_FULL=1 JOURNEYMAN_FIRST_MINUTES=${JOURNEYMAN_FIRST_MINUTES:-60}
fi
hack/test-unit.sh
hack/test-e2e.sh
if [ "${1:-}" = full ]; then
  hack/test-gitops.sh
  FUZZTIME=${FUZZTIME:-1m} timed "Fuzz targets" hack/fuzz.sh
fi
