#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Compares the numbers in the status with the true numbers of the simulated worlds. Exits with 1 if any differ.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
choose_cluster
use_kubectl
rm -f "$STATE"/world-*.json
worlds=()
for n in $(sent_worlds); do
  kubectl -n "$DEMO_NS" get configmap "world-$n" -o jsonpath='{.data.world\.json}' > "$STATE/world-$n.json"
  worlds+=("--world=$STATE/world-$n.json")
done
printf '\nThe same numbers by the simulator'\''s own draws:\n'
bin/simulator compare "${worlds[@]}" --map="$STATE/map.json" --report="$STATE/report.json"
