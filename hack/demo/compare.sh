#!/usr/bin/env bash
# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Compares the numbers of the status with the truth of the worlds that were sent: exit 1 when any differs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"
worlds=()
for f in "$STATE"/world-*.json; do worlds+=("--world=$f"); done
printf '\nThe same numbers by the simulator'\''s own draws:\n'
bin/simulator compare "${worlds[@]}" --map="$STATE/map.json" --report="$STATE/report.json"
